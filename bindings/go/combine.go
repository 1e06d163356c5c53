package boucle

import (
	"math"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// NoTimeout is a timeout that never expires.
const NoTimeout = time.Duration(math.MaxInt64)

// GatherMode says what Gather does with errors.
type GatherMode int

const (
	// FirstError: the first error is that of the gathered future.
	FirstError GatherMode = iota
	// Exceptions: errors are items of the list.
	Exceptions
)

// addresses returns the pointers of the awaitables, followed by a 0, so that the array is never empty.
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

// Gather returns a future for the list of the results, in the order of the arguments. If the future is cancelled, they
// are cancelled too.
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

// Shield returns a future that follows the awaitable; if the future is cancelled, the awaitable is not. If the
// awaitable is done, Shield returns a new handle of the same future.
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

// WaitMode says when Wait returns.
type WaitMode int32

// The modes of asyncio.wait().
const (
	FirstCompleted WaitMode = iota
	FirstException
	AllCompleted
)

// Wait suspends the task until the mode is satisfied or the timeout is over. It returns the awaitables that are done
// and those that are pending, each in the order of the arguments. It cancels nothing.
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

// WaitFor returns the outcome of the awaitable. If the timeout is over first, it cancels the awaitable and returns
// ErrTimeout.
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

// Completion returns the outcomes of several futures in the order in which they are done: asyncio.as_completed().
type Completion struct{ *object }

// AsCompleted begins to wait for the awaitables, and starts the timeout, at once.
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

// Next waits for the next future that is done, and returns its outcome. It returns ErrTimeout if the timeout is over,
// and ErrInvalidState if there are no more futures.
func (c *Completion) Next(ctx *Ctx) (any, error) { return c.await(ctx, raw.Completion_next) }
