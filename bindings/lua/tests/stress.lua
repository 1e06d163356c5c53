-- Garbage collection at any moment; many tasks and callbacks.
local test = require "harness"
local boucle = require "boucle"

local function workload(rounds)
  local count = 0
  for i = 1, rounds do
    local ok, problem = pcall(boucle.await, boucle.create_task(function(k)
      if k % 3 == 0 then error({k = k}) end
      boucle.sleep(0)
      return ("x"):rep(k % 50) .. "\0"
    end, i))
    if i % 3 == 0 then assert(not ok and problem.k == i) else assert(ok and #problem == i % 50 + 1) end
    count = count + 1
  end
  return count
end

-- Returns a function that calls fn with a full collection after every instruction (LuaJIT: every seventh) of its
-- coroutine.
local function collecting(fn)
  return function(...)
    debug.sethook(function() collectgarbage() end, "", rawget(_G, "jit") and 7 or 1)
    return fn(...)
  end
end

test("collecting_after_every_instruction", function()
  if rawget(_G, "jit") then jit.off() end
  test.run(collecting(function()
    local queue, lock, event = boucle.queue(1), boucle.lock(), boucle.event()
    local producer = boucle.create_task(collecting(function() for i = 1, 3 do queue:put({i}) end event:set() end))
    local sum = 0
    for _ = 1, 3 do lock:with(function() sum = sum + queue:get()[1] end) end
    event:wait()
    boucle.await(producer)
    assert(sum == 6)
    local results = boucle.await(boucle.gather(collecting(function() boucle.sleep(1) return "a" end), function() return {} end))
    assert(results[1] == "a" and type(results[2]) == "table")
    assert(not pcall(boucle.timeout, 1, collecting(function() boucle.sleep(5) end)))
    assert(not pcall(boucle.task_group, function(group) group:create_task(error, {}) boucle.sleep(1) end))
    assert(boucle.wait_for(collecting(function() boucle.sleep(0) return 5 end), 1) == 5)
  end))
  if rawget(_G, "jit") then jit.on() end
end)

test("collecting_all_the_time", function()
  local pause, multiplier = collectgarbage("setpause", 0), collectgarbage("setstepmul", 10000)
  test.equal(test.run(workload, 100), 100)
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", multiplier)
end)

test("generational_collector", function()
  if rawget(_G, "jit") then return end
  collectgarbage("generational")
  test.equal(test.run(workload, 3000), 3000)
  collectgarbage("incremental")
end)

test("many_tasks_many_callbacks", function()
  test.run(function()
    local loop, sum = boucle.get_running_loop(), 0
    for i = 1, 2000 do
      loop:call_soon(function(n) sum = sum + n end, i)
      loop:call_later(i / 1000, function() sum = sum - i end)
    end
    boucle.task_group(function(group)
      for i = 1, 2000 do group:spawn(function() boucle.sleep(i / 1000) sum = sum + 1 end) end
    end)
    boucle.sleep(3)
    test.equal(sum, 2000)
  end)
end)

test("callback_of_a_dead_coroutine_runs", function()
  local loop, hits = test.loop(), 0
  coroutine.resume(coroutine.create(function() loop:call_soon(function() hits = hits + 1 end) end))
  collectgarbage()
  collectgarbage()
  loop:run_once(0)
  test.equal(hits, 1)
end)

test("deep_recursion_of_awaits", function()
  local function deeper(n)
    if n == 0 then return 0 end
    return 1 + boucle.await(boucle.create_task(deeper, n - 1))
  end
  test.equal(test.run(deeper, 1000), 1000)
end)

test("stack_overflow_in_a_task_is_an_error", function()
  local function forever() return 1 + forever() end
  test.raises("stack overflow", test.run, forever)
end)

test("pending_everything_when_the_state_closes", function()
  PENDING = boucle.new_loop()
  local loop = PENDING
  loop:set_exception_handler(function() end)
  local never = loop:create_future()
  never:add_done_callback(function() end)
  loop:create_task(function() boucle.await(never) end)
  loop:create_task(function() boucle.lock():with(boucle.sleep, 1000) end)
  loop:spawn(function() boucle.queue():get() end)
  loop:call_later(1000, function() end)
  loop:add_signal_handler(12, function() end)
  loop:run_once(0)
  loop:create_task(function() end)
end, true)

test.done()
