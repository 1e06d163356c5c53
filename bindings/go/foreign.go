package boucle

/*
#cgo pkg-config: boucle
#include <malloc.h>
#include <stdlib.h>
#include "foreign.h"
*/
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"boucle.dev/go/boucle/internal/raw"
)

// foreign has the Go values that are inside of values and exceptions of the library, which have their ids. Such a value
// belongs to no loop, and may be destroyed on any thread.
var foreign struct {
	sync.Mutex
	values []any
	free   []int64
}

// foreignAdd returns the id of a new entry.
func foreignAdd(v any) int64 {
	foreign.Lock()
	defer foreign.Unlock()
	if n := len(foreign.free); n > 0 {
		id := foreign.free[n-1]
		foreign.free = foreign.free[:n-1]
		foreign.values[id] = v
		return id
	}
	foreign.values = append(foreign.values, v)
	return int64(len(foreign.values) - 1)
}

func foreignGet(id int64) any {
	foreign.Lock()
	defer foreign.Unlock()
	return foreign.values[id]
}

// foreignDestroyed reports whether takeDestroyed has anything to do.
func foreignDestroyed() bool {
	return atomic.LoadInt64((*int64)(unsafe.Pointer(&C.go_destroyed_count))) != 0
}

// takeDestroyed removes the values that the library has destroyed, and returns them.
func takeDestroyed() (destroyed []any) {
	if !foreignDestroyed() {
		return nil
	}
	var ids [256]C.int64_t
	for {
		n := int(C.go_take_destroyed(&ids[0], C.size_t(len(ids))))
		foreign.Lock()
		for _, id := range ids[:n] {
			destroyed = append(destroyed, foreign.values[id])
			foreign.values[id] = nil
			foreign.free = append(foreign.free, int64(id))
		}
		foreign.Unlock()
		if n < len(ids) {
			return destroyed
		}
	}
}

// foreignCount returns the number of values; for tests.
func foreignCount() int {
	foreign.Lock()
	defer foreign.Unlock()
	return len(foreign.values) - len(foreign.free)
}

func newForeignValue(v any) uintptr {
	var p *C.value_t
	must(int(C.go_value_foreign(C.int64_t(foreignAdd(v)), &p)))
	return uintptr(unsafe.Pointer(p))
}

func newTextValue(s string) uintptr {
	var p *C.value_t
	text := append([]byte(s), 0)
	must(int(C.go_value_text((*C.char)(unsafe.Pointer(&text[0])), C.size_t(len(s)), &p)))
	return uintptr(unsafe.Pointer(p))
}

func newBytesValue(b []byte) (value uintptr) {
	data := append(b[:len(b):len(b)], 0)
	must(raw.Value_new_bytes(uintptr(unsafe.Pointer(&data[0])), uintptr(len(b)), &value))
	runtime.KeepAlive(data)
	return value
}

func newForeignException(kind, message string, err error) uintptr {
	var p *C.exception_t
	k, m := C.CString(kind), C.CString(message)
	defer C.free(unsafe.Pointer(k))
	defer C.free(unsafe.Pointer(m))
	must(int(C.go_exception_foreign(k, m, C.int64_t(foreignAdd(err)), &p)))
	return uintptr(unsafe.Pointer(p))
}

// foreignValue returns the Go value that is inside of the library's value, if there is one.
func foreignValue(value uintptr) (any, bool) {
	id := int64(C.go_value_id((*C.value_t)(pointer(value))))
	if id < 0 {
		return nil, false
	}
	return foreignGet(id), true
}

func foreignError(exception uintptr) (error, bool) {
	id := int64(C.go_exception_id((*C.exception_t)(pointer(exception))))
	if id < 0 {
		return nil, false
	}
	err, ok := foreignGet(id).(error)
	return err, ok
}

func textAt(address, size uintptr) string {
	return C.GoStringN((*C.char)(pointer(address)), C.int(size))
}

func bytesAt(address, size uintptr) []byte {
	return C.GoBytes(pointer(address), C.int(size))
}

// pointer returns an address in the memory of C, which Go's collector does not know, as a pointer.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

func newPriorityQueue(loop uintptr, maxsize uintptr, ret *uintptr) int {
	var p *C.queue_t
	s := C.queue_new_priority((*C.loop_t)(pointer(loop)), C.size_t(maxsize), nil, nil, nil, &p)
	*ret = uintptr(unsafe.Pointer(p))
	return int(s)
}

// startSendall calls loop_sock_sendall, which copies the data.
func startSendall(loop uintptr, fd int, data []byte, ret *uintptr) int {
	var p *C.future_t
	var s C.int
	if len(data) == 0 {
		s = C.loop_sock_sendall((*C.loop_t)(pointer(loop)), C.int(fd), nil, 0, &p)
	} else {
		s = C.loop_sock_sendall((*C.loop_t)(pointer(loop)), C.int(fd), unsafe.Pointer(&data[0]), C.size_t(len(data)), &p)
	}
	*ret = uintptr(unsafe.Pointer(p))
	return int(s)
}

// holdClock stops the loop's virtual clock until the function that it returns is called, on any goroutine.
func holdClock(loop uintptr) (release func()) {
	hold := C.go_hold_clock((*C.loop_t)(pointer(loop)))
	if hold == nil {
		return func() {}
	}
	var once sync.Once
	return func() { once.Do(func() { C.go_hold_release(hold) }) }
}

// newOpaqueValue returns a value that Go cannot read; for tests.
func newOpaqueValue() uintptr {
	var p *C.value_t
	must(int(C.value_new_foreign(unsafe.Pointer(&C.go_destroyed_count), nil, nil, &p)))
	return uintptr(unsafe.Pointer(p))
}

// emptyCall calls a C function that does nothing; for benchmarks.
func emptyCall() { C.go_empty_call() }

// allocatedByC returns how many bytes C's allocator has given out; for benchmarks.
func allocatedByC() int {
	m := C.mallinfo2()
	return int(m.uordblks + m.hblkhd)
}
