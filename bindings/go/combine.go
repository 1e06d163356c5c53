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
func addresses(as []Awaitable) []uintptr {
	ptrs := make([]uintptr, len(as)+1)
	for i, a := range as {
		ptrs[i] = a.base().address()
	}
	return ptrs
}

// Gather is a future for the list of the results, in the order given. Cancelling it cancels them.
func Gather(l *Loop, mode GatherMode, as ...Awaitable) (*Future[[]any], error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	ptrs := addresses(as)
	l.sync()
	var p uintptr
	if s := raw.Loop_gather(l.ptr, &ptrs[0], uintptr(len(as)), int(mode), &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[[]any]{l.adopt(p)}, nil
}

// Shield follows the awaitable, but its cancellation does not reach it. If it is done, it is that very future.
func Shield(l *Loop, a Awaitable) (*Future[any], error) {
	inner := a.base()
	var p uintptr
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	if s := raw.Loop_shield(l.ptr, inner.address(), &p); s != 0 {
		return nil, statusError(s)
	}
	if p == inner.ptr {
		raw.Future_unref(p)
		return &Future[any]{inner}, nil
	}
	return &Future[any]{l.adopt(p)}, nil
}

// Same says whether the awaitable is this future, by another handle perhaps.
func (f *Future[T]) Same(a Awaitable) bool {
	other := a.base()
	return f.f == other || f.f.address() == other.address()
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
	ptrs := addresses(as)
	limit := -1.0
	if timeout != NoTimeout {
		limit = math.Max(0, seconds(timeout))
	}
	_, err = ctx.coroutine(func(l *Loop, ret *uintptr) int {
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
	return ctx.coroutine(func(l *Loop, ret *uintptr) int {
		return raw.Loop_wait_for(l.ptr, a.base().address(), limit, ret)
	})
}

// coroutine awaits what a function of the library makes: it runs inside this task.
func (c *Ctx) coroutine(make func(*Loop, *uintptr) int) (any, error) {
	t := c.task
	l := t.loop
	if err := t.check(l); err != nil {
		return nil, err
	}
	l.sync()
	var p uintptr
	if s := make(l, &p); s != 0 {
		return nil, statusError(s)
	}
	l.sync()
	s := raw.Host_await_coroutine(l.host, p, &l.pump.atOnce[0])
	raw.Coroutine_unref(p)
	return t.awaited(s)
}

// object is a handle of the library's.
type object struct {
	loop  *Loop
	ptr   uintptr
	unref func(uintptr)
}

// newObject calls what makes it. The finalizer is set by whoever embeds it.
func (l *Loop) newObject(make func(uintptr, *uintptr) int, unref func(uintptr)) (*object, error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.sync()
	var p uintptr
	if s := make(l.ptr, &p); s != 0 {
		return nil, statusError(s)
	}
	o := &object{l, p, unref}
	setFinalizer(o)
	return o, nil
}

// Release lets go of it at once, instead of when Go's collector finds it.
func (o *object) Release() {
	if p := o.ptr; p != 0 {
		o.ptr = 0
		o.loop.unref(o.unref, p)
	}
}

// do calls a function that has an effect.
func (o *object) do(fn func(uintptr) int) error {
	o.loop.sync()
	s := fn(o.ptr)
	o.loop.after()
	return statusError(s)
}

// ask calls one that answers yes or no.
func (o *object) ask(fn func(uintptr) int) bool {
	o.loop.sync()
	return fn(o.ptr) == 1
}

func (o *object) count(fn func(uintptr) uintptr) int {
	o.loop.sync()
	return int(fn(o.ptr))
}

// await awaits one of its coroutines.
func (o *object) await(ctx *Ctx, fn func(uintptr, *uintptr) int) (any, error) {
	return ctx.coroutine(func(_ *Loop, ret *uintptr) int { return fn(o.ptr, ret) })
}

// Completion gives the outcomes of several futures as they come: asyncio.as_completed.
type Completion struct{ *object }

// AsCompleted subscribes to the awaitables, and starts its timer (NoTimeout: none), at once.
func AsCompleted(l *Loop, timeout time.Duration, as ...Awaitable) (*Completion, error) {
	ptrs := addresses(as)
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
