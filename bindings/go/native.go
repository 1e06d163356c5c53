package boucle

import (
	"runtime"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// This file is for programs that share a loop with C, and with languages that they embed through C. The pointers are
// unsafe.Pointer, because each package has its own types of cgo: (*C.loop_t)(loop.Pointer()).
//
// C code that the loop calls may call exported Go functions. These may make tasks, futures and callbacks, as any
// callback may. They cannot await, run the loop, or panic.

// Pointer returns the loop_t, lent for as long as the loop is open; nil if it is closed. Call it anew before each call
// of C: it submits what Go has done so far, and so the library does that first.
func (l *Loop) Pointer() unsafe.Pointer {
	if l.closed {
		return nil
	}
	l.flush()
	return pointer(l.ptr)
}

// Pointer returns the future_t, lent until the next await and for as long as f is in use. C code that keeps the future
// for longer takes a reference (future_ref). Call it anew before each call of C, as Loop.Pointer.
func (f *Future[T]) Pointer() unsafe.Pointer { return pointer(f.f.address()) }

// Adopt makes a Future of a future_t of the loop, of any language. It takes the reference over. If the pointer is nil,
// which C code returns if it has no future, awaiting the Future fails with ErrInvalid.
func Adopt[T any](l *Loop, future unsafe.Pointer) *Future[T] {
	return &Future[T]{l.adopt(uintptr(future))}
}

// NewValue returns a value_t for v, as a new reference: C code has to call value_unref. It returns nil for nil. An
// error becomes an exception.
func NewValue(v any) unsafe.Pointer { return pointer(newValue(v)) }

// FromValue returns the Go value of a value_t, which it borrows.
func FromValue(value unsafe.Pointer) any { return readValue(uintptr(value)) }

// StatusError returns the error for a status of the C API; nil if the status is not negative.
func StatusError(status int) error { return statusError(status) }

// Opaque is a value of another language that Go cannot read. That language gets it back as the value that it was.
type Opaque struct {
	value uintptr // owned
	noTinyAlloc
}

// adoptValue takes the reference over. Any thread may give up a reference to a value.
func adoptValue(value uintptr) *Opaque {
	o := &Opaque{value: value}
	runtime.SetFinalizer(o, func(o *Opaque) { raw.Value_unref(o.value) })
	return o
}

func (o *Opaque) newRef() uintptr {
	defer runtime.KeepAlive(o)
	return raw.Value_ref(o.value)
}
