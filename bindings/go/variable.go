package boucle

import (
	"runtime"

	"boucle.dev/go/boucle/internal/raw"
)

// ContextVar is a context variable, as in Python's contextvars: each task starts with a copy of the values that its
// creator has. It belongs to no loop.
type ContextVar[T any] struct{ v *variable }

// variable has the reference to a context_var_t. Any thread may give it up.
type variable struct {
	ptr uintptr
	noTinyAlloc
}

// noTinyAlloc makes an object larger than 16 bytes. Go puts smaller ones without pointers into common blocks, and may
// never finalize them.
type noTinyAlloc [2]uintptr

// NewContextVar makes a context variable. fallback is its value where it was not set.
func NewContextVar[T any](name string, fallback T) *ContextVar[T] {
	value := newValue(fallback)
	v := &variable{}
	must(raw.Context_var_new(name, value, &v.ptr))
	raw.Value_unref(value)
	runtime.SetFinalizer(v, func(v *variable) { raw.Context_var_unref(v.ptr) })
	return &ContextVar[T]{v}
}

// Get returns the value in the running task or callback of the loop; the zero value of T if the loop is closed.
func (v *ContextVar[T]) Get(l *Loop) T {
	defer runtime.KeepAlive(v.v)
	l.flush()
	var p uintptr
	raw.Context_var_get(v.v.ptr, l.ptr, &p)
	t, _ := As[T](takeValue(p), nil)
	return t
}

// Set sets the value in the running task or callback of the loop. ErrClosed.
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

// Inherit gives the running task or callback of l a copy of the context of the one that is running on the loop from. It
// does nothing if one of the loops is closed.
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
