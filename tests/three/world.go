// Package three tests one loop that Go drives, with tasks and futures of C, of Go and of Lua.
package three

/*
#cgo pkg-config: boucle lua5.4
#include <stdlib.h>
#include "world.h"
*/
import "C"

import (
	"strings"
	"unsafe"

	"boucle.dev/go/boucle"
)

// world is a loop on the virtual clock, and a Lua state on it.
type world struct {
	loop *boucle.Loop
	lua  *C.lua_State
	// What Lua can start by go("name").
	fns map[string]func(*boucle.Ctx) (any, error)
	// Kept to the end: what Go's collector finds once the loop is closed goes at once, in a thread of the collector's.
	kept []pointed
}

// The world in which Lua runs.
var current *world

func newWorld() (*world, error) {
	loop, err := boucle.NewLoop(boucle.VirtualClock())
	if err != nil {
		return nil, err
	}
	notes()
	current = &world{loop: loop, fns: map[string]func(*boucle.Ctx) (any, error){}}
	current.lua = C.lua_open(current.c())
	return current, nil
}

func (w *world) c() *C.loop_t { return (*C.loop_t)(w.loop.Pointer()) }

func (w *world) closeLua() {
	if w.lua != nil {
		C.lua_close(w.lua)
		w.lua = nil
	}
}

// close ends the Lua state first, as programs should.
func (w *world) close() {
	w.closeLua()
	w.loop.Close()
}

// goStart is how Lua, and C, start a task of Go's. It is called from inside of the loop.
//
//export goStart
func goStart(name *C.char) *C.future_t {
	fn := current.fns[C.GoString(name)]
	if fn == nil {
		return nil
	}
	task, err := current.loop.EnsureFuture(fn)
	if err != nil {
		return nil
	}
	current.kept = append(current.kept, task)
	return (*C.future_t)(task.Pointer())
}

// called is what Lua calls by call().
var called func()

//export goCall
func goCall() { called() }

// pointed is any future or task of Go's.
type pointed interface {
	boucle.Awaitable
	Pointer() unsafe.Pointer
}

func (w *world) adopt(future *C.future_t) *boucle.Future[any] {
	return boucle.Adopt[any](w.loop, unsafe.Pointer(future))
}

// start is a task of Lua's that runs the code with `...`: the future, unless it is nil, and the value.
func (w *world) start(code string, future pointed, value any) *boucle.Future[any] {
	s := C.CString(code)
	defer C.free(unsafe.Pointer(s))
	v := (*C.value_t)(boucle.NewValue(value))
	defer C.value_unref(v)
	var f *C.future_t
	if future != nil {
		f = (*C.future_t)(future.Pointer())
	}
	return w.adopt(C.lua_start(w.lua, w.c(), s, f, v))
}

// run runs Lua code outside of any task; what it returns, or false.
func (w *world) run(code string) any {
	s := C.CString(code)
	defer C.free(unsafe.Pointer(s))
	w.loop.Pointer()
	var v *C.value_t
	if C.lua_run(w.lua, s, &v) != 0 {
		return false
	}
	defer C.value_unref(v)
	return boucle.FromValue(unsafe.Pointer(v))
}

// later is a future of C's that has a result after so many seconds.
func (w *world) later(seconds float64, value any) *boucle.Future[any] {
	v := (*C.value_t)(boucle.NewValue(value))
	defer C.value_unref(v)
	return w.adopt(C.c_later(w.c(), C.double(seconds), nil, v))
}

// fails is one that fails.
func (w *world) fails(seconds float64, kind string) *boucle.Future[any] {
	s := C.CString(kind)
	defer C.free(unsafe.Pointer(s))
	return w.adopt(C.c_later(w.c(), C.double(seconds), s, nil))
}

// cAwaits is a task of C's that awaits the future, notes its outcome, and ends as it does.
func (w *world) cAwaits(future pointed) *boucle.Future[any] {
	return w.adopt(C.c_await(w.c(), (*C.future_t)(future.Pointer())))
}

// cWatches has a done-callback of C's note the outcome.
func (w *world) cWatches(future pointed) error {
	return boucle.StatusError(int(C.c_watch((*C.future_t)(future.Pointer()))))
}

func (w *world) cCancelsLater(seconds float64, future pointed) error {
	return boucle.StatusError(int(C.c_cancel_later(w.c(), C.double(seconds), (*C.future_t)(future.Pointer()))))
}

// note writes into the journal that C, Go and Lua share.
func note(what string) {
	who, s := C.CString("Go"), C.CString(what)
	defer C.free(unsafe.Pointer(who))
	defer C.free(unsafe.Pointer(s))
	C.note(who, s)
}

// notes are the journal's lines since the last call, "; " between them.
func notes() string {
	return strings.ReplaceAll(strings.TrimSuffix(C.GoString(C.take_notes()), "\n"), "\n", "; ")
}
