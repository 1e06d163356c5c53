-- The operations of scenarios, by the public API. Each is called as op(env, frame, word, ...), and returns its value.
local boucle = require "boucle"
local parse = require "parse"

local operations = {}
local ops = {}

-- Returns booleans as numbers, as in Python.
local function number(value)
  if type(value) == "boolean" then return value and 1 or 0 end
  return value
end

function operations.equal(left, right)
  if type(left) ~= "table" or type(right) ~= "table" then return number(left) == number(right) end
  if left.n ~= right.n then return false end
  for i = 1, left.n do
    if not operations.equal(left[i], right[i]) then return false end
  end
  return true
end

local function seconds(delay)
  return delay and delay / 1000
end

-- ---- values ----

function ops.log(env, frame, ...)
  local texts = {...}
  for i, word in ipairs(texts) do
    if word:sub(1, 1) == "$" then texts[i] = env:render(env:value(frame, word)) end
  end
  env:log(frame.label, table.concat(texts, " "))
end

function ops.val(env, frame, word) return env:value(frame, word) end

function ops.add(env, frame, left, right) return env:value(frame, left) + env:value(frame, right) end

function ops.time(env) return env:now() end

function ops.current(env) return env:label(env.loop:current_task()) end

function ops.all_tasks(env)
  local tasks = env.loop:all_tasks()
  tasks.n = #tasks
  for i = 1, tasks.n do tasks[i] = env:label(tasks[i]) end
  return tasks
end

function ops.drop(env, _, name)
  env.variables[name] = nil
  env:collect()
end

local function context_var(env, name)
  local var = env.context_vars[name] or boucle.context_var(name)
  env.context_vars[name] = var
  return var
end

function ops.cvset(env, frame, name, word) context_var(env, name):set(env:value(frame, word), env.loop) end

function ops.cvget(env, _, name) return context_var(env, name):get(env.loop) end

local function new_exception(env, frame, kind, word)
  return boucle.exception(kind, word and env:render(env:value(frame, word)))
end

ops["raise"] = function(env, frame, ...) error(new_exception(env, frame, ...), 0) end

