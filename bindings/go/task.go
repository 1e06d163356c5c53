package boucle

import (
	"context"
	"runtime"

	"boucle.dev/go/boucle/internal/raw"
)

// task is a task whose code is a function of Go, on a goroutine.
type task struct {
	future
	slot      *taskSlot
	fn        func(*Ctx) (any, error)
	ctx       Ctx
	goroutine *goroutine
	event     hostEvent
	value     any // the result, if returned

	finished      bool // the code has ended
	returned      bool // ... without an error
	detached      bool // the program has no handle: the task is forgotten when its code ends
	killed        bool // the goroutine is to end: see kill
	exited        chan struct{}
	deferredPanic error // a panic in a deferred call of the killed task
	finalizer     *finalizer
	substitute    *owned // a future with the result, after the library has forgotten the task
}

// TaskOption is an argument of EnsureFuture.
type TaskOption func(*task)

// WithContext makes ctx the parent of the task's context. When ctx is done, the task is cancelled; the message is that
// of ctx.Err(). So errors.Is(err, context.DeadlineExceeded) is true for the error of a task whose deadline has passed.
func WithContext(ctx context.Context) TaskOption {
	return func(t *task) { t.ctx.parent = ctx }
}

// EnsureFuture makes a task that runs fn on a goroutine of its own. It starts in the next turn. It is asyncio's
// create_task.
func (l *Loop) EnsureFuture(fn func(*Ctx) (any, error), opts ...TaskOption) (*Task[any], error) {
	t, err := l.spawn(fn, opts)
	if err != nil {
		return nil, err
	}
	return &Task[any]{Future[any]{&t.future}}, nil
}

// Spawn is EnsureFuture without a handle. If the task fails, the exception handler is called at once.
func (l *Loop) Spawn(fn func(*Ctx) (any, error), opts ...TaskOption) error {
	t, err := l.spawn(fn, opts)
	if err == nil {
		l.detach(t.slot)
	}
	return err
}

// Go is EnsureFuture for a function whose result has a type.
func Go[T any](l *Loop, fn func(*Ctx) (T, error), opts ...TaskOption) (*Task[T], error) {
	var untyped func(ctx *Ctx) (any, error)
	if fn != nil {
		untyped = func(ctx *Ctx) (any, error) { return fn(ctx) }
	}
	t, err := l.spawn(untyped, opts)
	if err != nil {
		return nil, err
	}
	return &Task[T]{Future[T]{&t.future}}, nil
}

// Name returns the task's name.
func (t *Task[T]) Name() string { return raw.Task_get_name(t.taskPtr()) }

// SetName sets the task's name, which only people read.
func (t *Task[T]) SetName(name string) { raw.Task_set_name(t.taskPtr(), name) }

// Cancelling returns how many cancellations were requested and not taken back.
func (t *Task[T]) Cancelling() int { return int(raw.Task_cancelling(t.taskPtr())) }

// Uncancel takes one cancellation back, and returns how many are left.
func (t *Task[T]) Uncancel() int {
	var left uint32
	raw.Task_uncancel(t.taskPtr(), &left)
	return int(left)
}

// SetLogDestroyPending sets whether there is a report if the task is destroyed while pending.
func (t *Task[T]) SetLogDestroyPending(on bool) {
	i := 0
	if on {
		i = 1
	}
	raw.Task_set_log_destroy_pending(t.taskPtr(), i)
}

// Finally sets a function that is called when the task is done or destroyed, even if it never started. asyncio has no
// such function, but there the task's coroutine object drops its arguments at that time. It has an effect only for
// tasks of this package that are not done. As an exception handler, fn may use the loop but cannot await.
func (t *Task[T]) Finally(fn func()) {
	if t.f.task != nil {
		t.f.task.slot.finally = fn
	}
}

func (t *Task[T]) taskPtr() uintptr { return raw.Future_as_task(t.f.address()) }

