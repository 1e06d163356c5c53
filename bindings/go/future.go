package boucle

import "boucle.dev/go/boucle/internal/raw"

// Awaitable is what a task can await, and what a loop can run until: a Future or a Task of any type.
type Awaitable interface{ base() *future }

// AwaitableOf is an Awaitable whose result has the type T: *Future[T] or *Task[T].
type AwaitableOf[T any] interface {
	Awaitable
	Await(ctx *Ctx) (T, error)
}

// Future is the outcome of something that may not have happened yet.
type Future[T any] struct{ f *future }

// Task is a future whose outcome is that of a function.
type Task[T any] struct{ Future[T] }

func (f *Future[T]) base() *future {
	if f == nil {
		return nil
	}
	return f.f
}

// NewFuture returns a pending future.
func NewFuture[T any](l *Loop) (*Future[T], error) {
	if l.closed {
		return nil, statusError(int(raw.LOOP_ECLOSED))
	}
	l.flush()
	var p uintptr
	if s := raw.Loop_create_future(l.ptr, &p); s != 0 {
		return nil, statusError(s)
	}
	return &Future[T]{l.adopt(p)}, nil
}

// CreateFuture returns a pending future.
func (l *Loop) CreateFuture() (*Future[any], error) { return NewFuture[any](l) }

// Await suspends the task of ctx until the future is done, and returns its result or its error. Errors of the call
// itself: see the function Await.
func (f *Future[T]) Await(ctx *Ctx) (T, error) { return As[T](f.f.await(ctx)) }

// Done reports whether the future has a result or an error, or was cancelled.
func (f *Future[T]) Done() bool { return f.f.done() }

// Cancelled reports whether the future was cancelled.
func (f *Future[T]) Cancelled() bool { return f.f.cancelled() }

// Result returns the result or the error. ErrInvalidState if the future is not done.
func (f *Future[T]) Result() (T, error) { return As[T](f.f.result()) }

// Exception returns the error, or nil if there is a result. ErrInvalidState if the future is not done.
func (f *Future[T]) Exception() error { return f.f.exception() }

// SetResult completes the future. ErrInvalidState if it is done; ErrNotSupported if it is a task.
func (f *Future[T]) SetResult(v T) error {
	p := newValue(v)
	defer raw.Value_unref(p)
	s := raw.Future_set_result(f.f.address(), p)
	f.f.loop.afterCall()
	return statusError(s)
}

// SetException completes the future with an error.
func (f *Future[T]) SetException(err error) error {
	if err == nil {
		return errInvalid()
	}
	p := newException(err)
	defer raw.Exception_unref(p)
	s := raw.Future_set_exception(f.f.address(), p)
	f.f.loop.afterCall()
	return statusError(s)
}

// Cancel cancels the future, or asks the task to stop. It returns false if the future or task is done.
func (f *Future[T]) Cancel(message ...string) bool {
	text := ""
	if len(message) > 0 {
		text = message[0]
	}
	return f.f.cancel(text)
}

// AddDoneCallback schedules fn for when the future is done, in a later turn of the loop.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T])) (*Callback, error) {
	l := f.f.loop
	if _, err := l.futureOf(f); err != nil {
		return nil, err
	}
	if fn == nil {
		return nil, errInvalid()
	}
	c := &Callback{loop: l}
	c.fn = func() { fn(f.liveHandle(c.future)) }
	address := f.f.address()
	c.id = l.slots.add(c)
	if s := raw.Host_add_done_callback(l.host.ptr, address, c.id); s != 0 {
		return nil, l.scheduleFailed(c, s)
	}
	return c, nil
}

// liveHandle returns the handle, or a new one if it was released.
func (f *Future[T]) liveHandle(ptr uintptr) *Future[T] {
	if !f.f.released {
		return f
	}
	return &Future[T]{f.f.loop.adopt(raw.Future_ref(ptr))}
}

// RemoveDoneCallback removes a done-callback. It returns false if the callback was called, or is due.
func (f *Future[T]) RemoveDoneCallback(c *Callback) bool {
	l := f.f.loop
	if c == nil || c.id == 0 || c.loop != l || l.closed {
		return false
	}
	var removed uintptr
	if raw.Host_remove_done_callback(l.host.ptr, f.f.address(), c.id, &removed) != 0 {
		return false
	}
	l.afterCall()
	return removed != 0
}

// ID returns a number that is the same for all handles of the future. When the future is gone, the number may be given
// to another one.
func (f *Future[T]) ID() uintptr {
	if f.f.id == 0 {
		f.f.address()
	}
	return f.f.id
}

// Release gives up the future now, instead of when Go's collector finds the handle. It is for programs that rely on the
// reports of lost errors, and of tasks that were destroyed while pending. After that, this handle, and all that Any,
// AsTask, Ctx.Task or CurrentTask made of it, are invalid: functions that return errors return ErrInvalid.
func (f *Future[T]) Release() { f.f.release() }

// Any returns the same future, untyped.
func (f *Future[T]) Any() *Future[any] { return &Future[any]{f.f} }

// AsTask returns the future as a task, or nil if it is none.
func (f *Future[T]) AsTask() *Task[T] {
	if f.f.task == nil && raw.Future_as_task(f.f.address()) == 0 {
		return nil
	}
	return &Task[T]{*f}
}

