package boucle

import "boucle.dev/go/boucle/internal/raw"

// Awaitable is what a task can await and the loop can run until: a Future, a Task, of whatever type.
type Awaitable interface{ base() *future }

// AwaitableOf is an Awaitable whose result has that type: *Future[T], *Task[T].
type AwaitableOf[T any] interface {
	Awaitable
	Await(ctx *Ctx) (T, error)
}

// future is what is common to all of them. Handles of other types that were made of a handle (Any, AsTask) share it.
type future struct {
	loop     *Loop
	own      *owned  // nil: of a task, which the host remembers for as long as it is not forgotten
	task     *task   // whose code is Go's; nil for all others
	ptr      uintptr // the task's future_t, once somebody asked for it
	id       uintptr // the address that it had or has
	released bool    // it was released
}

// adopt takes a reference over.
func (l *Loop) adopt(ptr uintptr) *future {
	return &future{loop: l, own: l.own(ptr, raw.Future_unref), id: ptr}
}

// baseOf is what is in the awaitable; nil if there is nothing.
func baseOf(a Awaitable) *future {
	if a == nil {
		return nil
	}
	return a.base()
}

// futureOf is what is in an awaitable that is to be used with this loop.
func (l *Loop) futureOf(a Awaitable) (*future, error) {
	f := baseOf(a)
	switch {
	case l.closed:
		return nil, statusError(int(raw.LOOP_ECLOSED))
	case f == nil || f.released:
		return nil, errInvalid()
	case f.loop != l:
		return nil, statusError(int(raw.LOOP_EWRONGLOOP))
	}
	return f, nil
}

// address is the future_t, lent; 0 if it was released. Of a task that returned and was forgotten, it is that of a future
// made like it.
func (f *future) address() uintptr {
	if f.released {
		return 0
	}
	f.loop.flush()
	if f.own != nil {
		return f.own.ptr
	}
	if f.ptr == 0 {
		f.ptr = f.task.libraryFuture()
		if f.id == 0 {
			f.id = f.ptr
		}
	}
	return f.ptr
}

// libraryFuture is the task's future_t, or one like it; 0 if the task has no handle.
func (t *task) libraryFuture() uintptr {
	l, s := t.loop, t.slot
	switch {
	case s.own != nil:
		return s.own.ptr
	case !s.forgotten:
		if t.finished {
			t.setFinalizer()
		}
		return raw.Task_as_future(raw.Host_task(l.hostPtr, s.id))
	case t.returned && !l.closed:
		return t.newSubstitute()
	}
	return 0
}

// newSubstitute is a future for the library, which has forgotten the task.
func (t *task) newSubstitute() uintptr {
	var p uintptr
	must(raw.Loop_create_future(t.loop.ptr, &p))
	v := newValue(t.value)
	must(raw.Future_set_result(p, v))
	raw.Value_unref(v)
	t.substitute = t.loop.own(p, raw.Future_unref)
	return p
}

// resultKnown says whether the result is known without asking the library.
func (f *future) resultKnown() bool {
	return f.task != nil && f.task.returned && (f.ptr == 0 || f.task.substitute != nil)
}

func (f *future) done() bool {
	if f.resultKnown() {
		return true
	}
	if f.task != nil && !f.task.finished && f.task.goroutine != nil {
		return false
	}
	return raw.Future_done(f.address()) == 1
}

func (f *future) cancelled() bool { return !f.resultKnown() && raw.Future_cancelled(f.address()) == 1 }

func (f *future) result() (any, error) {
	if f.resultKnown() {
		return f.task.value, nil
	}
	var p uintptr
	address := f.address()
	switch s := raw.Future_result(address, &p); s {
	case 0:
		return takeValue(p), nil
	case int(raw.LOOP_EEXCEPTION):
		must(raw.Future_exception(address, &p))
		return nil, takeError(p)
	case int(raw.LOOP_ECANCELLED):
		must(raw.Future_cancelled_error(address, &p))
		return nil, takeError(p)
	default:
		return nil, statusError(s)
	}
}

func (f *future) exception() error {
	if f.resultKnown() {
		return nil
	}
	var p uintptr
	address := f.address()
	switch s := raw.Future_exception(address, &p); s {
	case 0:
		return takeError(p)
	case int(raw.LOOP_ECANCELLED):
		must(raw.Future_cancelled_error(address, &p))
		return takeError(p)
	default:
		return statusError(s)
	}
}

func (f *future) cancel(message string) bool {
	if f.resultKnown() {
		return false
	}
	var cancelled int32
	if raw.Future_cancel(f.address(), message, &cancelled) != 0 {
		return false
	}
	if cancelled != 0 && f.task != nil {
		f.task.ctx.cancel()
	}
	f.loop.afterCall()
	return cancelled != 0
}

// await suspends the task until the future is done.
func (f *future) await(c *Ctx) (any, error) {
	if err := c.checkRunning(); err != nil {
		return nil, err
	}
	t := c.task
	if _, err := t.loop.futureOf(f); err != nil {
		return nil, err
	}
	if o := f.task; o != nil && o != t {
		if f.resultKnown() {
			return o.value, nil
		}
		if !o.finished && !o.slot.forgotten {
			t.loop.host.endEvent(answerAwaitTask, o.slot.id, 0, 0)
			t.suspend()
			if t.event[0] == eventStepFailed {
				return t.outcome()
			}
			if o.returned {
				return o.value, nil
			}
		}
	}
	p := f.address()
	return t.finishAwait(raw.Host_await(t.loop.hostPtr, p, &t.loop.host.immediate[0]))
}

func (f *future) base() *future { return f }

// release lets go of the future; what shares it with the handle cannot be used any more.
func (f *future) release() {
	if f.released {
		return
	}
	f.released = true
	if f.own != nil {
		f.own.release(f.loop)
		return
	}
	f.ptr = 0
	if made := f.task.substitute; made != nil {
		made.release(f.loop)
	}
	f.loop.forget(f.task.slot)
}

// checkRunning is why the task cannot await now, or nil.
func (c *Ctx) checkRunning() error {
	if c == nil || c.task == nil || c.task.killed || c.task.loop.current != c.task || c.task.loop.isolatedCalls > 0 {
		return statusError(int(raw.LOOP_ENOTASK))
	}
	return nil
}

// finishAwait goes on after host_await...: at once, or when the task is due.
func (t *task) finishAwait(status int) (any, error) {
	switch {
	case status < 0:
		return nil, statusError(status)
	case status == 0:
		t.loop.host.inEvent = false
		t.loop.afterCall()
		t.suspend()
	default:
		t.event = *t.loop.host.immediate
	}
	return t.outcome()
}
