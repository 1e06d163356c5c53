package boucle

import (
	"context"
	"runtime"

	"boucle.dev/go/boucle/internal/raw"
)

// Awaitable is what a task can await and the loop can run until: a Future, a Task, of whatever type.
type Awaitable interface{ base() *future }

// future is what is common to all of them.
type future struct {
	loop *Loop
	ptr  uintptr // a future_t: owned, or, of a task, lent for as long as the host remembers it
	task *task   // whose code is Go's; nil for all others
	id   uintptr // the address that it had or has
	held bool    // ptr is owned
	gone bool    // it was released
}

// adopt takes a reference over.
func (l *Loop) adopt(ptr uintptr) *future {
	f := &future{loop: l, ptr: ptr, id: ptr, held: true}
	runtime.SetFinalizer(f, (*future).abandoned)
	return f
}

func (f *future) abandoned() {
	if f.held {
		f.loop.discard(raw.Future_unref, f.ptr)
	}
}

// address is the future_t, lent. Of a task that returned and was forgotten, it is that of a future made like it.
func (f *future) address() uintptr {
	l := f.loop
	if l.closed && f.ptr == 0 {
		if f.task != nil {
			f.ptr = f.task.slot.ptr
		}
		return f.ptr
	}
	l.sync()
	if f.ptr != 0 || f.task == nil {
		return f.ptr
	}
	t := f.task
	if t.slot.forgotten && l.current == t {
		f.ptr = raw.Task_as_future(raw.Task_get_current(l.ptr))
		f.id = f.ptr
		return f.ptr
	}
	if t.slot.forgotten {
		var p uintptr
		check(raw.Loop_create_future(l.ptr, &p))
		t.made = l.adopt(p)
		f.ptr = p
		v := valueOf(t.value)
		check(raw.Future_set_result(f.ptr, v))
		raw.Value_unref(v)
		return f.ptr
	}
	f.ptr = raw.Task_as_future(raw.Host_task(l.host, t.slot.id))
	f.id = f.ptr
	if t.finished {
		t.watchOver()
	}
	return f.ptr
}

// release calls fn with the future and then lets the loop speak: for functions that read.
func (f *future) release(fn func(uintptr, *uintptr) int, ret *uintptr) int {
	return fn(f.address(), ret)
}

// returnedHere says whether the result is known without asking the library.
func (f *future) returnedHere() bool { return f.task != nil && f.task.returned }

func (f *future) done() bool {
	if f.returnedHere() {
		f.loop.sync()
		if f.ptr == 0 {
			return true
		}
	} else if f.task != nil && !f.task.finished && f.task.started() {
		return false
	}
	return raw.Future_done(f.address()) == 1
}

func (t *task) started() bool { return t.worker != nil }

func (f *future) cancelled() bool {
	return (f.ptr != 0 || !f.returnedHere()) && raw.Future_cancelled(f.address()) == 1
}

func (f *future) result() (any, error) {
	if f.returnedHere() && f.ptr == 0 {
		return f.task.value, nil
	}
	var p uintptr
	switch s := raw.Future_result(f.address(), &p); s {
	case 0:
		return takeValue(p), nil
	case int(raw.LOOP_EEXCEPTION):
		check(raw.Future_exception(f.ptr, &p))
		return nil, errorOf(p)
	case int(raw.LOOP_ECANCELLED):
		check(raw.Future_cancelled_error(f.ptr, &p))
		return nil, errorOf(p)
	default:
		return nil, statusError(s)
	}
}

func (f *future) exception() error {
	if f.returnedHere() && f.ptr == 0 {
		return nil
	}
	var p uintptr
	switch s := raw.Future_exception(f.address(), &p); s {
	case 0:
		return errorOf(p)
	case int(raw.LOOP_ECANCELLED):
		check(raw.Future_cancelled_error(f.ptr, &p))
		return errorOf(p)
	default:
		return statusError(s)
	}
}

func (f *future) cancelWith(message string) bool {
	if f.returnedHere() && f.ptr == 0 {
		return false
	}
	var cancelled int32
	if raw.Future_cancel(f.address(), message, &cancelled) != 0 {
		return false
	}
	if cancelled != 0 && f.task != nil {
		f.task.ctx.cancel(context.Canceled)
	}
	f.loop.after()
	return cancelled != 0
}

// await suspends the task until the future is done.
func (f *future) await(c *Ctx) (any, error) {
	t := c.task
	if err := t.check(f.loop); err != nil {
		return nil, err
	}
	if o := f.task; o != nil && o != t {
		if o.returned && f.ptr == 0 {
			return o.value, nil
		}
		if !o.finished && !o.slot.forgotten {
			t.loop.pump.sayLast(sayAwaitTask, o.slot.id, 0, 0)
			t.park()
			if t.told[0] == toldStep && o.returned {
				return o.value, nil
			}
			return t.outcome()
		}
	}
	p := f.address()
	return t.awaited(raw.Host_await(t.loop.host, p, &t.loop.pump.atOnce[0]))
}

