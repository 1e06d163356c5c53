-- Tasks: what can suspend them, and how they end.
local test = require "harness"
local boucle = require "boucle"

test("task_gets_its_arguments_and_returns_its_result", function()
  test.equal(test.run(function(a, b, c) return ("%s%s%s"):format(a, tostring(b), c) end, 1, nil, 3), "1nil3")
  test.equal(test.run(function(...) return select("#", ...) end, nil, nil), 2)
  test.equal(test.run(function() end), nil)
end)

test("task_without_a_handle_runs_too", function()
  local ran = {}
  test.run(function()
    boucle.get_running_loop():spawn(function(x) boucle.sleep(1) ran[1] = x end, "yes")
    boucle.sleep(2)
  end)
  test.equal(ran[1], "yes")
end)

test("await_of_a_done_future_does_not_suspend", function()
  test.run(function()
    local loop, order = boucle.get_running_loop(), {}
    local future = loop:create_future()
    future:set_result("done")
    loop:call_soon(function() order[#order + 1] = "callback" end)
    test.equal(boucle.await(future), "done")
    order[#order + 1] = "task"
    boucle.sleep(0)
    test.equal(table.concat(order, " "), "task callback")
  end)
end)

test("await_outside_of_a_task_is_an_error", function()
  local loop = test.loop()
  local future = loop:create_future()
  test.raises("no task is running", boucle.await, future)
  local problem
  loop:call_soon(function() problem = test.raises("no task is running", boucle.await, future) end)
  loop:run_once(0)
  assert(problem)
end)

test("await_in_a_nested_coroutine_is_an_error", function()
  test.run(function()
    local future = boucle.get_running_loop():create_future()
    local nested = coroutine.wrap(function() return pcall(boucle.await, future) end)
    local ok, problem = nested()
    test.equal(ok, false)
    assert(problem:find("a coroutine inside the task", 1, true), problem)
  end)
end)

test("nested_coroutines_may_yield_among_themselves", function()
  test.run(function()
    local squares = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
    test.equal(squares(), 1)
    boucle.sleep(1)
    test.equal(squares(), 4)
    test.equal(squares(), 9)
  end)
end)

test("bare_yield_fails_the_task", function()
  test.raises("boucle.await", test.run, function() coroutine.yield("what?") end)
  test.raises("boucle.await", test.run, function() coroutine.yield() end)
end)

test("await_across_a_c_call_is_luas_error", function()
  test.raises("attempt to yield across", test.run, function()
    table.sort({3, 2, 1}, function(a, b) boucle.sleep(1) return a < b end)
  end)
end)

test("await_of_itself_is_an_error", function()
  test.raises("Task cannot await on itself", test.run, function() boucle.await(boucle.current_task()) end)
end)

test("cancel_raises_at_the_await_with_its_message", function()
  test.run(function()
    local seen
    local task = boucle.create_task(function()
      local ok, problem = pcall(boucle.sleep, 10)
      seen = problem
      error(problem, 0)
    end)
    boucle.sleep(1)
    test.equal(task:cancel("enough"), true)
    local problem = test.raises("CancelledError", boucle.await, task)
    test.equal(problem.message, "enough")
    test.equal(seen.kind, "CancelledError")
    test.equal(task:cancelled(), true)
    test.equal(task:cancel(), false)
  end)
end)

test("cancel_swallowed_lets_the_task_go_on", function()
  test.run(function()
    local task = boucle.create_task(function() pcall(boucle.sleep, 10) boucle.sleep(1) return "survived" end)
    boucle.sleep(1)
    task:cancel()
    test.equal(task:cancelling(), 1)
    test.equal(task:uncancel(), 0)
    test.equal(boucle.await(task), "survived")
  end)
end)

test("result_too_early_and_exception_too_early", function()
  local loop = test.loop()
  local task = loop:create_task(function() return 1 end)
  test.equal(test.raises("InvalidStateError", task.result, task).message, "Result is not set.")
  test.equal(test.raises("InvalidStateError", task.exception, task).message, "Exception is not set.")
  loop:run_until_complete(task)
  test.equal(task:result(), 1)
  test.equal(task:exception(), nil)
  test.equal(test.raises("RuntimeError", task.set_result, task, 2).message, "Task does not support set_result operation")
end)

test("name_is_shown", function()
  local loop = test.loop()
  local task = loop:create_task(function() end)
  task:set_name("worker")
  test.equal(task:get_name(), "worker")
  assert(tostring(task):find("worker, pending", 1, true), tostring(task))
  loop:run_until_complete(task)
  assert(tostring(task):find("worker, finished", 1, true), tostring(task))
end)

test("task_that_nothing_can_wake_is_reported", function()
  local loop, messages = test.loop(), {}
  loop:set_exception_handler(function(_, context) messages[#messages + 1] = context.message end)
  local wake = loop:create_future()
  loop:create_task(function() boucle.await(wake) end)
  loop:run_once(0)
  wake = nil
  for _ = 1, 3 do collectgarbage() end
  -- The future is an upvalue of the coroutine, so the task is destroyed, and reported, only when the loop is.
  loop:close()
  loop = nil
  for _ = 1, 4 do collectgarbage() end
  test.equal(messages[1], "Task was destroyed but it is pending!")
end)

test("error_that_nobody_takes_is_reported", function()
  local loop, reports = test.loop(), {}
  loop:set_exception_handler(function(from, context) test.same(from, loop) reports[#reports + 1] = context end)
  loop:spawn(function() error({lost = true}) end)
  loop:run_once(0)
  loop:run_once(0)
  test.equal(#reports, 1)
  test.equal(reports[1].message, "Task exception was never retrieved")
  test.equal(reports[1].exception.lost, true)
  test.equal(boucle.type(reports[1].task), "Task")
  test.equal(reports[1].details.kind, "LuaError")
  loop:set_exception_handler(nil)
  loop:close()
end)

-- <close> variables, on Lua 5.4 only.
local closing = rawget(_G, "jit") == nil and load [[
  local boucle, log, wait = ...
  local guard <close> = setmetatable({}, {__close = function(_, problem) log[#log + 1] = problem or "none" end})
  wait()
]]

test("close_variable_runs_on_return_error_cancel", function()
  if not closing then return end
  test.run(function()
    local log = {}
    boucle.await(boucle.create_task(closing, boucle, log, function() boucle.sleep(1) end))
    test.equal(log[1], "none")
    pcall(boucle.await, boucle.create_task(closing, boucle, log, function() error("wrong", 0) end))
    test.equal(log[2], "wrong")
    local task = boucle.create_task(closing, boucle, log, function() boucle.sleep(1) end)
    boucle.sleep(0.5)
    task:cancel()
    pcall(boucle.await, task)
    test.equal(log[3].kind, "CancelledError")
  end)
end)

test("close_variable_runs_when_the_task_is_dropped", function()
  if not closing then return end
  local log, loop = {}, test.loop()
  loop:set_exception_handler(function() end)
  loop:create_task(closing, boucle, log, function() boucle.sleep(1) end)
  loop:run_once(0)
  loop:close()
  loop = nil
  for _ = 1, 4 do collectgarbage() end
  test.equal(#log, 1)
end)

test("close_variable_that_fails_replaces_the_error", function()
  if not closing then return end
  local failing = load [[
    local guard <close> = setmetatable({}, {__close = function() error("second", 0) end})
    error("first", 0)
  ]]
  local ok, problem = pcall(test.run, failing)
  test.equal(problem, "second")
end)

test.done()
