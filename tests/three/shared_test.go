package three

import (
	"errors"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"boucle.dev/go/boucle"
)

// ---- values ----

// Each value goes from Go through Lua, C and Lua to Go.
func TestValues_of_go_through_lua_and_c(t *testing.T) {
	w := open(t)
	for _, v := range []any{nil, true, false, 0, -7, math.MaxInt64, math.MinInt64, 2.5, 3.0, math.Inf(-1), "", "héllo", "a\x00b"} {
		task := w.goAwaits(w.luaAwaits(w.cAwaits(w.start(`return ...`, nil, v))))
		got, err := w.loop.RunUntilComplete(task)
		expect(t, err, nil)
		expect(t, got, v)
	}
	notes()
}

func TestBytes_of_go_are_a_string_in_lua(t *testing.T) {
	w := open(t)
	bytes := []byte{0, 255, 128}
	got, err := w.loop.RunUntilComplete(w.start(`local s = ... return #s == 3 and s`, nil, bytes))
	expect(t, err, nil)
	expect(t, reflect.DeepEqual(got, bytes), true)
}

func TestList_of_go_is_a_table_in_lua(t *testing.T) {
	w := open(t)
	got, err := w.loop.RunUntilComplete(w.start(`
		local list = ...
		return list.n .. " " .. list[1] .. tostring(list[2]) .. list[3][1]`, nil, []any{"a", nil, []any{1.5}}))
	expect(t, err, nil)
	expect(t, got, "3 anil1.5")
}

func TestValues_of_lua_are_those_of_go(t *testing.T) {
	w := open(t)
	for code, want := range map[string]any{"nil": nil, "true": true, "42": 42, "42.0": 42.0, "'text'": "text", "1 << 62": 1 << 62} {
		got, err := w.loop.RunUntilComplete(w.goAwaits(w.cAwaits(w.start("return "+code, nil, nil))))
		expect(t, err, nil)
		expect(t, got, want)
	}
	notes()
}

type thing struct{ name string }

func TestPointer_of_go_comes_back_as_itself(t *testing.T) {
	w := open(t)
	own := &thing{"Go's own"}
	lua := w.start(`local thing = ... kept = thing boucle.sleep(1) return thing`, nil, own)
	got, err := w.loop.RunUntilComplete(w.goAwaits(w.cAwaits(lua)))
	expect(t, err, nil)
	expect(t, got, own)
	expect(t, w.run(`return kept`), own)
}

func TestTable_of_lua_comes_back_as_itself(t *testing.T) {
	w := open(t)
	table := w.start(`own = {"Lua's own"} return own`, nil, nil)
	got, err := w.loop.RunUntilComplete(w.luaAwaits(w.cAwaits(w.goAwaits(table))))
	expect(t, err, nil)
	if _, opaque := got.(*boucle.Opaque); !opaque {
		t.Fatalf("%#v", got)
	}
	got, err = w.loop.RunUntilComplete(w.start(`return rawequal(..., own)`, nil, got))
	expect(t, err, nil)
	expect(t, got, true)
}

func TestTable_of_lua_in_a_variable_of_go(t *testing.T) {
	w := open(t)
	table := w.run(`own = setmetatable({}, {__gc = function() note("collected") end}) return own`)
	w.run(`own = nil collectgarbage()`)
	expect(t, notes(), "")
	expect(t, w.run(`return 1`), 1)
	got, err := w.loop.RunUntilComplete(w.start(`return getmetatable(...).__gc ~= nil`, nil, table))
	expect(t, err, nil)
	expect(t, got, true)
	runtime.KeepAlive(table)
}

// ---- one loop ----

func TestLoop_of_go_is_the_one_that_lua_runs_in(t *testing.T) {
	w := open(t)
	got, err := w.loop.RunUntilComplete(w.start(`return boucle.get_running_loop() == loop and boucle.current_task() ~= nil`, nil, nil))
	expect(t, err, nil)
	expect(t, got, true)
	expect(t, len(w.loop.AllTasks()), 0)
}

