package boucle

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Await suspends the task until the future is done, and returns its result or its error. Errors of the call itself:
// ErrNoTask if the task of ctx is not the running one; ErrWrongLoop; ErrInvalid if a is nil or was released.
// a.Await(ctx) and As[T](Await(ctx, a)) return the result with its type.
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

// Sleep suspends the task for d.
func Sleep(ctx *Ctx, d time.Duration) error {
	if err := ctx.checkRunning(); err != nil {
		return err
	}
	t := ctx.task
	t.loop.host.endEvent(answerSleep, 0, 0, int64(math.Float64bits(seconds(d))))
	t.suspend()
	_, err := t.outcome()
	return err
}

// await suspends the task until the future is done. It does not call the library if the future is a task of Go.
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
			if t.event.what == eventStepFailed {
				return t.outcome()
			}
			if o.returned {
				return o.value, nil
			}
		}
	}
	p := f.address()
	return t.finishAwait(raw.Host_await(t.loop.host.ptr, p, &t.loop.host.immediate.what))
}

// awaitCoroutine awaits the coroutine of the library that start returns. It runs inside this task.
func (c *Ctx) awaitCoroutine(start func(*Loop, *uintptr) int) (any, error) {
	if err := c.checkRunning(); err != nil {
		return nil, err
	}
	t, l := c.task, c.task.loop
	l.flush()
	var p uintptr
	if s := start(l, &p); s != 0 {
		return nil, statusError(s)
	}
	l.flush()
	s := raw.Host_await_coroutine(l.host.ptr, p, &l.host.immediate.what)
	raw.Coroutine_unref(p)
	return t.finishAwait(s)
}

// checkRunning returns ErrNoTask unless the task of ctx is running: only that task may await. In debug mode it compares the
// goroutine too: the caller may be code of another loop that the task runs, or a goroutine that it has started.
func (c *Ctx) checkRunning() error {
	if c == nil || c.task == nil || c.task.killed || c.task.loop.current != c.task || c.task.loop.isolatedCalls > 0 {
		return statusError(int(raw.LOOP_ENOTASK))
	}
	if c.task.loop.watchdog != nil && !c.task.goroutine.isThis() {
		return fmt.Errorf("%w: ctx belongs to a task that runs on another goroutine", statusError(int(raw.LOOP_ENOTASK)))
	}
	return nil
}

// finishAwait suspends the task, if host_await or host_await_coroutine returned 0, and returns the outcome.
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

// suspend returns when the task resumes. Meanwhile the task's goroutine finds the next action. If that is to resume
// this same task, no other goroutine has to run.
func (t *task) suspend() {
	g, l := t.goroutine, t.loop
	l.watchdog.stop()
	l.current = nil
	l.pumping = t
	a := l.nextAction()
	l.pumping = nil
	if a.task != t && !t.killed {
		l.dispatch(a)
		<-g.wake
	}
	if t.killed {
		runtime.Goexit()
	}
	l.watchdog.start(g)
}

// outcome returns the value or the error with which the task resumed.
func (t *task) outcome() (any, error) {
	if t.event.what != eventStepFailed {
		return decodeValue(t.event.kind, t.event.payload), nil
	}
	exception := uintptr(t.event.payload)
	err := takeError(raw.Exception_ref(exception))
	if raw.Exception_matches(exception, "CancelledError") == 1 && !t.ctx.cancelledByScope() {
		t.ctx.cancel()
	}
	return nil, err
}
