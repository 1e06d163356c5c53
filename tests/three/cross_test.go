package three

import (
	"errors"
	"io"
	"testing"
	"time"

	"boucle.dev/go/boucle"
)

// open is a new world, which goes with the test.
func open(t *testing.T) *world {
	t.Helper()
	w, err := newWorld()
	if err != nil || w.lua == nil {
		t.Fatal(err, "no Lua state")
	}
	t.Cleanup(w.close)
	return w
}

// awaits is a function for tasks of Go's: it awaits the future, notes what becomes of it, and ends as that does.
func awaits(future func() pointed) func(*boucle.Ctx) (any, error) {
	return func(ctx *boucle.Ctx) (any, error) {
		v, err := boucle.Await(ctx, future())
		var e *boucle.Error
		switch {
		case errors.As(err, &e):
			note(e.Kind())
		case err != nil:
			note(err.Error())
		default:
			note("result")
		}
		return v, err
	}
}

// goAwaits is such a task.
func (w *world) goAwaits(future pointed) *boucle.Task[any] {
	task, _ := w.loop.EnsureFuture(awaits(func() pointed { return future }))
	return task
}

// Lua code that awaits `...`, notes what becomes of it, and ends as that does.
const await = `
	local ok, result = pcall(boucle.await, (...))
	note(ok and "result" or boucle.exception_of(result).kind)
	if not ok then error(result, 0) end
	return result`

func (w *world) luaAwaits(future pointed) *boucle.Future[any] { return w.start(await, future, nil) }

func expect(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Fatalf("got  %#v\nwant %#v", got, want)
	}
}

// fails runs until the future has failed with an exception of that kind and message, and returns it.
func fails(t *testing.T, w *world, f boucle.Awaitable, kind, message string) *boucle.Error {
	t.Helper()
	v, err := w.loop.RunUntilComplete(f)
	var e *boucle.Error
	if !errors.As(err, &e) || e.Kind() != kind || e.Message() != message {
		t.Fatalf("%v, %v instead of %s: %s", v, err, kind, message)
	}
	return e
}

// ---- results ----

func TestResult_of_c_through_go_to_lua(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.later(60, "from C") })
	v, err := w.loop.RunUntilComplete(w.start(`return boucle.await(go("task")) .. ", Go and Lua"`, nil, nil))
	expect(t, err, nil)
	expect(t, v, "from C, Go and Lua")
	expect(t, w.loop.Time() >= time.Minute, true)
	expect(t, notes(), "Go result")
}

func TestResult_of_lua_through_go_to_c(t *testing.T) {
	w := open(t)
	lua := w.start(`boucle.sleep(60) return "from Lua"`, nil, nil)
	v, err := w.loop.RunUntilComplete(w.cAwaits(w.goAwaits(lua)))
	expect(t, err, nil)
	expect(t, v, "from Lua")
	expect(t, notes(), "Go result; C result")
}

func TestResult_of_go_through_lua_to_a_done_callback_of_c(t *testing.T) {
	w := open(t)
	task, _ := boucle.Go(w.loop, func(ctx *boucle.Ctx) (int, error) { return 7, boucle.Sleep(ctx, time.Minute) })
	lua := w.luaAwaits(task)
	expect(t, w.cWatches(task), nil)
	expect(t, w.cWatches(lua), nil)
	v, err := w.loop.RunUntilComplete(lua)
	w.loop.CallSoon(w.loop.Stop)
	w.loop.RunForever()
	expect(t, err, nil)
	expect(t, v, 7)
	expect(t, notes(), "C result; Lua result; C result") // in the order in which they asked
}

func TestResult_that_is_there_already_needs_no_turn(t *testing.T) {
	w := open(t)
	done, _ := w.loop.EnsureFuture(func(*boucle.Ctx) (any, error) { return "done", nil })
	w.loop.RunUntilComplete(done)
	v, err := w.loop.RunUntilComplete(w.cAwaits(w.goAwaits(w.luaAwaits(done))))
	expect(t, err, nil)
	expect(t, v, "done")
	expect(t, notes(), "Lua result; Go result; C result")
}

// ---- errors ----

func TestError_of_c_through_go_to_lua(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.fails(1, "TeapotError") })
	lua := w.start(`
		local ok, problem = pcall(boucle.await, go("task"))
		note(tostring(ok) .. " " .. problem.kind .. " " .. problem.message)
		error(problem, 0)`, nil, nil)
	fails(t, w, lua, "TeapotError", "made in C")
	expect(t, notes(), "Go TeapotError; Lua false TeapotError made in C")
}

func TestError_of_lua_through_go_and_c_is_the_same_in_lua(t *testing.T) {
	w := open(t)
	failed := w.start(`thrown = setmetatable({}, {__tostring = function() return "made in Lua" end}) error(thrown)`, nil, nil)
	lua := w.start(`
		local ok, problem = pcall(boucle.await, (...))
		note(tostring(rawequal(problem, thrown)))
		error(problem)`, w.cAwaits(w.goAwaits(failed)), nil)
	fails(t, w, lua, "LuaError", "made in Lua")
	expect(t, notes(), "Go LuaError; C LuaError; Lua true")
}

func TestError_of_lua_by_kind(t *testing.T) {
	w := open(t)
	failed := w.start(`boucle.raise("ValueError", "made in Lua")`, nil, nil)
	fails(t, w, w.cAwaits(w.goAwaits(failed)), "ValueError", "made in Lua")
	expect(t, notes(), "Go ValueError; C ValueError")
}

