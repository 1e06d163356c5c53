package boucle

import (
	"context"
	"runtime"
	"sync"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// task is a task whose code is a goroutine.
type task struct {
	future
	slot   *taskSlot
	fn     func(*Ctx) (any, error)
	ctx    Ctx
	worker *worker
	told   words
	value  any // its result, once it has one

	finished bool // its code has ended
	returned bool // ... with a result
	killed   bool // its goroutine is to end
	ended    chan struct{}
	guard    *guard
	made     *future // stands for it in the library, which has forgotten it
}

// TaskOption is what EnsureFuture takes.
type TaskOption func(*task)

// WithContext makes ctx the parent of the task's context: cancelling it cancels the task.
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
		t.slot.forgotten = true
		l.pump.say(sayForget, t.slot.id, 0, 0)
	}
	return err
}

// Go is EnsureFuture for a function whose result has a type.
func Go[T any](l *Loop, fn func(*Ctx) (T, error), opts ...TaskOption) (*Task[T], error) {
	t, err := l.spawn(func(ctx *Ctx) (any, error) { return fn(ctx) }, opts)
	if err != nil {
		return nil, err
	}
	return &Task[T]{Future[T]{&t.future}}, nil
}

func (l *Loop) spawn(fn func(*Ctx) (any, error), opts []TaskOption) (*task, error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	t := &task{fn: fn}
	t.loop, t.task, t.ctx.task = l, t, t
	for _, option := range opts {
		option(t)
	}
	t.slot = &taskSlot{task: t}
	t.slot.id = l.slots.put(t.slot)
	l.pump.sayMore(saySpawn, t.slot.id)
	if t.ctx.parent != nil {
		t.ctx.watch()
	}
	return t, nil
}

// finish is the end of the task's code.
func (t *task) finish(v any, err error) {
	l := t.loop
	t.finished = true
	t.worker = nil
	t.fn = nil
	t.slot.task = nil
	t.ctx.cancel(context.Canceled)
	if !t.slot.forgotten && (err != nil || t.ptr != 0) {
		t.watchOver()
	}
	if err != nil {
		l.failed(err)
		return
	}
	kind, payload := wordsOf(v)
	t.value = v
	t.returned = true
	l.pump.sayLast(sayReturn, 0, kind, payload)
	l.current = nil
	if t.ptr == 0 && !t.slot.forgotten { // nobody asked for more than the result: that is here
		l.pump.say(sayForget, t.slot.id, 0, 0)
		t.slot.forgotten = true
	}
}

// guard lets go of the library's task when Go's collector finds that nobody holds the task any more. It is an object of
// its own, for the collector does not finalize what refers to itself.
type guard struct {
	loop *Loop
	slot *taskSlot
}

func (t *task) watchOver() {
	if t.guard == nil {
		t.guard = &guard{t.loop, t.slot}
		runtime.SetFinalizer(t.guard, (*guard).abandoned)
	}
}

func (g *guard) abandoned() {
	l, s := g.loop, g.slot
	l.discard(func(uintptr) {
		if p := s.ptr; p != 0 {
			s.ptr = 0
			raw.Future_unref(p)
		} else {
			l.forget(s)
		}
	}, 0)
}

// forget lets go of the library's task.
func (l *Loop) forget(s *taskSlot) {
	if p := s.ptr; p != 0 {
		s.ptr = 0
		l.unref(raw.Future_unref, p)
	}
	if s.forgotten || l.closed {
		return
	}
	s.forgotten = true
	l.sync()
	raw.Host_forget(l.host, s.id)
	l.slots.retire(s)
	l.after()
}

// kill ends the goroutine of a task that nothing can wake any more.
func (t *task) kill() {
	if t.finished || t.killed {
		return
	}
	t.killed = true
	t.ctx.cancel(context.Canceled)
	if t.worker == nil {
		t.finished = true
		return
	}
	t.ended = make(chan struct{})
	inEvent, current := t.loop.pump.inEvent, t.loop.current
	t.worker.wake <- struct{}{}
	<-t.ended
	t.loop.pump.inEvent, t.loop.current = inEvent, current
	t.finished = true
}

// park gives the turn away until the task is due again.
func (t *task) park() {
	w := t.worker
	l := t.loop
	l.current = nil
	if l.hand(l.advance(), t) {
		return
	}
	<-w.wake
	if t.killed {
		runtime.Goexit()
	}
}

// outcome is what the task was told when it went on.
func (t *task) outcome() (any, error) {
	if t.told[0] == toldStepFailed {
		err := errorOf(borrowException(t.told[3]))
		if raw.Exception_matches(uintptr(t.told[3]), "CancelledError") == 1 {
			t.ctx.cancel(context.Canceled)
		}
		return nil, err
	}
	return fromWords(t.told[2], t.told[3]), nil
}

func borrowException(word int64) uintptr { return raw.Exception_ref(uintptr(word)) }

// ---- Ctx ----

// Ctx is the context of a task: what its code awaits with. It is a context.Context, which is cancelled when the task is
// cancelled, and when it ends.
type Ctx struct {
	task   *task
	parent context.Context

	mu   sync.Mutex
	done chan struct{}
	err  error
}

// Loop is the task's loop.
func (c *Ctx) Loop() *Loop { return c.task.loop }

// Task is the task.
func (c *Ctx) Task() *Task[any] { return &Task[any]{Future[any]{&c.task.future}} }

// Deadline is that of the parent.
func (c *Ctx) Deadline() (time.Time, bool) {
	if c.parent == nil {
		return time.Time{}, false
	}
	return c.parent.Deadline()
}

// Done is closed when the task was cancelled, or has ended.
func (c *Ctx) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err is context.Canceled once Done is closed.
func (c *Ctx) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Value is that of the parent.
func (c *Ctx) Value(key any) any {
	if c.parent == nil {
		return nil
	}
	return c.parent.Value(key)
}

func (c *Ctx) cancel(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done)
	}
}

// watch cancels the task when its parent context is.
func (c *Ctx) watch() {
	cancelled := c.parent.Done()
	if cancelled == nil {
		return
	}
	done := c.Done()
	go func() {
		select {
		case <-cancelled:
			t := c.task
			t.loop.CallSoonThreadsafe(func() { t.cancelWith(c.parent.Err().Error()) })
		case <-done:
		}
	}()
}