function ops.reraise(_, frame) error(frame.caught[#frame.caught], 0) end

-- ---- futures and tasks ----

function ops.future(env, frame) return env:name_future(env.loop:create_future(), frame.target or "future") end

function ops.spawn(env, frame, call) return env:spawn(env.loop, frame, call, frame.target) end

function ops.spawn_in(env, frame, group, call) return env:spawn(env:lookup(frame, group), frame, call, frame.target) end

-- An operation `NAME OBJECT [VALUE...]` that calls a method of the object.
local function method(name)
  return function(env, frame, object, ...)
    return env:lookup(frame, object)[name](env:lookup(frame, object), unpack(env:values(frame, {...}), 1, select("#", ...)))
  end
end
unpack = unpack or table.unpack

for _, name in ipairs {
  "set_result", "result", "exception", "done", "cancelled", "uncancel", "cancelling", "expired", "release", "locked",
  "set", "clear", "is_set", "notify", "notify_all", "n_waiting", "broken", "put_nowait", "get_nowait", "task_done",
  "qsize", "empty", "full", "acquire", "put", "get", "join", "reset", "abort",
} do
  ops[name] = method(name)
end
ops.wait_event, ops.wait_condition, ops.wait_barrier = method("wait"), method("wait"), method("wait")

function ops.set_exception(env, frame, future, ...)
  env:lookup(frame, future):set_exception(new_exception(env, frame, ...))
end

function ops.cancel(env, frame, object, message) return env:lookup(frame, object):cancel(message) end

function ops.add_done_callback(env, frame, future, name)
  env:lookup(frame, future):add_done_callback(env:callback(name))
end

function ops.remove_done_callback(env, frame, future, name)
  return env:lookup(frame, future):remove_done_callback(env:callback(name))
end

local function gather(env, frame, return_exceptions, ...)
  local items = {return_exceptions = return_exceptions}
  for i, word in ipairs {...} do
    local future, made = env:operand(frame, word)
    if made then future:set_log_destroy_pending(false) end
    items[i] = future
  end
  return env:name_future(env.loop:gather(items), frame.target or "gather")
end

function ops.gather(env, frame, ...) return gather(env, frame, false, ...) end

function ops.gather_rx(env, frame, ...) return gather(env, frame, true, ...) end

function ops.shield(env, frame, word)
  local inner = env:operand(frame, word)
  local outer = env.loop:shield(inner)
  return outer == inner and outer or env:name_future(outer, frame.target or "shield")
end

local function lookup_all(env, frame, names)
  local futures = {}
  for i, name in ipairs(names) do futures[i] = env:lookup(frame, name) end
  return futures
end

function ops.as_completed(env, frame, delay, ...)
  return env.loop:as_completed(lookup_all(env, frame, {...}), seconds(env:value(frame, delay)))
end

function ops.reschedule(env, frame, timeout, delay)
  delay = seconds(env:value(frame, delay))
  env:lookup(frame, timeout):reschedule(delay and env.loop:time() + delay)
end

-- ---- the loop ----

local function callback(env, frame, call)
  local name, arguments = parse.call(call)
  return env:callback(name), unpack(env:values(frame, arguments), 1, #arguments)
end

function ops.call_soon(env, frame, call) return env.loop:call_soon(callback(env, frame, call)) end

function ops.call_later(env, frame, delay, call)
  return env.loop:call_later(seconds(env:value(frame, delay)), callback(env, frame, call))
end

function ops.call_at(env, frame, when, call)
  return env.loop:call_at(env:seconds(env:value(frame, when)), callback(env, frame, call))
end

function ops.when(env, frame, handle)
  return math.floor(env:lookup(frame, handle):when() * 1000 + 0.5) + env.time_base
end

-- With a virtual clock a deadlock ends the run: it is logged, and stops the loop.
local function deadlocked(env, ok, ...)
  if ok or boucle.type((...)) ~= "Exception" or (...).status ~= "LOOP_EDEADLOCK" then return ok, ... end
  env:log("loop", "deadlock")
  return false, boucle.exception("RuntimeError", "Event loop stopped before Future completed.")
end

local function run_future(env, future, made)
  local ok, value = deadlocked(env, pcall(env.loop.run_until_complete, env.loop, future))
  if ok then return value end
  if made and future:done() then pcall(future.exception, future) end -- retrieved: it is raised here
  future = nil
  error(value, 0)
end

local function check_may_run(env)
  if env.loop:is_closed() then boucle.raise("RuntimeError", "Event loop is closed") end
  if env.loop:is_running() then boucle.raise("RuntimeError", "This event loop is already running") end
end

function ops.run(env, frame, word)
  check_may_run(env)
  local future, made = env:operand(frame, word)
  if made then future:set_log_destroy_pending(false) end
  return run_future(env, future, made)
end

function ops.run_forever(env)
  local ok, problem = pcall(env.loop.run_forever, env.loop)
  if ok then return end
  if problem.status ~= "LOOP_EDEADLOCK" then error(problem, 0) end
  env:log("loop", "deadlock")
end

function ops.shutdown(env)
  local ok, problem = deadlocked(env, pcall(env.loop.shutdown, env.loop))
  if not ok then error(problem, 0) end
end

-- asyncio.run() also runs two coroutines, which have nothing to do here.
local function run_idle(env, label)
  local task = env.loop:create_task(function() end)
  task:set_name(label)
  task:set_log_destroy_pending(false)
  run_future(env, task, true)
end

local function wind_down(env)
  ops.shutdown(env)
  run_idle(env, "shutdown_asyncgens")
  run_idle(env, "shutdown_default_executor")
end

function ops.asyncio_run(env, frame, call)
  env:new_loop()
  local ok, value = pcall(run_future, env, env:operand(frame, call), false)
  local wound_down, problem = pcall(wind_down, env)
  env.loop:close()
  if not wound_down then error(problem, 0) end
  if not ok then error(value, 0) end
  return value
end

function ops.new_loop(env) env:new_loop() end

for _, name in ipairs {"stop", "close", "is_running", "is_closed"} do
  ops[name] = function(env) return env.loop[name](env.loop) end
end

-- ---- what is made ----

for _, name in ipairs {
  "lock", "event", "semaphore", "bounded_semaphore", "barrier", "queue", "lifo_queue", "priority_queue",
} do
  ops[name] = function(env, frame, word)
    return env.loop[name](env.loop, word and env:value(frame, word))
  end
end

function ops.condition(env, frame, lock) return env.loop:condition(lock and env:lookup(frame, lock)) end

-- ---- what waits ----

function ops.sleep(env, frame, delay) boucle.sleep(seconds(env:value(frame, delay))) end

ops["await"] = function(env, frame, word)
  if word:find("(", 1, true) then return env:invocation(frame, word, frame.label)() end
  return boucle.await(env:lookup(frame, word))
end

function ops.wait_for(env, frame, delay, word)
  delay = seconds(env:value(frame, delay))
  local what
  if word:find("(", 1, true) and not (delay and delay <= 0) then
    what = env:invocation(frame, word, frame.label)
  else
    what = env:operand(frame, word, frame.label)
  end
  return boucle.wait_for(what, delay)
end

function ops.wait(env, frame, mode, delay, ...)
  local options = {return_when = mode, timeout = seconds(env:value(frame, delay))}
  local done, pending = boucle.wait(lookup_all(env, frame, {...}), options)
  done.n, pending.n = #done, #pending
  return {n = 2, done, pending}
end

function ops.next(env, frame, name) return env:lookup(frame, name):next() end

function ops.wait_until(env, frame, condition, name, word)
  local value = env:value(frame, word)
  return env:lookup(frame, condition):wait_for(function()
    return operations.equal(env:lookup(frame, name), value)
  end)
end

-- ---- a statement ----

-- These operations had handles of futures that they do not return.
local leaves_handles = {
  current = true, all_tasks = true, shield = true, gather = true, gather_rx = true, wait_for = true, run = true,
  asyncio_run = true, as_completed = true, wait = true,
}

function operations.run(env, frame, node)
  frame.target = node.target
  local op = ops[node.op] or error("unknown operation " .. node.op)
  local value = env:plain(op(env, frame, unpack(node.words)))
  if node.show then env:log(frame.label, node.text .. " = " .. env:render(value)) end
  local held = leaves_handles[node.op] or not node.target and env:may_hold(value)
  if node.target then env:assign(frame, node.target, value) end
  value = nil
  if held then env:collect() end
end

return operations