func (l *Loop) spawn(fn func(*Ctx) (any, error), opts []TaskOption) (*task, error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	if fn == nil {
		return nil, errInvalid()
	}
	t := &task{fn: fn}
	t.loop, t.task, t.ctx.task = l, t, t
	for _, option := range opts {
		option(t)
	}
	l.lastSerial++
	t.slot = &taskSlot{task: t, serial: l.lastSerial}
	t.slot.id = l.slots.add(t.slot)
	l.host.appendToEvent(answerSpawn, t.slot.id)
	if t.ctx.hasParent() {
		t.ctx.watchParent()
	}
	return t, nil
}

// finish ends the task after its code has ended.
func (t *task) finish(v any, err error) {
	l := t.loop
	t.finished = true
	t.goroutine = nil
	t.fn = nil
	t.slot.task = nil
	t.ctx.cancel()
	if !t.slot.forgotten && t.ptr == 0 && *l.host.withdrawn != l.host.withdrawnSeen {
		t.address() // the task may have been cancelled in this step; then the library has the outcome
	}
	if !t.slot.forgotten && (err != nil || t.ptr != 0) {
		t.setFinalizer()
	}
	if err != nil {
		l.answerException(err)
	} else {
		kind, payload := encodeValue(v)
		t.value = v
		t.returned = true
		l.host.endEvent(answerReturn, 0, kind, payload)
		l.current = nil
	}
	if t.detached && t.ptr == 0 { // else the program has a handle from the task's context
		l.forget(t.slot)
	} else if t.returned && t.ptr == 0 && !t.slot.forgotten { // the result is all that is needed, and it is here
		l.host.appendAnswer(answerForget, t.slot.id, 0, 0)
		t.slot.forgotten = true
	}
}

// finalizer makes the library forget the task when Go's collector finds that nothing refers to the task any more. Like
// owned, it refers to nothing of the program.
type finalizer struct {
	releases *deferredReleases
	id       int64
	serial   uint64
}

func (t *task) setFinalizer() {
	if t.finalizer == nil {
		t.finalizer = &finalizer{t.loop.releases, t.slot.id, t.slot.serial}
		runtime.SetFinalizer(t.finalizer, func(g *finalizer) { g.releases.add(deferredRelease{id: g.id, serial: g.serial}) })
	}
}

// forgetBySerial makes the library forget the task, if the task with that id is still the one with that serial number.
func (l *Loop) forgetBySerial(id int64, serial uint64) {
	if s, ok := l.slots.get(id).(*taskSlot); ok && s.serial == serial {
		l.forget(s)
	}
}

// detach is for a task of which the program has no handle: the library may forget it now. A task that has a parent
// context is forgotten when its code ends, because the context cancels it by its id.
func (l *Loop) detach(s *taskSlot) {
	if t := s.task; t != nil && t.ctx.hasParent() {
		t.detached = true
		return
	}
	s.forgotten = true
	l.host.appendAnswer(answerForget, s.id, 0, 0)
}

// forget makes the library forget the task.
func (l *Loop) forget(s *taskSlot) {
	if s.own != nil {
		s.own.release(l)
	}
	if s.forgotten || l.closed {
		return
	}
	if t := s.task; t != nil && t.ctx.hasParent() && !t.killed {
		t.detached = true
		return
	}
	s.forgotten = true
	l.flush()
	raw.Host_forget(l.host.ptr, s.id)
	l.slots.freeTask(s)
	l.afterCall()
}

// kill ends the goroutine of a task that nothing can resume any more.
func (t *task) kill() {
	if t.finished || t.killed {
		return
	}
	l := t.loop
	t.killed = true
	t.ctx.cancel()
	if t.goroutine == nil {
		t.finished = true
		return
	}
	if l.pumping == t { // this runs on the task's own goroutine, which ends in suspend
		return
	}
	t.exited = make(chan struct{})
	inEvent, current := l.host.inEvent, l.current
	l.current = nil
	t.goroutine.wake <- struct{}{}
	<-t.exited
	l.host.inEvent, l.current = inEvent, current
	t.reportDeferredPanic()
}

// reportDeferredPanic reports the panic in a deferred call of a killed task, if there was one.
func (t *task) reportDeferredPanic() {
	t.finished = true
	if err := t.deferredPanic; err != nil {
		t.deferredPanic = nil
		t.loop.report(&Report{Message: "Exception in a deferred call of a task that was destroyed", Err: err})
	}
}