func TestLoop_of_go_is_not_run_by_lua(t *testing.T) {
	w := open(t)
	expect(t, w.run(`return select(2, pcall(loop.run_forever, loop)).status`), "LOOP_ENOTSUPPORTED")
	got, err := w.loop.RunUntilComplete(w.start(`return select(2, pcall(loop.run_forever, loop)).status`, nil, nil))
	expect(t, err, nil)
	expect(t, got, "LOOP_ERUNNING")
}

func TestLoop_of_go_is_stopped_by_lua(t *testing.T) {
	w := open(t)
	w.run(`loop:call_later(1, function() loop:stop() end)`)
	expect(t, w.loop.RunForever(), nil)
	_, err := w.loop.RunUntilComplete(w.start(`loop:stop() boucle.sleep(1)`, nil, nil))
	expect(t, errors.Is(err, boucle.ErrStopped), true)
}

func TestTasks_of_all_languages_are_told_by_each(t *testing.T) {
	w := open(t)
	lua := w.luaAwaits(w.cAwaits(w.goAwaits(w.later(1, 1))))
	expect(t, len(w.loop.AllTasks()), 3)
	expect(t, w.run(`return #loop:all_tasks()`), 3)
	_, err := w.loop.RunUntilComplete(lua)
	expect(t, err, nil)
	expect(t, w.run(`return #loop:all_tasks()`), 0)
}

// ---- Go called from inside of the loop ----

// Nothing else is due when Go is called: what it says must not wait for what comes next.
func TestGo_called_by_lua_is_heard_at_once(t *testing.T) {
	w := open(t)
	for name, call := range map[string]func(){
		"post":  func() { w.loop.Post(func() { note("called") }) },
		"soon":  func() { w.loop.CallSoon(func() { note("called") }) },
		"later": func() { w.loop.CallLater(time.Hour, func() { note("called") }) },
		"spawn": func() { w.loop.Spawn(func(*boucle.Ctx) (any, error) { note("called"); return nil, nil }) },
		"future": func() {
			f, _ := w.loop.EnsureFuture(func(*boucle.Ctx) (any, error) { note("called"); return nil, nil })
			f.Done()
		},
		"threads": func() { w.loop.CallSoonThreadsafe(func() { note("called") }) },
		"callback": func() {
			f, _ := w.loop.CreateFuture()
			f.AddDoneCallback(func(*boucle.Future[any]) { note("called") })
			f.SetResult(1)
		},
	} {
		called = call
		w.run(`loop:call_later(1, function() call() end)`)
		w.run(`loop:call_later(7200, function() loop:stop() end)`)
		expect(t, w.loop.RunForever(), nil)
		if got := notes(); got != "Go called" {
			t.Fatal(name, got)
		}
	}
}

func TestGo_called_by_lua_cannot_await_or_run(t *testing.T) {
	w := open(t)
	var awaited, ran, closed error
	w.fns["task"] = func(ctx *boucle.Ctx) (any, error) {
		called = func() {
			_, awaited = w.later(1, 1).Await(ctx)
			ran, closed = w.loop.RunForever(), w.loop.Close()
		}
		return nil, boucle.Sleep(ctx, time.Hour)
	}
	_, err := w.loop.RunUntilComplete(w.start(`go("task") boucle.sleep(1) call()`, nil, nil))
	expect(t, err, nil)
	expect(t, errors.Is(awaited, boucle.ErrNoTask), true)
	expect(t, errors.Is(ran, boucle.ErrRunning), true)
	expect(t, errors.Is(closed, boucle.ErrRunning), true)
}

// Go is called by a variable that is closed while the library reads Go's answers.
func TestGo_called_while_lua_is_closed(t *testing.T) {
	w := open(t)
	called = func() { w.loop.Post(func() { note("called") }) }
	lua := w.start(`
		local variable <close> = setmetatable({}, {__close = function() call() note("closed") end})
		boucle.await(loop:create_future())`, nil, nil)
	w.loop.CallLater(time.Second, func() {
		lua.Cancel()
		w.loop.CallLater(time.Second, w.loop.Stop)
	})
	expect(t, w.loop.RunForever(), nil)
	expect(t, notes(), "Lua closed; Go called")
}

