package boucle

import (
	"runtime"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// What a program shares with C, and with the languages that it embeds through C, crosses as the pointers of this file.
// They are unsafe.Pointer, for cgo's types differ from package to package: (*C.loop_t)(loop.Pointer()).
//
// C code that the loop calls may call exported Go functions. These make tasks, futures and callbacks as any callback of
// the loop does; they cannot await, run the loop, or panic.

// Pointer is the loop_t, lent for as long as the loop is open. It is asked for anew before each call of C's: what Go has
// said so far then comes first. nil once the loop is closed.
func (l *Loop) Pointer() unsafe.Pointer {
	if l.closed {
		return nil
	}
	l.flush()
	return pointer(l.ptr)
}

// Pointer is the future_t, lent until the next await and for as long as f is in use: C takes a reference of its own
// (future_ref) if it keeps the future for longer. As for Loop.Pointer, it is asked for anew before each call of C's.
func (f *Future[T]) Pointer() unsafe.Pointer { return pointer(f.f.address()) }

// Adopt makes a Future of a future_t of the loop's, of whatever language. It takes the reference over. That of nil, which C
// returns where it has no future, fails with ErrInvalid when it is awaited.
func Adopt[T any](l *Loop, future unsafe.Pointer) *Future[T] {
	return &Future[T]{l.adopt(uintptr(future))}
}

// NewValue is v as a value_t: a new reference, which C owes a value_unref; nil is nil. An error becomes an exception.
func NewValue(v any) unsafe.Pointer { return pointer(newValue(v)) }

// FromValue is the Go value that a value_t, which is borrowed, stands for.
func FromValue(value unsafe.Pointer) any { return readValue(uintptr(value)) }

// StatusError is the error that a status of the C API stands for; nil for 0 and above.
func StatusError(status int) error { return statusError(status) }

// Opaque is a value of another language's own, of which Go knows nothing. It goes back as what it came as.
type Opaque struct {
	value uintptr // owned
	noTinyAlloc
}

// adoptValue takes the reference over. Values may be let go of on any thread.
func adoptValue(value uintptr) *Opaque {
	o := &Opaque{value: value}
	runtime.SetFinalizer(o, func(o *Opaque) { raw.Value_unref(o.value) })
	return o
}

func (o *Opaque) newRef() uintptr {
	defer runtime.KeepAlive(o)
	return raw.Value_ref(o.value)
}