func TestError_of_go_through_c_and_lua_is_the_same_in_go(t *testing.T) {
	w := open(t)
	failed, _ := w.loop.EnsureFuture(func(*boucle.Ctx) (any, error) { return nil, io.ErrUnexpectedEOF })
	task := w.goAwaits(w.luaAwaits(w.cAwaits(failed)))
	_, err := w.loop.RunUntilComplete(task)
	expect(t, err, io.ErrUnexpectedEOF)
	expect(t, notes(), "C errors.errorString; Lua errors.errorString; Go unexpected EOF")
}

func TestError_of_go_by_kind(t *testing.T) {
	w := open(t)
	failed, _ := w.loop.EnsureFuture(func(*boucle.Ctx) (any, error) { return nil, boucle.NewError("ValueError", "made in Go") })
	v, err := w.loop.RunUntilComplete(w.start(`
		local ok, problem = pcall(boucle.await, (...))
		return boucle.matches(problem, "ValueError") and problem.message`, w.cAwaits(failed), nil))
	expect(t, err, nil)
	expect(t, v, "made in Go")
}

func TestPanic_of_go_is_an_error_in_lua_and_c(t *testing.T) {
	w := open(t)
	w.fns["panics"] = func(*boucle.Ctx) (any, error) { panic("made in Go") }
	_, err := w.loop.RunUntilComplete(w.cAwaits(w.start(`return boucle.await(go("panics"))`, nil, nil)))
	var p *boucle.PanicError
	expect(t, errors.As(err, &p) && p.Value == "made in Go", true)
	expect(t, notes(), "C boucle.PanicError")
}

func TestError_of_lua_that_nobody_awaits_reaches_the_handler_of_go(t *testing.T) {
	w := open(t)
	var lost []string
	w.loop.SetExceptionHandler(func(r *boucle.Report) { lost = append(lost, r.Message+": "+r.Err.Error()) })
	w.run(`loop:spawn(function() boucle.sleep(1) error("lost", 0) end)`)
	w.run(`loop:call_later(2, function() error("lost too", 0) end)`)
	w.loop.CallLater(3*time.Second, w.loop.Stop)
	expect(t, w.loop.RunForever(), nil)
	expect(t, len(lost), 2)
	expect(t, lost[0], "Task exception was never retrieved: LuaError: lost")
	expect(t, lost[1], "Exception in callback: LuaError: lost too")
}

// ---- cancellation ----

func TestCancel_of_a_lua_task_reaches_go_and_c(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.later(60, 1) })
	lua := w.start(`
		local ok, problem = pcall(boucle.await, go("task"))
		note(problem.kind .. " " .. problem.message)
		error(problem, 0)`, nil, nil)
	w.loop.CallLater(time.Second, func() { lua.Cancel("enough") })
	fails(t, w, lua, "CancelledError", "enough")
	expect(t, lua.Cancelled(), true)
	expect(t, notes(), "C CancelledError; Go CancelledError; Lua CancelledError enough")
	expect(t, w.loop.Time() < time.Minute, true)
}

func TestCancel_by_lua_reaches_lua_and_c_through_go(t *testing.T) {
	w := open(t)
	task := w.goAwaits(w.luaAwaits(w.later(60, 1)))
	canceller := w.start(`local task = ... boucle.sleep(1) return task:cancel("by Lua")`, task, nil)
	fails(t, w, task, "CancelledError", "by Lua")
	v, err := w.loop.RunUntilComplete(canceller)
	expect(t, err, nil)
	expect(t, v, true)
	expect(t, notes(), "C CancelledError; Lua CancelledError; Go CancelledError")
}

func TestCancel_by_c_reaches_go_through_lua(t *testing.T) {
	w := open(t)
	task := w.cAwaits(w.luaAwaits(w.goAwaits(w.later(60, 1))))
	expect(t, w.cCancelsLater(1, task), nil)
	fails(t, w, task, "CancelledError", "by C")
	expect(t, notes(), "C CancelledError; Go CancelledError; Lua CancelledError; C CancelledError")
}

func TestCancel_of_what_is_awaited_goes_up(t *testing.T) {
	w := open(t)
	future := w.later(60, 1)
	task := w.luaAwaits(w.goAwaits(future))
	expect(t, w.cCancelsLater(1, future), nil)
	fails(t, w, task, "CancelledError", "by C")
	expect(t, task.Cancelled(), true)
	expect(t, notes(), "C CancelledError; Go CancelledError; Lua CancelledError")
}

func TestCancel_that_lua_refuses_does_not_end_its_task(t *testing.T) {
	w := open(t)
	lua := w.start(`pcall(boucle.await, (...)) return "still here"`, w.later(60, 1), nil)
	task := w.goAwaits(lua)
	w.loop.CallLater(time.Second, func() { task.Cancel() })
	v, err := w.loop.RunUntilComplete(task)
	expect(t, err, nil)
	expect(t, v, "still here")
	expect(t, notes(), "C CancelledError; Go result")
}

func TestCancel_of_a_go_task_before_it_starts(t *testing.T) {
	w := open(t)
	w.fns["task"] = func(*boucle.Ctx) (any, error) { note("started"); return nil, nil }
	v, err := w.loop.RunUntilComplete(w.start(`
		local task = go("task")
		task:cancel()
		return boucle.matches(select(2, pcall(boucle.await, task)), "CancelledError")`, nil, nil))
	expect(t, err, nil)
	expect(t, v, true)
	expect(t, notes(), "")
}

func TestContext_of_a_go_task_ends_when_lua_cancels_it(t *testing.T) {
	w := open(t)
	var context *boucle.Ctx
	w.fns["task"] = func(ctx *boucle.Ctx) (any, error) { context = ctx; return nil, boucle.Sleep(ctx, time.Hour) }
	lua := w.start(`local task = go("task") boucle.sleep(1) task:cancel() boucle.sleep(1)`, nil, nil)
	_, err := w.loop.RunUntilComplete(lua)
	expect(t, err, nil)
	expect(t, context.Err() != nil, true)
}
