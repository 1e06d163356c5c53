package boucle

import (
	"math"
	"syscall"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Duration is time.Duration.
type Duration = time.Duration

// Callback is a function that the loop will call. It is asyncio's Handle.
type Callback struct {
	loop    *Loop
	id      int64
	fn      func()
	handle  *owned // nil: the callback cannot be cancelled
	name    string
	finally func()
	future  uintptr // the done future, while its done-callback runs; lent
}

// Finally sets a function that is called once the callback will not be called any more: it was called, it was
// cancelled, or the loop was closed. As an exception handler, fn may use the loop but cannot await.
func (c *Callback) Finally(fn func()) { c.finally = fn }

// SetName sets a name, which only people read.
func (c *Callback) SetName(name string) { c.name = name }

// Name returns the name that SetName set.
func (c *Callback) Name() string { return c.name }

// Cancel prevents the call, unless it has happened already.
func (c *Callback) Cancel() {
	if p := c.address(); p != 0 {
		raw.Handle_cancel(p)
		c.loop.afterCall()
	}
}

// address returns the library's handle, lent, or 0 if there is none.
func (c *Callback) address() uintptr {
	if c.handle == nil {
		return 0
	}
	c.loop.flush()
	return c.handle.ptr
}

// Again postpones a call that has not happened yet: it will happen delay from now. The effect is that of Cancel and a
// new CallLater, at less cost. Errors: ErrInvalidState if the callback was called, is being called, or was cancelled;
// ErrClosed if the loop is closed; ErrNotSupported if it is a done-callback; ErrInvalid if the handle was released.
func (c *Callback) Again(delay time.Duration) error {
	if c.handle == nil {
		return statusError(int(raw.LOOP_ENOTSUPPORTED))
	}
	s := raw.Handle_again(c.address(), seconds(delay))
	c.loop.afterCall()
	return statusError(s)
}

// Release gives up the handle now, instead of when Go's collector finds it. The callback is still called.
func (c *Callback) Release() {
	if c.handle != nil {
		c.handle.release(c.loop)
	}
}

// Cancelled reports whether Cancel prevented the call.
func (c *Callback) Cancelled() bool { return raw.Handle_cancelled(c.address()) == 1 }

// When returns the time of the call on the loop's clock; 0 if CallSoon scheduled it.
func (c *Callback) When() time.Duration {
	p := c.address()
	if p == 0 {
		return 0
	}
	return duration(raw.Handle_when(p))
}

// CallSoon schedules fn for the next turn of the loop.
func (l *Loop) CallSoon(fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int { return raw.Host_call_soon(l.host.ptr, id, ret) })
}

// CallLater schedules fn for after the delay.
func (l *Loop) CallLater(delay time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_later(l.host.ptr, seconds(delay), id, ret)
	})
}

// CallAt schedules fn for a time on the loop's clock.
func (l *Loop) CallAt(when time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_at(l.host.ptr, seconds(when), id, ret)
	})
}

// Post is CallSoon without a handle. It needs no call of the library of its own.
func (l *Loop) Post(fn func()) error {
	if err := l.checkCallable(fn); err != nil {
		return err
	}
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.add(c)
	l.host.appendToEvent(answerCallSoon, c.id)
	return nil
}

// checkCallable returns an error if fn cannot be scheduled.
func (l *Loop) checkCallable(fn func()) error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	if fn == nil {
		return errInvalid()
	}
	return nil
}

// schedule calls a function of the library that schedules the callback of an id.
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

// scheduleFailed returns the error of a call that did not schedule the callback. It frees the id, unless the library
// has dropped the id already.
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

// CallSoonThreadsafe is CallSoon for goroutines that do not run the loop. ErrClosed if the loop is closed.
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

// AddReader makes the loop call fn whenever the descriptor is readable, until RemoveReader.
func (l *Loop) AddReader(fd int, fn func()) error {
	return l.addWatcher(fd, fn, func(id int64) int { return raw.Host_add_reader(l.host.ptr, fd, id) })
}

// AddWriter makes the loop call fn whenever the descriptor is writable, until RemoveWriter.
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

// RemoveReader removes what AddReader added, and reports whether there was anything.
func (l *Loop) RemoveReader(fd int) bool { return l.removeWatcher(fd, raw.Loop_remove_reader) }

// RemoveWriter removes what AddWriter added, and reports whether there was anything.
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

// isDescriptor reports whether the number fits into an int of C.
func isDescriptor(fd int) bool { return fd >= 0 && fd <= math.MaxInt32 }
