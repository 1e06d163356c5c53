-- What programs should not do: resume the coroutines of tasks, call finalizers, run loops in hooks, use closed loops.
local test = require "harness"
local boucle = require "boucle"
local jit = rawget(_G, "jit")

local function settle()
  for _ = 1, 4 do collectgarbage() end
  return boucle.live_objects()
end

-- Returns a table of the messages that the loop's exception handler gets.
local function reports_of(loop)
  local reports = {}
  loop:set_exception_handler(function(_, context) reports[#reports + 1] = context.message end)
  return reports
end

-- ---- the coroutine of a task ----

test("coroutine_of_a_waiting_task_resumed_by_other_code_keeps_waiting", function()
  local loop, co = test.loop(), nil
  local reports = reports_of(loop)
  local task = loop:create_task(function()
    co = coroutine.running()
    boucle.sleep(1)
    return loop:time()
  end)
  loop:run_once(0)
  for _, argument in ipairs {false, true, print} do
    local ok, nothing, message = coroutine.resume(co, argument)
    test.equal(ok, true)
    test.equal(nothing, nil)
    assert(message:find("was resumed by other code", 1, true), message)
  end
  test.equal(#reports, 3)
  assert(reports[1]:find("was resumed by other code", 1, true))
  test.equal(loop:run_until_complete(task), 1)
  loop:set_exception_handler(nil)
end)

test("coroutine_resumed_by_another_task_does_not_get_its_outcome", function()
  local loop, co = test.loop(), nil
  local reports = reports_of(loop)
  local never = loop:create_future()
  local waiter = loop:create_task(function() co = coroutine.running() return (boucle.await(never)) end)
  loop:run_until_complete(function()
    boucle.sleep(0)
    test.equal(boucle.wait_for(function() boucle.sleep(0) return "mine" end, 5), "mine")
    coroutine.resume(co)
    boucle.sleep(1)
    coroutine.resume(co, "yours")
    test.equal(waiter:done(), false)
    never:set_result("its own")
    test.equal(boucle.await(waiter), "its own")
  end)
  test.equal(#reports, 2)
  loop:set_exception_handler(nil)
end)

test("coroutine_resumed_by_other_code_inside_pcall_is_still_cancelled", function()
  local loop, co, seen = test.loop(), nil, nil
  reports_of(loop)
  local task = loop:create_task(function()
    co = coroutine.running()
    local ok, problem = pcall(boucle.sleep, 10)
    seen = {ok, problem.kind}
    error(problem, 0)
  end)
  loop:run_once(0)
  coroutine.resume(co)
  task:cancel()
  test.raises("CancelledError", loop.run_until_complete, loop, task)
  test.equal(seen[1], false)
  test.equal(seen[2], "CancelledError")
  loop:set_exception_handler(nil)
end)

test("coroutine_closed_by_other_code_fails_its_task", function()
  if jit then return end
  local loop, co = test.loop(), nil
  local task = loop:create_task(function() co = coroutine.running() boucle.sleep(1) end)
  loop:run_once(0)
  test.equal(coroutine.close(co), true)
  local problem = test.raises("RuntimeError", loop.run_until_complete, loop, task)
  assert(problem.message:find("was closed while the task waited", 1, true), problem.message)
end)

test("coroutine_of_a_waiting_task_under_a_hook_goes_on", function()
  local loop, co, calls = test.loop(), nil, 0
  local task = loop:create_task(function() co = coroutine.running() boucle.sleep(1) return "done" end)
  loop:run_once(0)
  debug.sethook(co, function() calls = calls + 1 end, "crl", 1)
  test.equal(loop:run_until_complete(task), "done")
  debug.sethook(co)
end)

test("wait_that_cannot_yield_leaves_nothing_awaited", function()
  test.run(function()
    local future = boucle.get_running_loop():create_future()
    local ok, problem = pcall(table.sort, {3, 2, 1}, function() boucle.await(future) end)
    test.equal(ok, false)
    assert(problem:find("attempt to yield across", 1, true), problem)
    local task = boucle.create_task(function()
      pcall(table.sort, {3, 2, 1}, function() boucle.await(future) end)
      coroutine.yield()
    end)
    assert(tostring(test.raises("RuntimeError", boucle.await, task)):find("coroutine.yield", 1, true))
  end)
end)

test("wait_in_a_hook_of_the_task_is_an_error", function()
  if jit then jit.off() end
  local problem
  test.run(function()
    debug.sethook(function()
      debug.sethook()
      problem = select(2, pcall(boucle.sleep, 1))
    end, "", 1)
    local x = 1
    boucle.sleep(x)
  end)
  assert(tostring(problem):find("attempt to yield across", 1, true), problem)
  if jit then jit.on() end
end)

-- ---- runs in odd places ----

-- Calls fn in a finalizer.
local function finalize(fn)
  if jit then
    getmetatable(newproxy(true)).__gc = fn
  else
    setmetatable({}, {__gc = fn})
  end
  collectgarbage()
  collectgarbage()
end

local function hook(fn)
  if jit then jit.off() end
  debug.sethook(function() debug.sethook() fn() end, "", 1)
  local called = true
  if jit then jit.on() end
  return called
end

for name, place in pairs {finalizer = finalize, debug_hook = hook} do
  test("run_inside_a_" .. name .. "_works_or_is_refused", function()
    local ok, result
    local function run() return (boucle.run(function() boucle.sleep(0.001) return "ran" end)) end
    place(function() ok, result = pcall(run) end)
    if not jit then return test.equal(result, "ran") end
    test.equal(ok, false)
    assert(result:find("misuse.lua:%d+: run: LuaJIT cannot suspend tasks inside a finalizer or a debug hook"), result)
  end)

  test("loop_run_inside_a_" .. name .. "_works_or_is_refused", function()
    local loop, result = test.loop(), nil
    for _, run in ipairs {"run_until_complete", "run_once", "run_forever", "shutdown"} do
      local task = loop:create_task(function() boucle.sleep(0) loop:stop() end)
      place(function() result = select(2, pcall(loop[run], loop, run == "run_until_complete" and task or 0)) end)
      if jit then assert(result:find(run .. ": LuaJIT cannot suspend", 1, true), result) end
      task:cancel()
      pcall(loop.run_until_complete, loop, task)
    end
  end)
end

-- In LuaJIT 2.1.0-beta3, a compiled loop over pairs() in a finalizer may never end.
test("new_loop_in_a_finalizer_after_many_loops_is_made", function()
  for _ = 1, 100 do boucle.new_loop({clock = "virtual"}):close() end
  local made
  finalize(function() made = boucle.new_loop {clock = "virtual", debug = true, spin = 0, timer_slack = 0} end)
  test.equal(boucle.type(made), "Loop")
  made:close()
end)

-- ---- finalizers that are called ----

test("finalizer_called_by_the_program_does_nothing", function()
  local loop = test.loop()
  test.run(function()
    local all = {
      loop, boucle.get_running_loop(), loop:create_future(), boucle.create_task(function() boucle.sleep(1) end),
      loop:call_soon(print, "never"), boucle.lock(), boucle.event(), boucle.condition(), boucle.semaphore(1),
      boucle.barrier(2), boucle.queue(), boucle.context_var("v"), boucle.exception("ValueError"),
    }
    boucle.timeout(1, function(block) all[#all + 1] = block end)
    boucle.task_group(function(group) all[#all + 1] = group end)
    all[5]:cancel()
    for _, object in ipairs(all) do
      local text, collect = tostring(object), debug.getmetatable(object).__gc
      collect(object)
      pcall(collect, object)
      coroutine.wrap(collect)(object)
      collect()
      collect(io.stdout)
      test.equal(tostring(object), text)
    end
    test.equal(boucle.get_running_loop(), all[2])
    test.equal(all[3]:done(), false)
    boucle.await(all[4])
    test.equal(all[4]:done(), true)
    test.equal(all[12]:name(), "v")
  end)
end)

test("finalizer_called_on_what_is_in_use_does_nothing", function()
  local loop = test.loop()
  local function collect(object) debug.getmetatable(object).__gc(object) end
  loop:call_soon(collect, loop)
  loop:call_soon(boucle.raise, "SystemExit", "out")
  test.raises("SystemExit", loop.run_forever, loop)
  local held = {loop:create_future()}
  held[1]:set_exception(setmetatable({}, {__tostring = function() collect(held[1]) return "odd" end}))
  test.equal(tostring(held[1]:exception()), "odd")
  held[1] = nil
end)

test("all_tasks_while_finalizers_make_tasks_is_whole", function()
  local loop = test.loop()
  local function make()
    if loop:is_closed() then return end
    loop:create_task(print):set_log_destroy_pending(false)
  end
  for _ = 1, 300 do
    if jit then getmetatable(newproxy(true)).__gc = make else setmetatable({}, {__gc = make}) end
    collectgarbage("step", 1)
    for _, task in ipairs(loop:all_tasks()) do test.equal(boucle.type(task), "Task") end
  end
  loop:close()
end)

-- ---- closed loops ----

local function closed_loop_with(fill)
  local loop = test.loop()
  loop:set_exception_handler(function() return loop end)
  fill(loop)
  loop:run_once(0)
  loop:close()
  return loop
end

local FILLS = {
  sleeping = function(loop) loop:create_task(function() boucle.sleep(10) return loop end) end,
  waiting = function(loop)
    local future = loop:create_future()
    loop:create_task(function() boucle.await(future) return loop, future end)
    future:add_done_callback(function() return loop, future end)
  end,
  unstarted = function(loop) loop:call_soon(loop.stop, loop) loop:create_task(function() return loop end) end,
  queued = function(loop)
    local queue = loop:priority_queue(0, function() return loop end)
    loop:spawn(function() queue:get() return queue end)
  end,
}

for name, fill in pairs(FILLS) do
  test("loop_closed_with_a_" .. name .. "_task_that_refers_to_it_is_collected", function()
    local before = settle()
    for _ = 1, 50 do closed_loop_with(fill) end
    test.equal(settle(), before)
  end)
end

test("pending_task_of_a_closed_loop_stays_readable", function()
  local loop, reports = test.loop(), {}
  loop:set_exception_handler(function(_, context) reports[#reports + 1] = context.message end)
  local task = loop:create_task(function()
    boucle.sleep(10)
    return loop
  end)
  task:set_name("left over")
  loop:run_once(0)
  loop:close()
  settle()
  test.equal(task:done(), false)
  test.equal(task:get_name(), "left over")
  test.same(task:get_loop(), loop)
  test.equal(#loop:all_tasks(), 1)
  test.equal(test.raises("RuntimeError", task.cancel, task).status, "LOOP_ECLOSED")
  test.equal(#reports, 0)
  loop, task = nil, nil
  settle()
  test.equal(reports[1], "Task was destroyed but it is pending!")
  reports[1] = nil
end)

test("error_of_a_finalizer_while_an_object_is_made_leaves_nothing", function()
  if not jit then return end -- Lua 5.4 warns of such errors
  local loop, errors = test.loop(), 0
  local function finalizer() error("of a finalizer", 0) end
  local function make() getmetatable(newproxy(true)).__gc = finalizer end
  -- Compiled code would keep the loop alive if it were an upvalue.
  local function attempt(on, name)
    make()
    on[name](on)
    boucle.exception_group("message", {{}, {}})
  end
  local pause = collectgarbage("setpause", 0)
  for index = 1, 3000 do
    local ok, problem = pcall(attempt, loop, index % 2 == 0 and "create_future" or "all_tasks")
    if not ok and problem == "of a finalizer" then errors = errors + 1 end
  end
  collectgarbage("setpause", pause)
  while not pcall(collectgarbage) do end
  assert(errors > 0)
end)

test("error_of_a_callback_is_that_of_the_callback_whatever_its_close_does", function()
  if jit then return end
  local loop, reports = test.loop(), {}
  loop:set_exception_handler(function(_, context)
    reports[#reports + 1] = context.exception
    if context.message == "inner" then error("of the handler", 0) end
  end)
  io.stderr:setvbuf("full")
  local close = {__close = function() loop:call_exception_handler {message = "inner", exception = "i"} end}
  loop:call_soon(load([[
    local close = ...
    local guard <close> = setmetatable({}, close)
    error("outer", 0)
  ]]), close)
  loop:run_once(0)
  test.equal(reports[2], "outer")
  loop:set_exception_handler(nil)
end)

test.done()
