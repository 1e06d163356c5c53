package boucle

import "boucle.dev/go/boucle/internal/raw"

// object is the common part of locks, queues and so on: a handle of an object of the library.
type object struct {
	loop *Loop
	own  *owned
}

// newObject calls the function that makes the library's object.
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

// Release gives up the object now, instead of when Go's collector finds it. After that it is invalid: functions that
// return errors return ErrInvalid.
func (o *object) Release() { o.own.release(o.loop) }

// address submits the answers, then returns the library's handle, lent; 0 if it was released.
func (o *object) address() uintptr {
	o.loop.flush()
	return o.own.ptr
}

// do calls a function of the library that has an effect.
func (o *object) do(fn func(uintptr) int) error {
	s := fn(o.address())
	o.loop.afterCall()
	return statusError(s)
}

// ask calls a function of the library that answers a question.
func (o *object) ask(fn func(uintptr) int) bool { return fn(o.address()) == 1 }

// count calls a function of the library that returns a number.
func (o *object) count(fn func(uintptr) uintptr) int { return int(fn(o.address())) }

// await awaits the coroutine of the library that fn makes.
func (o *object) await(ctx *Ctx, fn func(uintptr, *uintptr) int) (any, error) {
	if err := ctx.checkRunning(); err != nil {
		return nil, err
	}
	if ctx.task.loop != o.loop {
		return nil, statusError(int(raw.LOOP_EWRONGLOOP))
	}
	return ctx.awaitCoroutine(func(_ *Loop, ret *uintptr) int { return fn(o.address(), ret) })
}

// enterScope makes the running task enter the scope.
func (o *object) enterScope(fn func(uintptr) int, b cancelScope) error {
	if err := o.do(fn); err != nil {
		return err
	}
	if t := o.loop.current; t != nil {
		t.ctx.enterScope(b)
	}
	return nil
}

// nonNegative returns n, or 0 if it is negative: the library has size_t.
func nonNegative(n int) uintptr {
	if n < 0 {
		return 0
	}
	return uintptr(n)
}
