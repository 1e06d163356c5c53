package boucle

import (
	"context"
	"runtime"

	"boucle.dev/go/boucle/internal/raw"
)

// task is a task whose code is a goroutine.
type task struct {
	future
	slot      *taskSlot
	fn        func(*Ctx) (any, error)
	ctx       Ctx
	goroutine *goroutine
	event     hostEvent
	value     any // its result, once it has one

	finished      bool // its code has ended
	returned      bool // ... with a result
	detached      bool // nobody has a handle: it is forgotten once its code ends
	killed        bool // its goroutine is to end
	exited        chan struct{}
	deferredPanic error // of a deferred call, when it was killed
	finalizer     *finalizer
	substitute    *owned // stands for it in the library, which has forgotten it
}

// TaskOption is what EnsureFuture takes.
type TaskOption func(*task)

// WithContext makes ctx the parent of the task's context: when it is done, the task is cancelled, with the message that
// ctx.Err() has. So errors.Is(err, context.DeadlineExceeded) holds for the error of a task whose time was over.
func WithContext(ctx context.Context) TaskOption {
	return func(t *task) { t.ctx.parent = ctx }
}

// EnsureFuture makes a task of fn, which starts in the next turn, on a goroutine of its own. asyncio's create_task.
func (l *Loop) EnsureFuture(fn func(*Ctx) (any, error), opts ...TaskOption) (*Task[any], error) {
	t, err := l.spawn(fn, opts)
	if err != nil {
		return nil, err
	}
	return &Task[any]{Future[any]{&t.future}}, nil
}

// Spawn is EnsureFuture without a handle: if the task fails, the exception handler hears of it at once.
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

// Name is the task's name, for people.
func (t *Task[T]) Name() string { return raw.Task_get_name(t.taskPtr()) }

// SetName gives it one.
func (t *Task[T]) SetName(name string) { raw.Task_set_name(t.taskPtr(), name) }

// Cancelling is how many cancellations were asked for and not taken back.
func (t *Task[T]) Cancelling() int { return int(raw.Task_cancelling(t.taskPtr())) }

// Uncancel takes one back, and says how many are left.
func (t *Task[T]) Uncancel() int {
	var left uint32
	raw.Task_uncancel(t.taskPtr(), &left)
	return int(left)
}

// SetLogDestroyPending says whether the exception handler hears of it if the task is destroyed while pending.
func (t *Task[T]) SetLogDestroyPending(on bool) {
	i := 0
	if on {
		i = 1
	}
	raw.Task_set_log_destroy_pending(t.taskPtr(), i)
}

// Finally has fn called once the task is done, or gone, whether or not it ever started: asyncio has no such thing, but
// its coroutine objects drop their arguments then. For tasks of this package that are not done. fn runs as the exception
// handler does: it may use the loop, but cannot await.
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

// finish is the end of the task's code.
func (t *task) finish(v any, err error) {
	l := t.loop
	t.finished = true
	t.goroutine = nil
	t.fn = nil
	t.slot.task = nil
	t.ctx.cancel()
	if !t.slot.forgotten && t.ptr == 0 && *l.host.withdrawn != l.host.withdrawnSeen {
		t.address() // it may have been cancelled in this step: the library knows
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
	if t.detached && t.ptr == 0 { // or somebody has it from its context
		l.forget(t.slot)
	} else if t.returned && t.ptr == 0 && !t.slot.forgotten { // nobody asked for more than the result: that is here
		l.host.appendAnswer(answerForget, t.slot.id, 0, 0)
		t.slot.forgotten = true
	}
}

// finalizer lets go of the library's task when Go's collector finds that nobody holds the task any more. Like owned, it refers
// to nothing of the program's.
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

// forgetBySerial lets go of the task that had the id, if it has it still.
func (l *Loop) forgetBySerial(id int64, serial uint64) {
	if s, ok := l.slots.get(id).(*taskSlot); ok && s.serial == serial {
		l.forget(s)
	}
}

// detach says that nobody has a handle of the task. One that is to end with its parent context is found by its id, and
// so forgotten only when it has ended.
func (l *Loop) detach(s *taskSlot) {
	if t := s.task; t != nil && t.ctx.hasParent() {
		t.detached = true
		return
	}
	s.forgotten = true
	l.host.appendAnswer(answerForget, s.id, 0, 0)
}

// forget lets go of the library's task.
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

// kill ends the goroutine of a task that nothing can wake any more.
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
	if l.pumping == t { // its goroutine is the one that found this out: it ends in park
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

// reportDeferredPanic is the end of kill.
func (t *task) reportDeferredPanic() {
	t.finished = true
	if err := t.deferredPanic; err != nil {
		t.deferredPanic = nil
		t.loop.report(&Report{Message: "Exception in a deferred call of a task that was ended", Err: err})
	}
}
