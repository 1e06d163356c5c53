package boucle

import (
	"math"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// NoTimeout is a delay without a limit.
const NoTimeout = time.Duration(math.MaxInt64)

// GatherMode is what Gather does with errors.
type GatherMode int

const (
	// FirstError makes the first error that of the whole.
	FirstError GatherMode = iota
	// Exceptions makes errors items of the list.
	Exceptions
)

// addresses are those of the awaitables, and one more that keeps the array from being empty.
func (l *Loop) addresses(as []Awaitable) ([]uintptr, error) {
	ptrs := make([]uintptr, len(as)+1)
	for _, a := range as {
		if _, err := l.futureOf(a); err != nil {
			return nil, err
		}
	}
	for i, a := range as {
		ptrs[i] = a.base().address()
	}
	return ptrs, nil
}

// Gather is a future for the list of the results, in the order given. Cancelling it cancels them.
func Gather(l *Loop, mode GatherMode, as ...Awaitable) (*Future[[]any], error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	ptrs, err := l.addresses(as)
	if err != nil {
		return nil, err
	}
	l.flush()
	var p uintptr
	if s := raw.Loop_gather(l.ptr, &ptrs[0], uintptr(len(as)), int(mode), &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[[]any]{l.adopt(p)}, nil
}

// Shield follows the awaitable, but its cancellation does not reach it. If it is done, it is that very future, by a handle
// of its own.
func Shield(l *Loop, a Awaitable) (*Future[any], error) {
	inner, err := l.futureOf(a)
	if err != nil {
		return nil, err
	}
	var p uintptr
	if s := raw.Loop_shield(l.ptr, inner.address(), &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[any]{l.adopt(p)}, nil
}

// WaitMode is when Wait returns.
type WaitMode int32

// As in asyncio.
const (
	FirstCompleted WaitMode = iota
	FirstException
	AllCompleted
)

// Wait suspends the task until the mode is satisfied, or the timeout (NoTimeout: none) is over; what is done and what is
// not, each in the order given. It cancels nothing.
func Wait(ctx *Ctx, mode WaitMode, timeout time.Duration, as ...Awaitable) (done, pending []Awaitable, err error) {
	if err := ctx.checkRunning(); err != nil {
		return nil, nil, err
	}
	ptrs, err := ctx.task.loop.addresses(as)
	if err != nil {
		return nil, nil, err
	}
	limit := -1.0
	if timeout != NoTimeout {
		limit = math.Max(0, seconds(timeout))
	}
	_, err = ctx.awaitCoroutine(func(l *Loop, ret *uintptr) int {
		return raw.Loop_wait(l.ptr, &ptrs[0], uintptr(len(as)), int32(mode), limit, ret)
	})
	if err != nil {
		return nil, nil, err
	}
	for _, a := range as {
		if a.base().done() {
			done = append(done, a)
		} else {
			pending = append(pending, a)
		}
	}
	return done, pending, nil
}

// WaitFor is the awaitable's outcome; or ErrTimeout after the timeout, which cancels it.
func WaitFor(ctx *Ctx, timeout time.Duration, a Awaitable) (any, error) {
	limit := math.Inf(1)
	if timeout != NoTimeout {
		limit = seconds(timeout)
	}
	if err := ctx.checkRunning(); err != nil {
		return nil, err
	}
	f, err := ctx.task.loop.futureOf(a)
	if err != nil {
		return nil, err
	}
	return ctx.awaitCoroutine(func(l *Loop, ret *uintptr) int {
		return raw.Loop_wait_for(l.ptr, f.address(), limit, ret)
	})
}

// Completion gives the outcomes of several futures as they come: asyncio.as_completed.
type Completion struct{ *object }

// AsCompleted subscribes to the awaitables, and starts its timer (NoTimeout: none), at once.
func AsCompleted(l *Loop, timeout time.Duration, as ...Awaitable) (*Completion, error) {
	ptrs, err := l.addresses(as)
	if err != nil {
		return nil, err
	}
	limit := -1.0
	if timeout != NoTimeout {
		limit = math.Max(0, seconds(timeout))
	}
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int {
		return raw.Loop_as_completed(loop, &ptrs[0], uintptr(len(as)), limit, ret)
	}, raw.Completion_unref)
	if err != nil {
		return nil, err
	}
	return &Completion{o}, nil
}

// Next is the outcome of the next that is done, or ErrTimeout; ErrInvalidState after the last.
func (c *Completion) Next(ctx *Ctx) (any, error) { return c.await(ctx, raw.Completion_next) }