// check is why the task cannot await now, or nil.
func (t *task) check(l *Loop) error {
	if t.killed || l.current != t {
		return statusError(int(raw.LOOP_ENOTASK))
	}
	if t.loop != l {
		return statusError(int(raw.LOOP_EWRONGLOOP))
	}
	return nil
}

// awaited goes on after host_await...: at once, or when the task is due.
func (t *task) awaited(status int) (any, error) {
	switch {
	case status < 0:
		return nil, statusError(status)
	case status == 0:
		t.loop.pump.inEvent = false
		t.loop.after()
		t.park()
	default:
		t.told = *t.loop.pump.atOnce
	}
	return t.outcome()
}

// Await suspends the task until the future is done, and returns its result or its error.
func Await(ctx *Ctx, a Awaitable) (any, error) { return a.base().await(ctx) }

// Sleep suspends the task.
func Sleep(ctx *Ctx, d Duration) error {
	t := ctx.task
	if err := t.check(t.loop); err != nil {
		return err
	}
	t.loop.pump.saySleep(d)
	t.park()
	_, err := t.outcome()
	return err
}

// Future is the outcome of something that may not have happened yet.
type Future[T any] struct{ f *future }

// Task is a future whose outcome is that of a function.
type Task[T any] struct{ Future[T] }

func (f *Future[T]) base() *future { return f.f }

// NewFuture makes a future.
func NewFuture[T any](l *Loop) (*Future[T], error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.sync()
	var p uintptr
	if s := raw.Loop_create_future(l.ptr, &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[T]{l.adopt(p)}, nil
}

// CreateFuture makes a future.
func (l *Loop) CreateFuture() (*Future[any], error) { return NewFuture[any](l) }

// Await suspends the task of ctx until the future is done.
func (f *Future[T]) Await(ctx *Ctx) (T, error) { return as[T](f.f.await(ctx)) }

// Done says whether there is a result, an error or a cancellation.
func (f *Future[T]) Done() bool { return f.f.done() }

// Cancelled says whether it was cancelled.
func (f *Future[T]) Cancelled() bool { return f.f.cancelled() }

// Result is the result or the error; ErrInvalidState if it is not done.
func (f *Future[T]) Result() (T, error) { return as[T](f.f.result()) }

// Exception is the error, or nil; ErrInvalidState if it is not done.
func (f *Future[T]) Exception() error { return f.f.exception() }

// SetResult completes the future. ErrInvalidState if it is done; ErrNotSupported if it is a task.
func (f *Future[T]) SetResult(v T) error {
	p := valueOf(v)
	defer raw.Value_unref(p)
	s := raw.Future_set_result(f.f.address(), p)
	f.f.loop.after()
	return statusError(s)
}

// SetException completes the future with an error.
func (f *Future[T]) SetException(err error) error {
	p := exceptionOf(err)
	defer raw.Exception_unref(p)
	s := raw.Future_set_exception(f.f.address(), p)
	f.f.loop.after()
	return statusError(s)
}

// Cancel cancels the future, or asks the task to stop: false if it is done.
func (f *Future[T]) Cancel(message ...string) bool {
	text := ""
	if len(message) > 0 {
		text = message[0]
	}
	return f.f.cancelWith(text)
}

// AddDoneCallback calls fn in a later turn, once the future is done.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T])) (*Callback, error) {
	l := f.f.loop
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	c := &Callback{loop: l}
	c.fn = func() { fn(f.again(c.future)) }
	c.id = l.slots.put(c)
	if s := raw.Host_add_done_callback(l.host, f.f.address(), c.id); s != 0 {
		return nil, l.refused(c, s)
	}
	return c, nil
}

// again is the handle, or another one if it was released meanwhile.
func (f *Future[T]) again(ptr uintptr) *Future[T] {
	if f.f.held || (f.f.task != nil && !f.f.gone) {
		return f
	}
	return &Future[T]{f.f.loop.adopt(raw.Future_ref(ptr))}
}

// RemoveDoneCallback takes it back: false if it was called, or is about to be.
func (f *Future[T]) RemoveDoneCallback(c *Callback) bool {
	var removed uintptr
	if c.id == 0 || f.f.loop.closed || raw.Host_remove_done_callback(f.f.loop.host, f.f.address(), c.id, &removed) != 0 {
		return false
	}
	f.f.loop.after()
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
// reports of lost errors, and of tasks that were destroyed while pending. The handle, and those with the same ID that
// came from the same call, must not be used any more.
func (f *Future[T]) Release() { f.f.drop() }

func (f *future) drop() {
	l := f.loop
	f.gone = true
	switch {
	case f.held:
		f.held = false
		l.unref(raw.Future_unref, f.ptr)
	case f.task != nil:
		if made := f.task.made; made != nil {
			made.drop()
		}
		l.forget(f.task.slot)
	}
}

// unref lets go of a reference at once.
func (l *Loop) unref(unref func(uintptr), ptr uintptr) {
	if l.closed {
		l.discard(unref, ptr)
		return
	}
	l.sync()
	unref(ptr)
	l.after()
}

// Any is the same future, untyped.
func (f *Future[T]) Any() *Future[any] { return &Future[any]{f.f} }
