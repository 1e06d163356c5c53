package boucle

import "boucle.dev/go/boucle/internal/raw"

// Queue is asyncio.Queue, LifoQueue or PriorityQueue, for items of one type.
type Queue[T any] struct{ *object }

// NewQueue makes a queue: first in, first out. If maxsize is 0 or less, there is no limit.
func NewQueue[T any](l *Loop, maxsize int) (*Queue[T], error) {
	return newQueue[T](l, func(loop uintptr, ret *uintptr) int { return raw.Queue_new(loop, nonNegative(maxsize), ret) })
}

// NewLifoQueue makes a queue: last in, first out.
func NewLifoQueue[T any](l *Loop, maxsize int) (*Queue[T], error) {
	return newQueue[T](l, func(loop uintptr, ret *uintptr) int { return raw.Queue_new_lifo(loop, nonNegative(maxsize), ret) })
}

// NewPriorityQueue makes a queue whose smallest item comes out first. It compares numbers by value, strings and []byte
// by their bytes, and []any item by item. Values of all other types count as equal.
func NewPriorityQueue[T any](l *Loop, maxsize int) (*Queue[T], error) {
	return newQueue[T](l, func(loop uintptr, ret *uintptr) int { return newPriorityQueue(loop, nonNegative(maxsize), ret) })
}

func newQueue[T any](l *Loop, make func(uintptr, *uintptr) int) (*Queue[T], error) {
	o, err := l.newObject(make, raw.Queue_unref)
	if err != nil {
		return nil, err
	}
	return &Queue[T]{o}, nil
}

// Put waits until there is room, and adds the item.
func (q *Queue[T]) Put(ctx *Ctx, v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	_, err := q.await(ctx, func(queue uintptr, ret *uintptr) int { return raw.Queue_put(queue, p, ret) })
	return err
}

// PutNowait adds the item without waiting. ErrQueueFull.
func (q *Queue[T]) PutNowait(v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	return q.do(func(queue uintptr) int { return raw.Queue_put_nowait(queue, p) })
}

// Get waits until there is an item, and removes it.
func (q *Queue[T]) Get(ctx *Ctx) (T, error) { return As[T](q.await(ctx, raw.Queue_get)) }

// GetNowait removes an item without waiting. ErrQueueEmpty.
func (q *Queue[T]) GetNowait() (T, error) {
	var p uintptr
	if err := q.do(func(queue uintptr) int { return raw.Queue_get_nowait(queue, &p) }); err != nil {
		return As[T](nil, err)
	}
	return As[T](takeValue(p), nil)
}

// TaskDone says that the work on an item is done. ErrOverReleased if it was called for each item already.
func (q *Queue[T]) TaskDone() error { return q.do(raw.Queue_task_done) }

// Join waits until TaskDone was called for each item.
func (q *Queue[T]) Join(ctx *Ctx) error {
	_, err := q.await(ctx, raw.Queue_join)
	return err
}

// Shutdown makes all puts fail from now on, and all gets once the queue is empty. If immediate is true, it empties the
// queue.
func (q *Queue[T]) Shutdown(immediate bool) error {
	i := 0
	if immediate {
		i = 1
	}
	return q.do(func(queue uintptr) int { return raw.Queue_shutdown(queue, i) })
}

// Len returns the number of items.
func (q *Queue[T]) Len() int { return q.count(raw.Queue_size) }

// Empty reports whether there are no items.
func (q *Queue[T]) Empty() bool { return q.ask(raw.Queue_empty) }

// Full reports whether there is no room.
func (q *Queue[T]) Full() bool { return q.ask(raw.Queue_full) }
