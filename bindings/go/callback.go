package boucle

import (
	"runtime"
	"time"

	"boucle.dev/go/boucle/internal/raw"
)

// Duration is time.Duration.
type Duration = time.Duration

// Callback is a function that the loop is to call: asyncio's Handle.
type Callback struct {
	loop   *Loop
	id     int64
	fn     func()
	handle uintptr // 0: it cannot be cancelled, or was released
	name   string
	last   func()
	future uintptr // of a done-callback that is due: lent
}

// Finally has fn called once nothing can come of the callback any more: it was called or cancelled, or its loop is
// closed.
func (c *Callback) Finally(fn func()) { c.last = fn }

func (c *Callback) ends() {
	c.fn = nil
	if last := c.last; last != nil {
		c.last = nil
		last()
	}
}

// SetName gives it a name, for people.
func (c *Callback) SetName(name string) { c.name = name }

// Name is the name that it was given.
func (c *Callback) Name() string { return c.name }

// Cancel makes sure that it will not be called.
func (c *Callback) Cancel() {
	if c.handle != 0 {
		c.loop.sync()
		raw.Handle_cancel(c.handle)
		c.loop.after()
	}
}

// Again makes a call that is still to come come after delay from now instead, as if it was cancelled and CallLater was
// called anew, but for less. ErrInvalidState if it was called, is being called, or was cancelled; ErrClosed if the loop
// is closed; ErrNotSupported if it is a done-callback.
func (c *Callback) Again(delay time.Duration) error {
	if c.handle == 0 {
		return statusError(int(raw.LOOP_ENOTSUPPORTED))
	}
	c.loop.sync()
	s := raw.Handle_again(c.handle, seconds(delay))
	c.loop.after()
	return statusError(s)
}

// Release lets go of the handle at once, instead of when Go's collector finds it. What is to be called still is, but the
// handle must not be used any more.
func (c *Callback) Release() {
	if p := c.handle; p != 0 {
		c.handle = 0
		runtime.SetFinalizer(c, nil)
		c.loop.unref(raw.Handle_unref, p)
	}
}

// Cancelled says whether Cancel was called in time.
func (c *Callback) Cancelled() bool { return c.handle != 0 && raw.Handle_cancelled(c.handle) == 1 }

// When is when it is due, on the loop's clock; 0 for CallSoon's.
func (c *Callback) When() time.Duration {
	if c.handle == 0 {
		return 0
	}
	return duration(raw.Handle_when(c.handle))
}

// CallSoon calls fn in the next turn.
func (l *Loop) CallSoon(fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int { return raw.Host_call_soon(l.host, id, ret) })
}

// CallLater calls fn after a delay.
func (l *Loop) CallLater(delay time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_later(l.host, seconds(delay), id, ret)
	})
}

// CallAt calls fn at a time on the loop's clock.
func (l *Loop) CallAt(when time.Duration, fn func()) (*Callback, error) {
	return l.schedule(fn, func(id int64, ret *uintptr) int {
		return raw.Host_call_at(l.host, seconds(when), id, ret)
	})
}

// Post is CallSoon without a handle: it costs no crossing of its own.
func (l *Loop) Post(fn func()) error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.put(c)
	l.pump.sayMore(sayCallSoon, c.id)
	return nil
}

func (l *Loop) schedule(fn func(), call func(int64, *uintptr) int) (*Callback, error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.sync()
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.put(c)
	var handle uintptr
	if s := call(c.id, &handle); s != 0 {
		return nil, l.refused(c, s)
	}
	c.handle = handle
	runtime.SetFinalizer(c, func(c *Callback) { c.loop.discard(raw.Handle_unref, c.handle) })
	return c, nil
}

// refused is the error of a call that took no callback; the id may have come back already.
func (l *Loop) refused(c *Callback, status int) error {
	id := c.id
	c.id = 0
	if l.slots.get(id) == c {
		if int(l.pump.state[stateDroppedCount]) > l.pump.droppedSeen {
			l.takeDropped()
		} else {
			l.slots.free(id)
		}
	}
	return statusError(status)
}

// CallSoonThreadsafe is CallSoon for other goroutines. ErrClosed if the loop is closed.
func (l *Loop) CallSoonThreadsafe(fn func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	l.posted = append(l.posted, fn)
	if s := raw.Host_call_soon_threadsafe(l.host); s != 0 {
		l.posted = l.posted[:len(l.posted)-1]
		return statusError(s)
	}
	return nil
}

// AddReader calls fn whenever the descriptor is readable, until RemoveReader.
func (l *Loop) AddReader(fd int, fn func()) error {
	return l.addWatcher(fn, func(id int64) int { return raw.Host_add_reader(l.host, fd, id) })
}

// AddWriter calls fn whenever the descriptor is writable, until RemoveWriter.
func (l *Loop) AddWriter(fd int, fn func()) error {
	return l.addWatcher(fn, func(id int64) int { return raw.Host_add_writer(l.host, fd, id) })
}

func (l *Loop) addWatcher(fn func(), call func(int64) int) error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	l.sync()
	c := &Callback{loop: l, fn: fn}
	c.id = l.slots.put(c)
	if s := call(c.id); s != 0 {
		return l.refused(c, s)
	}
	l.after()
	return nil
}

// RemoveReader says whether there was one.
func (l *Loop) RemoveReader(fd int) bool { return l.removeWatcher(fd, raw.Loop_remove_reader) }

// RemoveWriter says whether there was one.
func (l *Loop) RemoveWriter(fd int) bool { return l.removeWatcher(fd, raw.Loop_remove_writer) }

func (l *Loop) removeWatcher(fd int, call func(uintptr, int, *int32) int) bool {
	if l.closed {
		return false
	}
	l.sync()
	var removed int32
	call(l.ptr, fd, &removed)
	l.after()
	return removed != 0
}
