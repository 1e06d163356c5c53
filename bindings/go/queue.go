package boucle

import "boucle.dev/go/boucle/internal/raw"

// Queue is asyncio.Queue, LifoQueue or PriorityQueue, of values of one type.
type Queue[T any] struct{ *object }

// NewQueue makes one: first in, first out. maxsize 0 or less: without bounds.
func NewQueue[T any](l *Loop, maxsize int) (*Queue[T], error) {
	return newQueue[T](l, func(loop uintptr, ret *uintptr) int { return raw.Queue_new(loop, nonNegative(maxsize), ret) })
}

// NewLifoQueue makes one: last in, first out.
func NewLifoQueue[T any](l *Loop, maxsize int) (*Queue[T], error) {
	return newQueue[T](l, func(loop uintptr, ret *uintptr) int { return raw.Queue_new_lifo(loop, nonNegative(maxsize), ret) })
}

// NewPriorityQueue makes one: the smallest first. Numbers go by size, strings and []byte by their bytes, []any item by
// item; values of all other types cannot be told apart.
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

// Put waits until there is room.
func (q *Queue[T]) Put(ctx *Ctx, v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	_, err := q.await(ctx, func(queue uintptr, ret *uintptr) int { return raw.Queue_put(queue, p, ret) })
	return err
}

// PutNowait does not wait; ErrQueueFull.
func (q *Queue[T]) PutNowait(v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	return q.do(func(queue uintptr) int { return raw.Queue_put_nowait(queue, p) })
}

// Get waits until there is an item, and takes it.
func (q *Queue[T]) Get(ctx *Ctx) (T, error) { return As[T](q.await(ctx, raw.Queue_get)) }

// GetNowait does not wait; ErrQueueEmpty.
func (q *Queue[T]) GetNowait() (T, error) {
	var p uintptr
	if err := q.do(func(queue uintptr) int { return raw.Queue_get_nowait(queue, &p) }); err != nil {
		return As[T](nil, err)
	}
	return As[T](takeValue(p), nil)
}

// TaskDone marks an item as done; ErrOverReleased.
func (q *Queue[T]) TaskDone() error { return q.do(raw.Queue_task_done) }

// Join waits until each item that was put is marked as done.
func (q *Queue[T]) Join(ctx *Ctx) error {
	_, err := q.await(ctx, raw.Queue_join)
	return err
}

// Shutdown refuses puts from now on, and gets once it is empty; immediate: empties it too.
func (q *Queue[T]) Shutdown(immediate bool) error {
	i := 0
	if immediate {
		i = 1
	}
	return q.do(func(queue uintptr) int { return raw.Queue_shutdown(queue, i) })
}

// Len is the number of items.
func (q *Queue[T]) Len() int { return q.count(raw.Queue_size) }

// Empty says whether there is none.
func (q *Queue[T]) Empty() bool { return q.ask(raw.Queue_empty) }

// Full says whether there is no room.
func (q *Queue[T]) Full() bool { return q.ask(raw.Queue_full) }
