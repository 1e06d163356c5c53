package boucle

import (
	"context"
	"sync"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Ctx is the context of a task: its code awaits with it. Ctx is a context.Context, which is cancelled when the task is
// cancelled, when the task ends, and when its parent (WithContext) is cancelled.
//
// A Ctx belongs to the goroutine of its task. No other goroutine may await with it, and neither may a callback or a
// task of another loop that the task runs: in debug mode they get ErrNoTask.
type Ctx struct {
	task   *task
	parent context.Context
	scopes []cancelScope // that the task has entered and not left

	mu          sync.Mutex
	inner       context.Context // nil until it is needed
	cancelInner context.CancelFunc
	cancelled   bool
}

// cancelScope is a timeout or a task group that the task has entered. It may cancel the task to end the scope, and then
// takes the cancellation back: the task continues after the scope.
type cancelScope struct {
	object     *object
	state      func(uintptr) string
	cancelling string // the state in which it has cancelled the task
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

// cancelledByScope reports whether a scope takes back the cancellation that the task has just received.
func (c *Ctx) cancelledByScope() bool {
	for _, b := range c.scopes {
		if b.state(b.object.address()) == b.cancelling {
			return true
		}
	}
	return false
}

// Loop returns the task's loop.
func (c *Ctx) Loop() *Loop { return c.task.loop }

// Task returns a handle of the task.
func (c *Ctx) Task() *Task[any] { return c.task.newHandle() }

// newHandle returns a handle of the task. If the task was forgotten, this works only while it runs.
func (t *task) newHandle() *Task[any] {
	if t.slot.forgotten && t.loop.current == t {
		t.loop.flush()
		p := raw.Task_as_future(raw.Task_get_current(t.loop.ptr))
		return &Task[any]{Future[any]{t.loop.adopt(raw.Future_ref(p))}}
	}
	return &Task[any]{Future[any]{&t.future}}
}

// context returns the context that implements the methods of Ctx. It is a child of the parent: so it ends with the
// parent, and for the same reason.
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

// Deadline returns the deadline of the parent.
func (c *Ctx) Deadline() (time.Time, bool) { return c.context().Deadline() }

// Done returns a channel that is closed when the task is cancelled, when it ends, and when the parent is done.
func (c *Ctx) Done() <-chan struct{} { return c.context().Done() }

// Err returns nil until Done is closed. After that it returns the error of the parent if the parent was done first, and
// context.Canceled otherwise.
func (c *Ctx) Err() error { return c.context().Err() }

// Value returns the value of the parent.
func (c *Ctx) Value(key any) any { return c.context().Value(key) }

// WithCancel returns a child of ctx, which ends with the task at the latest.
func (c *Ctx) WithCancel() (context.Context, context.CancelFunc) { return context.WithCancel(c) }

func (c *Ctx) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelled = true
	if c.cancelInner != nil {
		c.cancelInner()
	}
}

// hasParent reports whether the task has a parent context that can be cancelled.
func (c *Ctx) hasParent() bool { return c.parent != nil && c.parent.Done() != nil }

// watchParent cancels the task when its parent context is cancelled.
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

// cancelWithoutHandle cancels the task, even if the program has no handle of it any more.
func (t *task) cancelWithoutHandle(message string) {
	l := t.loop
	l.flush()
	if p := t.coreFuture(); p != 0 {
		raw.Future_cancel(p, message, nil)
		l.afterCall()
	}
}
