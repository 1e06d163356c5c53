package boucle

import (
	"math"
	"runtime/debug"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Scope is a block of code with a time limit: `async with asyncio.timeout()`.
type Scope struct{ *object }

// deadline returns the time on the loop's clock that is d from now.
func deadline(l *Loop, d time.Duration) float64 {
	if d == NoTimeout {
		return math.Inf(1)
	}
	return seconds(l.Time()) + seconds(d)
}

// NewScope makes a scope that expires d from now; with NoTimeout, never. The function Timeout makes, enters and exits
// one.
func NewScope(l *Loop, d time.Duration) (*Scope, error) {
	when := deadline(l, d)
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int { return raw.Timeout_new(loop, when, ret) }, raw.Timeout_unref)
	if err != nil {
		return nil, err
	}
	return &Scope{o}, nil
}

// Enter makes the running task enter the scope.
func (s *Scope) Enter() error {
	return s.enterScope(raw.Timeout_enter, cancelScope{s.object, raw.Timeout_state, "expiring"})
}

// Exit makes the task leave the scope. err is the error that ended the block, or nil. Exit returns the error that
// the code after the block gets.
func (s *Scope) Exit(err error) error {
	var in, out uintptr
	if err != nil {
		in = newException(err)
	}
	e := s.do(func(p uintptr) int { return raw.Timeout_exit(p, in, &out) })
	raw.Exception_unref(in)
	if e != nil {
		return e
	}
	if t := s.loop.current; t != nil {
		t.ctx.leaveScope(s.object)
		if raw.Exception_matches(out, "CancelledError") == 1 && !t.ctx.cancelledByScope() {
			t.ctx.cancel()
		}
	}
	return takeError(out)
}

// Reschedule makes the scope expire d from now; with NoTimeout, never.
func (s *Scope) Reschedule(d time.Duration) error {
	when := deadline(s.loop, d)
	return s.do(func(p uintptr) int { return raw.Timeout_reschedule(p, when) })
}

// Expired reports whether the time was over before the block ended.
func (s *Scope) Expired() bool { return s.ask(raw.Timeout_expired) }

// State returns "created", "active", "expiring", "expired" or "finished".
func (s *Scope) State() string { return raw.Timeout_state(s.address()) }

// Timeout calls body. After d, it cancels the body and then returns ErrTimeout. If body panics, the scope is left and
// the panic continues.
func Timeout(ctx *Ctx, d time.Duration, body func(*Scope) error) error {
	if err := ctx.checkRunning(); err != nil {
		return err
	}
	s, err := NewScope(ctx.task.loop, d)
	if err != nil {
		return err
	}
	defer s.Release()
	if err := s.Enter(); err != nil {
		return err
	}
	return runInScope(func() error { return body(s) }, s.Exit)
}

// runInScope calls body, then exit with its error, even if body panics or calls runtime.Goexit.
func runInScope(body func() error, exit func(error) error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		value := recover()
		err = exit(&PanicError{Value: value, Stack: debug.Stack()})
		if value != nil {
			panic(value)
		}
	}()
	err = body()
	returned = true
	return exit(err)
}

// TaskGroup is a block of code that ends when all tasks of the group are done: `async with asyncio.TaskGroup()`.
type TaskGroup struct{ *object }

// NewTaskGroup makes a task group. The function Group makes, enters and exits one.
func NewTaskGroup(l *Loop) (*TaskGroup, error) {
	o, err := l.newObject(raw.Task_group_new, raw.Task_group_unref)
	if err != nil {
		return nil, err
	}
	return &TaskGroup{o}, nil
}

// Enter makes the running task enter the group.
func (g *TaskGroup) Enter() error {
	return g.enterScope(raw.Task_group_enter, cancelScope{g.object, raw.Task_group_state, "shutting down"})
}

// EnsureFuture makes a task in the group. ErrShuttingDown if the group does not take tasks any more.
func (g *TaskGroup) EnsureFuture(fn func(*Ctx) (any, error), opts ...TaskOption) (*Task[any], error) {
	if err := g.do(raw.Task_group_check); err != nil {
		return nil, err
	}
	t, err := g.loop.EnsureFuture(fn, opts...)
	if err != nil {
		return nil, err
	}
	task := raw.Future_as_task(t.f.address())
	return t, g.do(func(p uintptr) int { return raw.Task_group_add(p, task) })
}

// State returns "finished", "shutting down" or "".
func (g *TaskGroup) State() string { return raw.Task_group_state(g.address()) }

// Exit waits for the tasks of the group and makes the task leave it. err is the error that ended the block, or nil.
// Exit returns the error that the code after the block gets.
func (g *TaskGroup) Exit(ctx *Ctx, err error) error {
	var in uintptr
	if err != nil {
		in = newException(err)
		defer raw.Exception_unref(in) // also if the task is killed while it waits
	}
	begun := false
	_, e := g.await(ctx, func(p uintptr, ret *uintptr) int {
		s := raw.Task_group_exit(p, in, ret)
		begun = s == 0
		return s
	})
	if begun {
		ctx.leaveScope(g.object)
	}
	return e
}

// Group calls body, and waits for the tasks that it made in the group. When one of them fails, it cancels the others.
// If body panics, the group ends as with an error, and the panic continues.
func Group(ctx *Ctx, body func(*TaskGroup) error) error {
	if err := ctx.checkRunning(); err != nil {
		return err
	}
	g, err := NewTaskGroup(ctx.task.loop)
	if err != nil {
		return err
	}
	defer g.Release()
	if err := g.Enter(); err != nil {
		return err
	}
	return runInScope(func() error { return body(g) }, func(err error) error { return g.Exit(ctx, err) })
}
