package boucle

import (
	"boucle.dev/go/boucle/internal/raw"
)

// Lock is asyncio.Lock: for the tasks of a loop, in the order of their coming.
type Lock struct{ *object }

// NewLock makes one.
func NewLock(l *Loop) (*Lock, error) {
	o, err := l.newObject(raw.Lock_new, raw.Lock_unref)
	if err != nil {
		return nil, err
	}
	return &Lock{o}, nil
}

// Acquire waits until the lock is this task's.
func (m *Lock) Acquire(ctx *Ctx) error {
	_, err := m.await(ctx, raw.Lock_acquire)
	return err
}

// Release unlocks; ErrNotLocked if it is not locked. Not to be confused with Unref.
func (m *Lock) Release() error { return m.do(raw.Lock_release) }

// Unref lets go of the handle at once, instead of when Go's collector finds it.
func (m *Lock) Unref() { m.object.Release() }

// Locked says whether it is locked.
func (m *Lock) Locked() bool { return m.ask(raw.Lock_locked) }

// With runs body with the lock held.
func (m *Lock) With(ctx *Ctx, body func() error) error {
	if err := m.Acquire(ctx); err != nil {
		return err
	}
	return withRelease(body, m.Release)
}

// withRelease runs body, then release, also if body panics.
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

// NewEvent makes one, which is not set.
func NewEvent(l *Loop) (*Event, error) {
	o, err := l.newObject(raw.Event_new, raw.Event_unref)
	if err != nil {
		return nil, err
	}
	return &Event{o}, nil
}

// IsSet says whether it is set.
func (e *Event) IsSet() bool { return e.ask(raw.Event_is_set) }

// Set sets it: all who wait go on.
func (e *Event) Set() error { return e.do(raw.Event_set) }

// Clear takes that back.
func (e *Event) Clear() error { return e.do(raw.Event_clear) }

// Wait waits until it is set.
func (e *Event) Wait(ctx *Ctx) error {
	_, err := e.await(ctx, raw.Event_wait)
	return err
}

// Condition is asyncio.Condition.
type Condition struct {
	*object
	lock *Lock
}

// NewCondition makes one; lock may be nil: then it makes its own.
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

// Lock is its lock.
func (c *Condition) Lock() *Lock { return c.lock }

// Wait unlocks, waits for a notice, and locks again.
func (c *Condition) Wait(ctx *Ctx) error {
	_, err := c.await(ctx, raw.Condition_wait)
	return err
}

// WaitFor waits until the predicate holds, which it asks with the lock held.
func (c *Condition) WaitFor(ctx *Ctx, predicate func() bool) error {
	for !predicate() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes count tasks. ErrNotLocked.
func (c *Condition) Notify(count int) error {
	return c.do(func(p uintptr) int { return raw.Condition_notify(p, nonNegative(count)) })
}

// NotifyAll wakes all.
func (c *Condition) NotifyAll() error { return c.do(raw.Condition_notify_all) }

// Semaphore is asyncio.Semaphore and asyncio.BoundedSemaphore.
type Semaphore struct{ *object }

// NewSemaphore makes one.
func NewSemaphore(l *Loop, value int) (*Semaphore, error) {
	return newSemaphore(l, value, raw.Semaphore_new)
}

// NewBoundedSemaphore makes one that cannot be released more often than acquired.
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

// Acquire waits until there is one, and takes it.
func (s *Semaphore) Acquire(ctx *Ctx) error {
	_, err := s.await(ctx, raw.Semaphore_acquire)
	return err
}

// Release gives it back; ErrOverReleased.
func (s *Semaphore) Release() error { return s.do(raw.Semaphore_release) }

// Unref lets go of the handle at once.
func (s *Semaphore) Unref() { s.object.Release() }

// Locked says whether it cannot be acquired at once.
func (s *Semaphore) Locked() bool { return s.ask(raw.Semaphore_locked) }

// With runs body between Acquire and Release.
func (s *Semaphore) With(ctx *Ctx, body func() error) error {
	if err := s.Acquire(ctx); err != nil {
		return err
	}
	return withRelease(body, s.Release)
}

// Barrier is asyncio.Barrier.
type Barrier struct{ *object }

// NewBarrier makes one.
func NewBarrier(l *Loop, parties int) (*Barrier, error) {
	o, err := l.newObject(func(loop uintptr, ret *uintptr) int {
		return raw.Barrier_new(loop, nonNegative(parties), ret)
	}, raw.Barrier_unref)
	if err != nil {
		return nil, err
	}
	return &Barrier{o}, nil
}

// Wait waits for the others, and says which of them this one is.
func (b *Barrier) Wait(ctx *Ctx) (int, error) { return As[int](b.await(ctx, raw.Barrier_wait)) }

// Reset breaks it for those who wait.
func (b *Barrier) Reset(ctx *Ctx) error {
	_, err := b.await(ctx, raw.Barrier_reset)
	return err
}

// Abort breaks it for good.
func (b *Barrier) Abort(ctx *Ctx) error {
	_, err := b.await(ctx, raw.Barrier_abort)
	return err
}

// Parties is how many it waits for.
func (b *Barrier) Parties() int { return b.count(raw.Barrier_parties) }

// Waiting is how many wait.
func (b *Barrier) Waiting() int { return b.count(raw.Barrier_n_waiting) }

// Broken says whether it is.
func (b *Barrier) Broken() bool { return b.ask(raw.Barrier_broken) }
