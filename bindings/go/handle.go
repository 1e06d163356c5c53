package boucle

import (
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Await suspends the task until the future is done, and returns its result or its error. ErrNoTask if the task of ctx is
// not the one that runs; ErrWrongLoop; ErrInvalid if a is nil or was released. With the type of the result: a.Await(ctx),
// or As[T](Await(ctx, a)).
func Await(ctx *Ctx, a Awaitable) (any, error) {
	f := baseOf(a)
	if f == nil {
		if err := ctx.checkRunning(); err != nil {
			return nil, err
		}
		return nil, errInvalid()
	}
	return f.await(ctx)
}

// Sleep suspends the task.
func Sleep(ctx *Ctx, d time.Duration) error {
	if err := ctx.checkRunning(); err != nil {
		return err
	}
	t := ctx.task
	t.loop.host.endEventAsleep(d)
	t.suspend()
	_, err := t.outcome()
	return err
}

// Future is the outcome of something that may not have happened yet.
type Future[T any] struct{ f *future }

// Task is a future whose outcome is that of a function.
type Task[T any] struct{ Future[T] }

func (f *Future[T]) base() *future {
	if f == nil {
		return nil
	}
	return f.f
}

// NewFuture makes a future.
func NewFuture[T any](l *Loop) (*Future[T], error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.flush()
	var p uintptr
	if s := raw.Loop_create_future(l.ptr, &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[T]{l.adopt(p)}, nil
}

// CreateFuture makes a future.
func (l *Loop) CreateFuture() (*Future[any], error) { return NewFuture[any](l) }

// Await suspends the task of ctx until the future is done.
func (f *Future[T]) Await(ctx *Ctx) (T, error) { return As[T](f.f.await(ctx)) }

// Done says whether there is a result, an error or a cancellation.
func (f *Future[T]) Done() bool { return f.f.done() }

// Cancelled says whether it was cancelled.
func (f *Future[T]) Cancelled() bool { return f.f.cancelled() }

// Result is the result or the error; ErrInvalidState if it is not done.
func (f *Future[T]) Result() (T, error) { return As[T](f.f.result()) }

// Exception is the error, or nil; ErrInvalidState if it is not done.
func (f *Future[T]) Exception() error { return f.f.exception() }

// SetResult completes the future. ErrInvalidState if it is done; ErrNotSupported if it is a task.
func (f *Future[T]) SetResult(v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	s := raw.Future_set_result(f.f.address(), p)
	f.f.loop.afterCall()
	return statusError(s)
}

// SetException completes the future with an error.
func (f *Future[T]) SetException(err error) error {
	if err == nil {
		return errInvalid()
	}
	p := newException(err)
	defer raw.Exception_unref(p)
	s := raw.Future_set_exception(f.f.address(), p)
	f.f.loop.afterCall()
	return statusError(s)
}

// Cancel cancels the future, or asks the task to stop: false if it is done.
func (f *Future[T]) Cancel(message ...string) bool {
	text := ""
	if len(message) > 0 {
		text = message[0]
	}
	return f.f.cancel(text)
}

// AddDoneCallback calls fn in a later turn, once the future is done.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T])) (*Callback, error) {
	l := f.f.loop
	if _, err := l.futureOf(f); err != nil {
		return nil, err
	}
	if fn == nil {
		return nil, errInvalid()
	}
	c := &Callback{loop: l}
	c.fn = func() { fn(f.liveHandle(c.future)) }
	address := f.f.address()
	c.id = l.slots.add(c)
	if s := raw.Host_add_done_callback(l.hostPtr, address, c.id); s != 0 {
		return nil, l.scheduleFailed(c, s)
	}
	return c, nil
}

// liveHandle is the handle, or another one if it was released meanwhile.
func (f *Future[T]) liveHandle(ptr uintptr) *Future[T] {
	if !f.f.released {
		return f
	}
	return &Future[T]{f.f.loop.adopt(raw.Future_ref(ptr))}
}

// RemoveDoneCallback takes it back: false if it was called, or is about to be.
func (f *Future[T]) RemoveDoneCallback(c *Callback) bool {
	l := f.f.loop
	if c == nil || c.id == 0 || c.loop != l || l.closed {
		return false
	}
	var removed uintptr
	if raw.Host_remove_done_callback(l.hostPtr, f.f.address(), c.id, &removed) != 0 {
		return false
	}
	l.afterCall()
	return removed != 0
}

// ID is the same for all handles of one future; that of one which is gone may be given to another.
func (f *Future[T]) ID() uintptr {
	if f.f.id == 0 {
		f.f.address()
	}
	return f.f.id
}

// Release lets go of the future at once, instead of when Go's collector finds the handle: for programs that rely on the
// reports of lost errors, and of tasks that were destroyed while pending. From here on, this handle and those that Any,
// AsTask, Ctx.Task or CurrentTask made of it are of no use: what returns errors says ErrInvalid.
func (f *Future[T]) Release() { f.f.release() }

// Any is the same future, untyped.
func (f *Future[T]) Any() *Future[any] { return &Future[any]{f.f} }

// AsTask is the task that the future is, or nil.
func (f *Future[T]) AsTask() *Task[T] {
	if f.f.task == nil && raw.Future_as_task(f.f.address()) == 0 {
		return nil
	}
	return &Task[T]{*f}
}

// Same says whether the awaitable is this future, by another handle perhaps.
func (f *Future[T]) Same(a Awaitable) bool {
	other := baseOf(a)
	if other == nil || other.loop != f.f.loop {
		return false
	}
	return f.f == other || (f.f.address() == other.address() && !f.f.released && !other.released)
}
