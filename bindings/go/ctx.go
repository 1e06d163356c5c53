package boucle

import (
	"context"
	"sync"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Ctx is the context of a task: what its code awaits with. It is a context.Context, which is cancelled when the task is
// cancelled, when it ends, and when its parent (WithContext) is.
type Ctx struct {
	task   *task
	parent context.Context
	scopes []cancelScope // of the task, entered and not left

	mu          sync.Mutex
	inner       context.Context // made when somebody asks for it
	cancelInner context.CancelFunc
	cancelled   bool
}

// cancelScope is a timeout or a task group. It cancels its task to end the block, and takes that back: the task itself goes on.
type cancelScope struct {
	object     *object
	state      func(uintptr) string
	cancelling string // its state while it cancels
}

func (c *Ctx) enterScope(b cancelScope) { c.scopes = append(c.scopes, b) }

func (c *Ctx) leaveScope(o *object) {
	for i := len(c.scopes) - 1; i >= 0; i-- {
		if c.scopes[i].object == o {
			c.scopes = append(c.scopes[:i:i], c.scopes[i+1:]...)
			return
		}
	}
}

// cancelledByScope says whether the cancellation that was delivered just now is one that a block takes back.
func (c *Ctx) cancelledByScope() bool {
	for _, b := range c.scopes {
		if b.state(b.object.address()) == b.cancelling {
			return true
		}
	}
	return false
}

// Loop is the task's loop.
func (c *Ctx) Loop() *Loop { return c.task.loop }

// Task is the task.
func (c *Ctx) Task() *Task[any] { return c.task.newHandle() }

// newHandle is a handle of the task, also of one without a handle, as long as it runs.
func (t *task) newHandle() *Task[any] {
	if t.slot.forgotten && t.loop.current == t {
		t.loop.flush()
		p := raw.Task_as_future(raw.Task_get_current(t.loop.ptr))
		return &Task[any]{Future[any]{t.loop.adopt(raw.Future_ref(p))}}
	}
	return &Task[any]{Future[any]{&t.future}}
}

// context is what does the work. Its parent is the task's: so it ends with that, for the reason that that gives.
func (c *Ctx) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		parent := c.parent
		if parent == nil {
			parent = context.Background()
		}
		c.inner, c.cancelInner = context.WithCancel(parent)
		if c.cancelled {
			c.cancelInner()
		}
	}
	return c.inner
}

// Deadline is that of the parent.
func (c *Ctx) Deadline() (time.Time, bool) { return c.context().Deadline() }

// Done is closed when the task was cancelled, or has ended, or when the parent is done.
func (c *Ctx) Done() <-chan struct{} { return c.context().Done() }

// Err is nil until Done is closed; then the parent's if that was done first, else context.Canceled.
func (c *Ctx) Err() error { return c.context().Err() }

// Value is that of the parent.
func (c *Ctx) Value(key any) any { return c.context().Value(key) }

// WithCancel is a context.Context that ends with the task: ctx itself, for functions that want one.
func (c *Ctx) WithCancel() (context.Context, context.CancelFunc) { return context.WithCancel(c) }

func (c *Ctx) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelled = true
	if c.cancelInner != nil {
		c.cancelInner()
	}
}

// hasParent says whether the task ends with a parent.
func (c *Ctx) hasParent() bool { return c.parent != nil && c.parent.Done() != nil }

// watchParent cancels the task when its parent context is.
func (c *Ctx) watchParent() {
	done := c.Done()
	go func() {
		<-done
		if err := c.parent.Err(); err != nil {
			t := c.task
			t.loop.CallSoonThreadsafe(func() { t.cancelWithoutHandle(err.Error()) })
		}
	}()
}

// cancelWithoutHandle cancels the task, whether or not it has a handle still.
func (t *task) cancelWithoutHandle(message string) {
	l := t.loop
	l.flush()
	if p := t.libraryFuture(); p != 0 {
		raw.Future_cancel(p, message, nil)
		l.afterCall()
	}
}
