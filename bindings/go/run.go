package boucle

import (
	"context"

	"boucle.dev/go/boucle/internal/raw"
)

// RunUntilComplete runs the loop until the awaitable is done, and returns its outcome. Errors of the run itself:
// ErrRunning, ErrStopped, ErrDeadlock (only with a virtual clock), ErrClosed, ErrWrongLoop; ErrInvalid if the awaitable
// is nil or was released. The function RunUntilComplete returns the result with its type.
func (l *Loop) RunUntilComplete(a Awaitable) (any, error) {
	f, err := l.futureOf(a)
	if err != nil {
		return nil, err
	}
	p := f.address()
	if p == 0 {
		return nil, errInvalid()
	}
	held := l.adopt(raw.Future_ref(p)) // the program may release it meanwhile
	defer held.release()
	if err := l.run(p); err != nil {
		return nil, err
	}
	if f.resultKnown() || !f.released {
		return f.result()
	}
	return held.result()
}

// RunUntilComplete is the method of the same name, but returns the result with its type. It is a function because Go's
// methods have no type parameters. Before Go 1.21, T has to be given: RunUntilComplete[int](loop, task).
func RunUntilComplete[T any](l *Loop, a AwaitableOf[T]) (T, error) {
	return As[T](l.RunUntilComplete(a))
}

// RunForever runs the loop until Stop.
func (l *Loop) RunForever() error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	return l.run(0)
}

// Stop ends the run after the present turn. If the loop does not run, its next run ends after one turn.
func (l *Loop) Stop() {
	if !l.closed {
		l.flush()
		raw.Loop_stop(l.ptr)
	}
}

// StopThreadsafe is Stop for other goroutines.
func (l *Loop) StopThreadsafe() { l.CallSoonThreadsafe(l.Stop) }

// run runs the loop until the future is done, or, if that is 0, until it is stopped.
func (l *Loop) run(until uintptr) error {
	l.flush()
	if s := raw.Host_run_begin(l.host.ptr, until); s != 0 {
		return statusError(s)
	}
	l.host.status = 0
	inside, reporting := l.isolatedCalls, l.reporting // the exception handler may call this
	l.isolatedCalls, l.reporting = 0, false
	l.runEvents()
	l.isolatedCalls, l.reporting = inside, reporting
	s := raw.Host_run_end(l.host.ptr)
	if l.host.status != 0 {
		s = l.host.status
	}
	l.afterCall()
	if s == int(raw.LOOP_EEXIT) {
		var p uintptr
		if raw.Loop_take_exit(l.ptr, &p) == 0 {
			return takeError(p)
		}
	}
	return statusError(s)
}

// Run is asyncio.run(): it makes a loop, runs fn as its first task, cancels the tasks that are left, and closes the
// loop. When ctx is done, the task is cancelled; errors.Is then finds ctx.Err() in the error.
func Run[T any](ctx context.Context, fn func(*Ctx) (T, error), opts ...Option) (T, error) {
	var zero T
	l, err := NewLoop(opts...)
	if err != nil {
		return zero, err
	}
	defer l.Close()
	t, err := Go(l, fn, WithContext(ctx))
	if err != nil {
		return zero, err
	}
	t.SetLogDestroyPending(false)
	v, err := RunUntilComplete[T](l, t)
	if e := l.Shutdown(); err == nil && e != nil {
		return zero, e
	}
	return v, err
}

// Shutdown cancels all tasks, runs the loop until they are done, and reports their errors. Run does this at its end. If
// the loop runs, Shutdown cancels nothing and returns ErrRunning.
func (l *Loop) Shutdown() error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	if l.IsRunning() {
		return statusError(int(raw.LOOP_ERUNNING))
	}
	tasks := l.AllTasks()
	if len(tasks) == 0 {
		return nil
	}
	all := make([]Awaitable, len(tasks))
	for i, t := range tasks {
		defer t.Release()
		t.Cancel()
		all[i] = t
	}
	gathered, err := Gather(l, Exceptions, all...)
	if err != nil {
		return err
	}
	defer gathered.Release()
	if err := l.run(gathered.f.address()); err != nil {
		return err
	}
	for _, t := range tasks {
		l.reportShutdownError(t)
	}
	l.afterCall()
	return nil
}

// reportShutdownError reports the error of a task that Shutdown has cancelled.
func (l *Loop) reportShutdownError(t *Task[any]) {
	var p uintptr
	future := t.f.address()
	if raw.Future_exception(future, &p) != 0 || p == 0 {
		return
	}
	raw.Loop_call_exception_handler(l.ptr, "unhandled exception during asyncio.run() shutdown", p, future)
	raw.Exception_unref(p)
}
