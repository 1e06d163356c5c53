// One loop, three languages. Lua code awaits a task of Go, which awaits a future of C. Then an error and a cancellation
// take the same way. At last C awaits a task of Go, which awaits Lua.
package main

/*
#cgo pkg-config: boucle lua5.4
#include <stdlib.h>
#include "three.h"
*/
import "C"

import (
	_ "embed"
	"fmt"
	"log"
	"time"
	"unsafe"

	"boucle.dev/go/boucle"
)

//go:embed guest.lua
var program string

var (
	loop  *boucle.Loop
	guest *C.lua_State
)

// brew is called by Lua. It starts a task, which awaits a future of C, and returns the task, lent.
//
//export brew
func brew(what *C.char) *C.future_t {
	name := C.GoString(what)
	task := must(loop.EnsureFuture(func(ctx *boucle.Ctx) (any, error) {
		fmt.Println("Go:   the kettle is on")
		degrees, err := boil(name).Await(ctx)
		if err != nil {
			fmt.Println("Go:  ", err)
			return nil, err
		}
		return fmt.Sprintf("%s at %d degrees", name, degrees), nil
	}))
	return (*C.future_t)(task.Pointer())
}

// boil returns a future of C as a Future of Go.
func boil(what string) *boucle.Future[int] {
	s := C.CString(what)
	defer C.free(unsafe.Pointer(s))
	return boucle.Adopt[int](loop, unsafe.Pointer(C.kettle_boil((*C.loop_t)(loop.Pointer()), s)))
}

// lua returns a task that calls a function of Lua.
func lua(function, argument string) *boucle.Future[string] {
	f, a := C.CString(function), C.CString(argument)
	defer C.free(unsafe.Pointer(f))
	defer C.free(unsafe.Pointer(a))
	return boucle.Adopt[string](loop, unsafe.Pointer(C.guest_start(guest, (*C.loop_t)(loop.Pointer()), f, a)))
}

func run(title string, f boucle.Awaitable) {
	fmt.Println("---", title)
	v, err := loop.RunUntilComplete(f)
	fmt.Println("main:", v, err)
}

func main() {
	loop = must(boucle.NewLoop())
	defer loop.Close()
	s := C.CString(program)
	defer C.free(unsafe.Pointer(s))
	if guest = C.guest_new(s); guest == nil {
		log.Fatal("no Lua")
	}
	defer C.lua_close(guest)

	run("a result", lua("order", "green tea"))
	run("an error", lua("order", "coffee"))

	oolong := lua("order", "oolong")
	must(loop.CallLater(50*time.Millisecond, func() { oolong.Cancel("too late") }))
	run("a cancellation", oolong)

	review := must(loop.EnsureFuture(func(ctx *boucle.Ctx) (any, error) {
		v, err := lua("taste", "green tea").Await(ctx)
		fmt.Println("Go:  ", err)
		return v, err
	}))
	reader := C.reader_start((*C.loop_t)(loop.Pointer()), (*C.future_t)(review.Pointer()))
	run("the other way round", boucle.Adopt[any](loop, unsafe.Pointer(reader)))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
