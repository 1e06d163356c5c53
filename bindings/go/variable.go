package boucle

import (
	"runtime"

	"boucle.dev/go/boucle/internal/raw"
)

// ContextVar is a variable whose value follows the flow of control from task to task. It belongs to no loop.
type ContextVar[T any] struct{ v *variable }

// variable owns a context_var_t, which may be let go of on any thread.
type variable struct {
	ptr uintptr
	noTinyAlloc
}

// noTinyAlloc keeps an object out of the blocks of 16 bytes in which Go puts small ones without pointers: these may never be
// finalized.
type noTinyAlloc [2]uintptr

// NewContextVar makes one; fallback is its value where it was not set.
func NewContextVar[T any](name string, fallback T) *ContextVar[T] {
	value := newValue(fallback)
	v := &variable{}
	must(raw.Context_var_new(name, value, &v.ptr))
	raw.Value_unref(value)
	runtime.SetFinalizer(v, func(v *variable) { raw.Context_var_unref(v.ptr) })
	return &ContextVar[T]{v}
}

// Get is its value in what runs now on the loop; T's zero value once the loop is closed.
func (v *ContextVar[T]) Get(l *Loop) T {
	defer runtime.KeepAlive(v.v)
	l.flush()
	var p uintptr
	raw.Context_var_get(v.v.ptr, l.ptr, &p)
	t, _ := As[T](takeValue(p), nil)
	return t
}

// Set gives it a value there. ErrClosed.
func (v *ContextVar[T]) Set(l *Loop, value T) error {
	if l.closed {
		return statusError(int(raw.LOOP_ECLOSED))
	}
	defer runtime.KeepAlive(v.v)
	p := newValue(value)
	defer raw.Value_unref(p)
	l.flush()
	return statusError(raw.Context_var_set(v.v.ptr, l.ptr, p))
}

// Inherit makes what runs now on l see the variables as what runs now on from does. If one of the two is closed, it does
// nothing.
func (l *Loop) Inherit(from *Loop) {
	if l.closed || from.closed {
		return
	}
	from.flush()
	var p uintptr
	must(raw.Context_copy(from.ptr, &p))
	l.flush()
	must(raw.Context_switch(l.ptr, p, nil))
	raw.Context_unref(p)
}
