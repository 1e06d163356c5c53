package boucle

import (
	"boucle.dev/go/boucle/internal/raw"
)

// Lock is asyncio.Lock, for the tasks of one loop. Tasks get it in the order in which they asked for it.
type Lock struct{ *object }

// NewLock makes a lock.
func NewLock(l *Loop) (*Lock, error) {
	o, err := l.newObject(raw.Lock_new, raw.Lock_unref)
	if err != nil {
		return nil, err
	}
	return &Lock{o}, nil
}

// Acquire waits until the task has the lock.
func (m *Lock) Acquire(ctx *Ctx) error {
	_, err := m.await(ctx, raw.Lock_acquire)
	return err
}

// Release unlocks the lock. ErrNotLocked if it is not locked. It does not give up the handle: see Unref.
func (m *Lock) Release() error { return m.do(raw.Lock_release) }

// Unref gives up the handle now, instead of when Go's collector finds it.
func (m *Lock) Unref() { m.object.Release() }

// Locked reports whether the lock is locked.
func (m *Lock) Locked() bool { return m.ask(raw.Lock_locked) }

// With calls body while the task has the lock.
func (m *Lock) With(ctx *Ctx, body func() error) error {
	if err := m.Acquire(ctx); err != nil {
		return err
	}
	return withRelease(body, m.Release)
}

// withRelease calls body, then release, even if body panics.
func withRelease(body func() error, release func() error) (err error) {
	defer func() {
		if e := release(); err == nil {
			err = e
		}
	}()
	return body()
}

// Event is asyncio.Event.
type Event struct{ *object }

// NewEvent makes an event, which is not set.
func NewEvent(l *Loop) (*Event, error) {
	o, err := l.newObject(raw.Event_new, raw.Event_unref)
	if err != nil {
		return nil, err
	}
	return &Event{o}, nil
}

// IsSet reports whether the event is set.
func (e *Event) IsSet() bool { return e.ask(raw.Event_is_set) }

// Set sets the event. All tasks that wait for it resume.
func (e *Event) Set() error { return e.do(raw.Event_set) }

// Clear makes the event not set.
func (e *Event) Clear() error { return e.do(raw.Event_clear) }

// Wait waits until the event is set.
func (e *Event) Wait(ctx *Ctx) error {
	_, err := e.await(ctx, raw.Event_wait)
	return err
}

// Condition is asyncio.Condition.
type Condition struct {
	*object
	lock *Lock
}

// NewCondition makes a condition. If lock is nil, the condition makes its own.
func NewCondition(l *Loop, lock *Lock) (*Condition, error) {
	var p uintptr
	if lock != nil {
		if lock.loop != l {
			return nil, statusError(int(raw.LOOP_EWRONGLOOP))
		}
		if p = lock.address(); p == 0 {
			return nil, errInvalid()
		}
	}
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int { return raw.Condition_new(loop, p, ret) }, raw.Condition_unref)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		lock = &Lock{&object{l, l.own(raw.Lock_ref(raw.Condition_lock(o.own.ptr)), raw.Lock_unref)}}
	}
	return &Condition{o, lock}, nil
}

// Lock returns the lock of the condition.
func (c *Condition) Lock() *Lock { return c.lock }

// Wait unlocks, waits until the task is notified, and locks again.
func (c *Condition) Wait(ctx *Ctx) error {
	_, err := c.await(ctx, raw.Condition_wait)
	return err
}

// WaitFor waits until the predicate returns true. It calls the predicate while the task has the lock.
func (c *Condition) WaitFor(ctx *Ctx, predicate func() bool) error {
	for !predicate() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes at most count tasks. ErrNotLocked.
func (c *Condition) Notify(count int) error {
	return c.do(func(p uintptr) int { return raw.Condition_notify(p, nonNegative(count)) })
}

// NotifyAll wakes all tasks that wait. ErrNotLocked.
func (c *Condition) NotifyAll() error { return c.do(raw.Condition_notify_all) }

// Semaphore is asyncio.Semaphore and asyncio.BoundedSemaphore.
type Semaphore struct{ *object }

// NewSemaphore makes a semaphore.
func NewSemaphore(l *Loop, value int) (*Semaphore, error) {
	return newSemaphore(l, value, raw.Semaphore_new)
}

// NewBoundedSemaphore makes a semaphore that cannot be released more often than it was acquired.
func NewBoundedSemaphore(l *Loop, value int) (*Semaphore, error) {
	return newSemaphore(l, value, raw.Semaphore_new_bounded)
}

func newSemaphore(l *Loop, value int, make func(uintptr, int64, *uintptr) int) (*Semaphore, error) {
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int { return make(loop, int64(value), ret) }, raw.Semaphore_unref)
	if err != nil {
		return nil, err
	}
	return &Semaphore{o}, nil
}

// Acquire waits until the counter is above 0, and decrements it.
func (s *Semaphore) Acquire(ctx *Ctx) error {
	_, err := s.await(ctx, raw.Semaphore_acquire)
	return err
}

// Release increments the counter. ErrOverReleased.
func (s *Semaphore) Release() error { return s.do(raw.Semaphore_release) }

// Unref gives up the handle now, instead of when Go's collector finds it.
func (s *Semaphore) Unref() { s.object.Release() }

// Locked reports whether Acquire would wait.
func (s *Semaphore) Locked() bool { return s.ask(raw.Semaphore_locked) }

// With calls body between Acquire and Release.
func (s *Semaphore) With(ctx *Ctx, body func() error) error {
	if err := s.Acquire(ctx); err != nil {
		return err
	}
	return withRelease(body, s.Release)
}

// Barrier is asyncio.Barrier.
type Barrier struct{ *object }

// NewBarrier makes a barrier for that many tasks.
func NewBarrier(l *Loop, parties int) (*Barrier, error) {
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int {
		return raw.Barrier_new(loop, nonNegative(parties), ret)
	}, raw.Barrier_unref)
	if err != nil {
		return nil, err
	}
	return &Barrier{o}, nil
}

// Wait waits for the other tasks. It returns a different number, from 0 to Parties()-1, to each of them.
func (b *Barrier) Wait(ctx *Ctx) (int, error) { return As[int](b.await(ctx, raw.Barrier_wait)) }

// Reset makes the barrier empty. Tasks that wait get ErrBrokenBarrier.
func (b *Barrier) Reset(ctx *Ctx) error {
	_, err := b.await(ctx, raw.Barrier_reset)
	return err
}

// Abort breaks the barrier. All tasks that wait, now or later, get ErrBrokenBarrier.
func (b *Barrier) Abort(ctx *Ctx) error {
	_, err := b.await(ctx, raw.Barrier_abort)
	return err
}

// Parties returns the number of tasks for which the barrier is made.
func (b *Barrier) Parties() int { return b.count(raw.Barrier_parties) }

// Waiting returns the number of tasks that wait.
func (b *Barrier) Waiting() int { return b.count(raw.Barrier_n_waiting) }

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool { return b.ask(raw.Barrier_broken) }