// Same reports whether the awaitable is this future, perhaps by another handle.
func (f *Future[T]) Same(a Awaitable) bool {
	other := baseOf(a)
	if other == nil || other.loop != f.f.loop {
		return false
	}
	return f.f == other || (f.f.address() == other.address() && !f.f.released && !other.released)
}

// future is the part that futures and tasks of all types have. Any and AsTask make handles that share it.
type future struct {
	loop     *Loop
	own      *owned  // nil for a task of Go: the host has the reference until the task is forgotten
	task     *task   // nil unless the code is a function of Go
	ptr      uintptr // the task's future_t, lent; 0 until it is needed
	id       uintptr // see ID; 0 until it is needed
	released bool
}

// adopt takes the reference over.
func (l *Loop) adopt(ptr uintptr) *future {
	return &future{loop: l, own: l.own(ptr, raw.Future_unref), id: ptr}
}

// baseOf returns the future of the awaitable; nil if there is none.
func baseOf(a Awaitable) *future {
	if a == nil {
		return nil
	}
	return a.base()
}

// futureOf returns the future of the awaitable, or an error if it cannot be used with this loop.
func (l *Loop) futureOf(a Awaitable) (*future, error) {
	f := baseOf(a)
	switch {
	case l.closed:
		return nil, statusError(int(raw.LOOP_ECLOSED))
	case f == nil || f.released:
		return nil, errInvalid()
	case f.loop != l:
		return nil, statusError(int(raw.LOOP_EWRONGLOOP))
	}
	return f, nil
}

// address submits the answers, then returns the future_t, lent; 0 if it was released. For a task that returned and was
// forgotten, it is the future_t of a substitute.
func (f *future) address() uintptr {
	if f.released {
		return 0
	}
	f.loop.flush()
	if f.own != nil {
		return f.own.ptr
	}
	if f.ptr == 0 {
		f.ptr = f.task.coreFuture()
		if f.id == 0 {
			f.id = f.ptr
		}
	}
	return f.ptr
}

// coreFuture returns the task's future_t or that of a substitute, lent; 0 if the task has no handle.
func (t *task) coreFuture() uintptr {
	l, s := t.loop, t.slot
	switch {
	case s.own != nil:
		return s.own.ptr
	case !s.forgotten:
		if t.finished {
			t.setFinalizer()
		}
		return raw.Task_as_future(raw.Host_task(l.host.ptr, s.id))
	case t.returned && !l.closed:
		return t.newSubstitute()
	}
	return 0
}

// newSubstitute makes a future with the task's result, because the library has forgotten the task.
func (t *task) newSubstitute() uintptr {
	var p uintptr
	must(raw.Loop_create_future(t.loop.ptr, &p))
	v := newValue(t.value)
	must(raw.Future_set_result(p, v))
	raw.Value_unref(v)
	t.substitute = t.loop.own(p, raw.Future_unref)
	return p
}

// resultKnown reports whether the result is known without a call of the library.
func (f *future) resultKnown() bool {
	return f.task != nil && f.task.returned && (f.ptr == 0 || f.task.substitute != nil)
}

func (f *future) done() bool {
	if f.resultKnown() {
		return true
	}
	if f.task != nil && !f.task.finished && f.task.goroutine != nil {
		return false
	}
	return raw.Future_done(f.address()) == 1
}

func (f *future) cancelled() bool { return !f.resultKnown() && raw.Future_cancelled(f.address()) == 1 }

func (f *future) result() (any, error) {
	if f.resultKnown() {
		return f.task.value, nil
	}
	var p uintptr
	address := f.address()
	switch s := raw.Future_result(address, &p); s {
	case 0:
		return takeValue(p), nil
	case int(raw.LOOP_EEXCEPTION):
		must(raw.Future_exception(address, &p))
		return nil, takeError(p)
	case int(raw.LOOP_ECANCELLED):
		must(raw.Future_cancelled_error(address, &p))
		return nil, takeError(p)
	default:
		return nil, statusError(s)
	}
}

func (f *future) exception() error {
	if f.resultKnown() {
		return nil
	}
	var p uintptr
	address := f.address()
	switch s := raw.Future_exception(address, &p); s {
	case 0:
		return takeError(p)
	case int(raw.LOOP_ECANCELLED):
		must(raw.Future_cancelled_error(address, &p))
		return takeError(p)
	default:
		return statusError(s)
	}
}

func (f *future) cancel(message string) bool {
	if f.resultKnown() {
		return false
	}
	var cancelled int32
	if raw.Future_cancel(f.address(), message, &cancelled) != 0 {
		return false
	}
	if cancelled != 0 && f.task != nil {
		f.task.ctx.cancel()
	}
	f.loop.afterCall()
	return cancelled != 0
}

func (f *future) base() *future { return f }

// release gives up the future. All handles that share it become invalid.
func (f *future) release() {
	if f.released {
		return
	}
	f.released = true
	if f.own != nil {
		f.own.release(f.loop)
		return
	}
	f.ptr = 0
	if made := f.task.substitute; made != nil {
		made.release(f.loop)
	}
	f.loop.forget(f.task.slot)
}
