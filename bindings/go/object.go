package boucle

import "boucle.dev/go/boucle/internal/raw"

// object is what locks, queues and so on are made of: a handle of the library's.
type object struct {
	loop *Loop
	own  *owned
}

// newObject calls what makes it.
func (l *Loop) newObject(make func(uintptr, *uintptr) int, unref func(uintptr)) (*object, error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.flush()
	var p uintptr
	if s := make(l.ptr, &p); s != 0 {
		return nil, statusError(s)
	}
	return &object{l, l.own(p, unref)}, nil
}

// Release lets go of it at once, instead of when Go's collector finds it. It is of no use from here on: what returns errors
// says ErrInvalid.
func (o *object) Release() { o.own.release(o.loop) }

// address is the library's handle, lent; 0 if it was released.
func (o *object) address() uintptr {
	o.loop.flush()
	return o.own.ptr
}

// do calls a function that has an effect.
func (o *object) do(fn func(uintptr) int) error {
	s := fn(o.address())
	o.loop.afterCall()
	return statusError(s)
}

// ask calls one that answers yes or no.
func (o *object) ask(fn func(uintptr) int) bool { return fn(o.address()) == 1 }

func (o *object) count(fn func(uintptr) uintptr) int { return int(fn(o.address())) }

// await awaits one of its coroutines.
func (o *object) await(ctx *Ctx, fn func(uintptr, *uintptr) int) (any, error) {
	if err := ctx.checkRunning(); err != nil {
		return nil, err
	}
	if ctx.task.loop != o.loop {
		return nil, statusError(int(raw.LOOP_EWRONGLOOP))
	}
	return ctx.awaitCoroutine(func(_ *Loop, ret *uintptr) int { return fn(o.address(), ret) })
}

// enterScope begins a block in the running task.
func (o *object) enterScope(fn func(uintptr) int, b cancelScope) error {
	if err := o.do(fn); err != nil {
		return err
	}
	if t := o.loop.current; t != nil {
		t.ctx.enterScope(b)
	}
	return nil
}

// nonNegative is a count for C, which has none below 0.
func nonNegative(n int) uintptr {
	if n < 0 {
		return 0
	}
	return uintptr(n)
}
