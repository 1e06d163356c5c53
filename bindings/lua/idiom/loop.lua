-- Loops, futures, tasks.
local raw, boucle = ...
local Loop, Future, Task, Group = raw.classes.Loop, raw.classes.Future, raw.classes.Task, raw.classes.TaskGroup

for _, name in ipairs {
  "call_soon", "call_later", "call_at", "add_reader", "add_writer", "add_signal_handler", "set_exception_handler",
  "call_exception_handler", "create_future", "ensure_future", "create_task", "spawn", "all_tasks", "run_until_complete",
  "run_forever", "run_once", "shutdown", "close", "current_task",
} do
  Loop[name] = raw[name]
end

for _, name in ipairs {
  "result", "details", "set_result", "set_exception", "cancel", "add_done_callback", "remove_done_callback", "get_loop",
} do
  Future[name] = raw[name]
end
Future.exception = raw.exception_of_future

-- A task is a future.
for name, method in pairs(Future) do
  Task[name] = Task[name] or method
end

Group.create_task, Group.spawn = raw.group_create_task, raw.group_spawn

function boucle.create_task(...)
  return raw.running():create_task(...)
end

function boucle.ensure_future(x, ...)
  if type(x) == "userdata" and raw.is_future(x) then return x end
  return raw.running():ensure_future(x, ...)
end

-- ---- options ----

local CLOCKS = {monotonic = raw.LOOP_CLOCK_MONOTONIC, virtual = raw.LOOP_CLOCK_VIRTUAL}
local POLLERS = {auto = raw.LOOP_POLLER_AUTO, epoll = raw.LOOP_POLLER_EPOLL, poll = raw.LOOP_POLLER_POLL}

local function choice(choices, what, name)
  return choices[name] or error(("bad option %s of 'new_loop' (%s)"):format(what, tostring(name)), 4)
end

local SETTERS = {
  clock = function(options, name) options:set_clock(choice(CLOCKS, "clock", name)) end,
  poller = function(options, name) options:set_poller(choice(POLLERS, "poller", name)) end,
  debug = function(options, debug) options:set_debug(debug) end,
  stack_size = function(options, size) options:set_stack_size(size) end,
  spin = function(options, seconds) options:set_spin(seconds) end,
}

-- new_loop{clock = "virtual", poller = "poll", debug = true}
function boucle.new_loop(settings)
  if settings == nil then return raw.loop_new() end
  if type(settings) ~= "table" then raw.bad_argument(1, "new_loop", "table", settings) end
  local options = raw.loop_options_new()
  for name, setting in pairs(settings) do
    local set = SETTERS[name] or error(("unknown option %s of 'new_loop'"):format(tostring(name)), 2)
    set(options, setting)
  end
  return raw.loop_new(options)
end

-- ---- asyncio.run() ----

local function wind_down(loop, ok, ...)
  local shut, problem = pcall(loop.shutdown, loop)
  loop:close()
  if not ok then error((...), 0) end
  if not shut then error(problem, 0) end
  return ...
end

-- run(fn, ...) or run(options, fn, ...)
function boucle.run(fn, ...)
  raw.check_may_run("run")
  if raw.get_running_loop() then
    boucle.raise("RuntimeError", "run() cannot be called from a running event loop")
  end
  if type(fn) == "table" then
    raw.check_function(2, "run", (...))
    local loop = boucle.new_loop(fn)
    return wind_down(loop, pcall(loop.run_until_complete, loop, ...))
  end
  raw.check_function(1, "run", fn)
  local loop = boucle.new_loop()
  return wind_down(loop, pcall(loop.run_until_complete, loop, fn, ...))
end