// ---- the end ----

func TestLua_task_pending_when_the_loop_closes(t *testing.T) {
	w := open(t)
	future := w.later(60, 1)
	w.fns["task"] = func(ctx *boucle.Ctx) (any, error) {
		defer note("ends")
		return future.Await(ctx)
	}
	w.run(`task = loop:create_task(function() boucle.await(go("task")) end)`)
	w.loop.CallLater(time.Second, w.loop.Stop)
	w.loop.RunForever()
	expect(t, w.loop.Close(), nil)
	expect(t, notes(), "Go ends")
	expect(t, w.run(`return task:done()`), false)
	expect(t, w.run(`return select(2, pcall(go, "task"))`), nil)
	expect(t, w.run(`return select(2, pcall(loop.create_task, loop, print)).status`), "LOOP_ECLOSED")
	w.closeLua()
	runtime.KeepAlive(future)
	runtime.KeepAlive(w)
}

func TestLua_state_closed_before_its_tasks_are_done(t *testing.T) {
	w := open(t)
	lua := w.luaAwaits(w.later(60, 1))
	task := w.goAwaits(lua)
	w.loop.CallLater(time.Second, w.closeLua)
	fails(t, w, task, "RuntimeError", "the Lua state of the task is closed")
}

func TestShutdown_cancels_the_tasks_of_all_languages(t *testing.T) {
	w := open(t)
	w.luaAwaits(w.cAwaits(w.goAwaits(w.later(60, 1))))
	w.loop.CallLater(time.Second, w.loop.Stop)
	w.loop.RunForever()
	expect(t, w.loop.Shutdown(), nil)
	expect(t, len(w.loop.AllTasks()), 0)
	got := notes()
	expect(t, len(got) > 0, true)
}

// used is a world that had much to do, and is closed with tasks pending.
func used(t *testing.T) {
	w, err := newWorld()
	expect(t, err, nil)
	w.fns["fails"] = func(*boucle.Ctx) (any, error) { return nil, errors.New("made in Go") }
	lua := w.start(`
		local kept, own = {}, ...
		boucle.await(boucle.gather{go("fails"), later(1, kept), fail(1, "TeapotError"), return_exceptions = true})
		return own`, nil, &thing{})
	w.loop.RunUntilComplete(w.cAwaits(w.goAwaits(lua)))
	w.luaAwaits(w.cAwaits(w.goAwaits(w.later(60, 1)))).AsTask().SetLogDestroyPending(false)
	w.loop.CallLater(time.Second, w.loop.Stop)
	w.loop.RunForever()
	w.loop.SetExceptionHandler(func(*boucle.Report) {})
	w.close()
	current = nil
	notes()
}

func TestNothing_of_any_language_is_left(t *testing.T) {
	used(t)
	before := boucle.LiveObjects()
	used(t)
	used(t)
	for i := 0; i < 1000 && boucle.LiveObjects() > before; i++ {
		runtime.GC()
		runtime.Gosched()
	}
	expect(t, boucle.LiveObjects() <= before, true)
}

// Lua's errors and tables end on the thread of Go's collector, while Lua is at work.
func TestLua_values_end_by_the_collector_of_go(t *testing.T) {
	w := open(t)
	w.loop.SetExceptionHandler(func(*boucle.Report) {}) // nobody asks for the errors
	for round := 0; round < 20; round++ {
		for i := 0; i < 100; i++ {
			w.run(`return {}`)
			w.start(`error({}, 0)`, nil, nil).Done()
		}
		go runtime.GC()
		_, err := w.loop.RunUntilComplete(w.start(`for i = 1, 100 do pcall(boucle.await, loop:create_task(error, {})) end`, nil, nil))
		expect(t, err, nil)
	}
}
