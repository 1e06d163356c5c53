package three

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"boucle.dev/go/boucle"
)

func TestWait_for_of_lua_cancels_go_and_c(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.later(60, 1) })
	v, err := w.loop.RunUntilComplete(w.start(`
		local ok, problem = pcall(boucle.wait_for, go("task"), 1)
		note(problem.kind)
		return loop:time() < 60 and problem.kind`, nil, nil))
	expect(t, err, nil)
	expect(t, v, "TimeoutError")
	expect(t, notes(), "C CancelledError; Go CancelledError; Lua TimeoutError")
}

func TestWait_for_of_lua_in_time_is_the_result_of_go(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.later(1, "in time") })
	v, err := w.loop.RunUntilComplete(w.start(`return boucle.wait_for(go("task"), 60)`, nil, nil))
	expect(t, err, nil)
	expect(t, v, "in time")
}

func TestWaitFor_of_go_cancels_lua_and_c(t *testing.T) {
	w := open(t)
	task, _ := w.loop.EnsureFuture(func(ctx *boucle.Ctx) (any, error) {
		return boucle.WaitFor(ctx, time.Second, w.luaAwaits(w.later(60, 1)))
	})
	_, err := w.loop.RunUntilComplete(task)
	expect(t, errors.Is(err, boucle.ErrTimeout), true)
	expect(t, notes(), "C CancelledError; Lua CancelledError")
}

// What a gather in Lua has of each language; "fails" and "lua" are functions of the test's.
func gather(t *testing.T, code string) (string, error) {
	t.Helper()
	w := open(t)
	w.fns["go"] = func(ctx *boucle.Ctx) (any, error) { return "Go", boucle.Sleep(ctx, 2*time.Second) }
	w.fns["fails"] = func(ctx *boucle.Ctx) (any, error) {
		boucle.Sleep(ctx, time.Second)
		return nil, boucle.NewError("ValueError", "made in Go")
	}
	v, err := w.loop.RunUntilComplete(w.start(`
		local function lua() boucle.sleep(1) return "Lua" end
		local function fail_in_lua() error("made in Lua", 0) end
		local results = boucle.await(boucle.gather(`+code+`))
		for i = 1, results.n do results[i] = tostring(results[i]) end
		return table.concat(results, ", ")`, nil, nil))
	return fmt.Sprint(v), err
}

func TestGather_of_lua_over_three_languages(t *testing.T) {
	v, err := gather(t, `later(3, "C"), go("go"), lua`)
	expect(t, err, nil)
	expect(t, v, "C, Go, Lua")
}

func TestGather_of_lua_raises_the_first_error_of_any_language(t *testing.T) {
	_, err := gather(t, `later(3, "C"), go("fails"), lua`)
	var e *boucle.Error
	expect(t, errors.As(err, &e) && e.Kind() == "ValueError" && e.Message() == "made in Go", true)
}

func TestGather_of_lua_returns_exceptions_of_all_languages(t *testing.T) {
	v, err := gather(t, `{fail(1, "TeapotError"), go("fails"), fail_in_lua, go("go"), later(1, "C"), lua, return_exceptions = true}`)
	expect(t, err, nil)
	expect(t, v, "TeapotError: made in C, ValueError: made in Go, made in Lua, Go, C, Lua")
}

func TestGather_of_go_over_three_languages(t *testing.T) {
	w := open(t)
	own, _ := boucle.Go(w.loop, func(ctx *boucle.Ctx) (string, error) { return "Go", boucle.Sleep(ctx, time.Second) })
	failed := w.start(`error("made in Lua", 0)`, nil, nil)
	all, err := boucle.Gather(w.loop, boucle.Exceptions, w.later(3, "C"), own, w.start(`return "Lua"`, nil, nil), failed)
	expect(t, err, nil)
	v, err := w.loop.RunUntilComplete(all)
	expect(t, err, nil)
	expect(t, fmt.Sprint(v), "[C Go Lua LuaError: made in Lua]")
}

func TestGather_of_lua_cancelled_cancels_each(t *testing.T) {
	w := open(t)
	w.fns["task"] = awaits(func() pointed { return w.later(60, 1) })
	lua := w.start(`
		boucle.await(boucle.gather(later(60, 1), go("task"), function()
			note(select(2, pcall(boucle.sleep, 60)).kind)
			boucle.raise("CancelledError")
		end))`, nil, nil)
	w.loop.CallLater(time.Second, func() { lua.Cancel() })
	_, err := w.loop.RunUntilComplete(lua)
	expect(t, errors.Is(err, boucle.ErrCancelled), true)
	expect(t, notes(), "C CancelledError; C CancelledError; Go CancelledError; Lua CancelledError")
}

func TestTask_group_of_go_fails_with_a_task_of_lua(t *testing.T) {
	w := open(t)
	task, _ := w.loop.EnsureFuture(func(ctx *boucle.Ctx) (any, error) {
		return nil, boucle.Group(ctx, func(g *boucle.TaskGroup) error {
			g.EnsureFuture(awaits(func() pointed { return w.start(`error("made in Lua", 0)`, nil, nil) }))
			g.EnsureFuture(awaits(func() pointed { return w.later(60, 1) }))
			return nil
		})
	})
	_, err := w.loop.RunUntilComplete(task)
	var e *boucle.Error
	expect(t, errors.As(err, &e) && e.Kind() == "ExceptionGroup" && e.Members()[0].Error() == "LuaError: made in Lua", true)
	expect(t, notes(), "Go LuaError; C CancelledError; Go CancelledError")
}

// Many of each, awaiting each other, in the order of their making.
func TestMany_tasks_of_three_languages_in_one_order(t *testing.T) {
	w := open(t)
	const many = 300
	all := make([]boucle.Awaitable, many)
	for i := range all {
		all[i] = w.cAwaits(w.goAwaits(w.start(`local i = ... boucle.sleep(i % 7) return i`, nil, i)))
	}
	gathered, err := boucle.Gather(w.loop, boucle.FirstError, all...)
	expect(t, err, nil)
	_, err = w.loop.RunUntilComplete(gathered)
	expect(t, err, nil)
	results, _ := gathered.Result()
	for i, v := range results {
		expect(t, v, i)
	}
	notes()
}
