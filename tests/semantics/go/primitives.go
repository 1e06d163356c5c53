package main

import (
	"errors"

	"boucle.dev/go/boucle"
)

func made[T any](v T, err error, release func(T) func()) (any, error) {
	if err != nil {
		return nil, err
	}
	return &object{references: 1, other: v, release: release(v)}, nil
}

// with makes an operation of a function of a primitive.
func with[T any](fn func(f *frame, x T, n *node) (any, error)) operation {
	return func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		x, ok := o.other.(T)
		if !ok {
			return nil, raise("AttributeError", "the object is of another type")
		}
		return fn(f, x, n)
	}
}

func number0(f *frame, n *node, otherwise int) (int, error) {
	if len(n.words) == 0 {
		return otherwise, nil
	}
	return f.integer(n.words[0])
}

func queueOf(make func(*boucle.Loop, int) (*boucle.Queue[any], error)) operation {
	return func(f *frame, n *node) (any, error) {
		size, err := number0(f, n, 0)
		if err != nil {
			return nil, err
		}
		q, err := make(f.env.loop, size)
		return made(q, err, func(q *boucle.Queue[any]) func() { return q.Release })
	}
}

func semaphoreOf(make func(*boucle.Loop, int) (*boucle.Semaphore, error)) operation {
	return func(f *frame, n *node) (any, error) {
		value, err := number0(f, n, 1)
		if err != nil {
			return nil, err
		}
		s, err := make(f.env.loop, value)
		return made(s, err, func(s *boucle.Semaphore) func() { return s.Unref })
	}
}

var primitives = map[string]operation{
	"lock": func(f *frame, n *node) (any, error) {
		l, err := boucle.NewLock(f.env.loop)
		return made(l, err, func(l *boucle.Lock) func() { return l.Unref })
	},
	"event": func(f *frame, n *node) (any, error) {
		e, err := boucle.NewEvent(f.env.loop)
		return made(e, err, func(e *boucle.Event) func() { return e.Release })
	},
	"condition":         newCondition,
	"semaphore":         semaphoreOf(boucle.NewSemaphore),
	"bounded_semaphore": semaphoreOf(boucle.NewBoundedSemaphore),
	"barrier": func(f *frame, n *node) (any, error) {
		parties, err := f.integer(n.words[0])
		if err != nil {
			return nil, err
		}
		b, err := boucle.NewBarrier(f.env.loop, parties)
		return made(b, err, func(b *boucle.Barrier) func() { return b.Release })
	},
	"queue":          queueOf(boucle.NewQueue[any]),
	"lifo_queue":     queueOf(boucle.NewLifoQueue[any]),
	"priority_queue": queueOf(boucle.NewPriorityQueue[any]),
	"release": func(f *frame, n *node) (any, error) {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		return nil, release(o)
	},
	"locked": locked,
	"notify": with(func(f *frame, c *boucle.Condition, n *node) (any, error) {
		count, err := 1, error(nil)
		if len(n.words) > 1 {
			count, err = f.integer(n.words[1])
		}
		if err != nil {
			return nil, err
		}
		return nil, notified(c.Notify(count))
	}),
	"notify_all": with(func(f *frame, c *boucle.Condition, n *node) (any, error) { return nil, notified(c.NotifyAll()) }),
	"set":        with(func(f *frame, e *boucle.Event, n *node) (any, error) { return nil, e.Set() }),
	"clear":      with(func(f *frame, e *boucle.Event, n *node) (any, error) { return nil, e.Clear() }),
	"is_set":     with(func(f *frame, e *boucle.Event, n *node) (any, error) { return e.IsSet(), nil }),
	"n_waiting":  with(func(f *frame, b *boucle.Barrier, n *node) (any, error) { return b.Waiting(), nil }),
	"broken":     with(func(f *frame, b *boucle.Barrier, n *node) (any, error) { return b.Broken(), nil }),
	"expired":    with(func(f *frame, s *boucle.Scope, n *node) (any, error) { return s.Expired(), nil }),
	"reschedule": with(func(f *frame, s *boucle.Scope, n *node) (any, error) {
		delay, err := f.delay(n.words[1])
		if err != nil {
			return nil, err
		}
		return nil, refused(s.Reschedule(delay), "RuntimeError", "Cannot change state of "+s.State()+" Timeout",
			boucle.ErrExpired)
	}),
	"put_nowait": with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) {
		v, err := f.value(n.words[1])
		if err != nil {
			return nil, err
		}
		defer drop(v)
		return nil, q.PutNowait(outward(v))
	}),
	"get_nowait": with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) {
		v, err := q.GetNowait()
		return inward(v), err
	}),
	"task_done": with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) {
		return nil, refused(q.TaskDone(), "ValueError", "task_done() called too many times", boucle.ErrOverReleased)
	}),
	"qsize": with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) { return q.Len(), nil }),
	"empty": with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) { return q.Empty(), nil }),
	"full":  with(func(f *frame, q *boucle.Queue[any], n *node) (any, error) { return q.Full(), nil }),
}

func newCondition(f *frame, n *node) (any, error) {
	var lock *boucle.Lock
	if len(n.words) > 0 {
		o, err := f.object(n.words[0])
		if err != nil {
			return nil, err
		}
		lock = o.other.(*boucle.Lock)
	}
	c, err := boucle.NewCondition(f.env.loop, lock)
	return made(c, err, func(c *boucle.Condition) func() { return c.Release })
}

func notified(err error) error {
	return refused(err, "RuntimeError", "cannot notify on un-acquired lock", boucle.ErrNotLocked)
}

func locked(f *frame, n *node) (any, error) {
	o, err := f.object(n.words[0])
	if err != nil {
		return nil, err
	}
	switch x := o.other.(type) {
	case *boucle.Lock:
		return x.Locked(), nil
	case *boucle.Condition:
		return x.Lock().Locked(), nil
	}
	return o.other.(*boucle.Semaphore).Locked(), nil
}

func (f *frame) acquire(o *object) error {
	switch x := o.other.(type) {
	case *boucle.Lock:
		return x.Acquire(f.ctx)
	case *boucle.Condition:
		return x.Lock().Acquire(f.ctx)
	case *boucle.Semaphore:
		return x.Acquire(f.ctx)
	}
	return raise("AttributeError", "the object has no acquire")
}

func release(o *object) error {
	var err error
	switch x := o.other.(type) {
	case *boucle.Lock:
		err = x.Release()
	case *boucle.Condition:
		err = x.Lock().Release()
	case *boucle.Semaphore:
		err = x.Release()
	default:
		return raise("AttributeError", "the object has no release")
	}
	if errors.Is(err, boucle.ErrOverReleased) {
		return raise("ValueError", "BoundedSemaphore released too many times")
	}
	return err
}
