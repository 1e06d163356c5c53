package boucle

import (
	"math"
	"syscall"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Duration is time.Duration.
type Duration = time.Duration

// Callback is a function that the loop is to call: asyncio's Handle.
type Callback struct {
	loop    *Loop
	id      int64
	fn      func()
	handle  *owned // nil: it cannot be cancelled
	name    string
	finally func()
	future  uintptr // of a done-callback that is due: lent
}

// Finally has fn called once nothing can come of the callback any more: it was called or cancelled, or its loop is
// closed. fn runs as the exception handler does: it may use the loop, but cannot await.
func (c *Callback) Finally(fn func()) { c.finally = fn }

// SetName gives it a name, for people.
func (c *Callback) SetName(name string) { c.name = name }

// Name is the name that it was given.
func (c *Callback) Name() string { return c.name }

// Cancel makes sure that it will not be called.
func (c *Callback) Cancel() {
	if p := c.address(); p != 0 {
		raw.Handle_cancel(p)
		c.loop.afterCall()
	}
}

// address is the library's handle, or 0.
func (c *Callback) address() uintptr {
	if c.handle == nil {
		return 0
	}
	c.loop.flush()
	return c.handle.ptr
}

// Again makes a call that is still to come come after delay from now instead, as if it was cancelled and CallLater was
// called anew, but for less. ErrInvalidState if it was called, is being called, or was cancelled; ErrClosed if the loop
// is closed; ErrNotSupported if it is a done-callback; ErrInvalid if the handle was released.
func (c *Callback) Again(delay time.Duration) error {
	if c.handle == nil {
		return statusError(int(raw.LOOP_ENOTSUPPORTED))
	}
	s := raw.Handle_again(c.address(), seconds(delay))
	c.loop.afterCall()
	return statusError(s)
}

// Release lets go of the handle at once, instead of when Go's collector finds it. What is to be called still is.
func (c *Callback) Release() {
	if c.handle != nil {
		c.handle.release(c.loop)
	}
}

// Cancelled says whether Cancel was called in time.
func (c *Callback) Cancelled() bool { return raw.Handle_cancelled(c.address()) == 1 }

// When is when it is due, on the loop's clock; 0 for CallSoon's.
func (c *Callback) When() time.Duration {
	p := c.address()
	if p == 0 {
		return 0
	}
	return duration(raw.Handle_when(p))
}

// CallSoon calls fn in the next turn.
func (l *Loop) CallSoon(fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int { return raw.Host_call_soon(l.host.ptr, id, ret) })
}

// CallLater calls fn after a delay.
func (l *Loop) CallLater(delay time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_later(l.host.ptr, seconds(delay), id, ret)
	})
}

// CallAt calls fn at a time on the loop's clock.
func (l *Loop) CallAt(when time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_at(l.host.ptr, seconds(when), id, ret)
	})
}

// Post is CallSoon without a handle: it costs no crossing of its own.
func (l *Loop) Post(fn func()) error {
	if err := l.checkCallable(fn); err != nil {
		return err
	}
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.add(c)
	l.host.appendToEvent(answerCallSoon, c.id)
	return nil
}

// checkCallable is why fn cannot be scheduled, or nil.
func (l *Loop) checkCallable(fn func()) error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	if fn == nil {
		return errInvalid()
	}
	return nil
}

func (l *Loop) schedule(fn func(), call func(int64, *uintptr) int) (*Callback, error) {
	if err := l.checkCallable(fn); err != nil {
		return nil, err
	}
	l.flush()
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.add(c)
	var handle uintptr
	if s := call(c.id, &handle); s != 0 {
		return nil, l.scheduleFailed(c, s)
	}
	c.handle = l.own(handle, raw.Handle_unref)
	return c, nil
}

// scheduleFailed is the error of a call that took no callback; the id may have come back already.
func (l *Loop) scheduleFailed(c *Callback, status int) error {
	id := c.id
	c.id = 0
	if l.slots.get(id) == c {
		if int(l.host.state[stateDroppedCount]) > l.host.droppedSeen {
			l.freeDropped()
		} else {
			l.slots.free(id)
		}
	}
	return statusError(status)
}

// CallSoonThreadsafe is CallSoon for other goroutines. ErrClosed if the loop is closed.
func (l *Loop) CallSoonThreadsafe(fn func()) error {
	if fn == nil {
		return errInvalid()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closedToPosts {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	l.posted = append(l.posted, fn)
	if s := raw.Host_call_soon_threadsafe(l.host.ptr); s != 0 {
		l.posted = l.posted[:len(l.posted)-1]
		return statusError(s)
	}
	return nil
}

// AddReader calls fn whenever the descriptor is readable, until RemoveReader.
func (l *Loop) AddReader(fd int, fn func()) error {
	return l.addWatcher(fd, fn, func(id int64) int { return raw.Host_add_reader(l.host.ptr, fd, id) })
}

// AddWriter calls fn whenever the descriptor is writable, until RemoveWriter.
func (l *Loop) AddWriter(fd int, fn func()) error {
	return l.addWatcher(fd, fn, func(id int64) int { return raw.Host_add_writer(l.host.ptr, fd, id) })
}

func (l *Loop) addWatcher(fd int, fn func(), call func(int64) int) error {
	if err := l.checkCallable(fn); err != nil {
		return err
	}
	if !isDescriptor(fd) {
		return statusError(-int(syscall.EBADF))
	}
	l.flush()
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.add(c)
	if s := call(c.id); s != 0 {
		return l.scheduleFailed(c, s)
	}
	l.afterCall()
	return nil
}

// RemoveReader says whether there was one.
func (l *Loop) RemoveReader(fd int) bool { return l.removeWatcher(fd, raw.Loop_remove_reader) }

// RemoveWriter says whether there was one.
func (l *Loop) RemoveWriter(fd int) bool { return l.removeWatcher(fd, raw.Loop_remove_writer) }

func (l *Loop) removeWatcher(fd int, call func(uintptr, int, *int32) int) bool {
	if l.closed || !isDescriptor(fd) {
		return false
	}
	l.flush()
	var removed int32
	call(l.ptr, fd, &removed)
	l.afterCall()
	return removed != 0
}

// isDescriptor says whether it survives the way through C's int.
func isDescriptor(fd int) bool { return fd >= 0 && fd <= math.MaxInt32 }
