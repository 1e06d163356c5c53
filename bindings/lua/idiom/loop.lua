-- Loops, futures, tasks.
local raw, boucle = ...
local Loop, Future, Task, Group = raw.classes.Loop, raw.classes.Future, raw.classes.Task, raw.classes.TaskGroup

for _, name in ipairs {
  "call_soon", "call_later", "call_at", "add_signal_handler", "set_exception_handler",
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

raw.define_on_running_loop("create_task", function(...)
  local task = raw.create_task(raw.running(), ...)
  return task
end)

-- A task without a handle: only the loop has a reference to it. Its error goes to the exception handler.
raw.define_on_running_loop("spawn", function(...)
  raw.spawn(raw.running(), ...)
end)

raw.define_on_running_loop("ensure_future", function(x, ...)
  if raw.is_future(x) then return x end
  local future = raw.ensure_future(raw.running(), x, ...)
  return future
end)

-- ---- options ----

local CLOCKS = {monotonic = raw.LOOP_CLOCK_MONOTONIC, virtual = raw.LOOP_CLOCK_VIRTUAL}
local POLLERS = {auto = raw.LOOP_POLLER_AUTO, epoll = raw.LOOP_POLLER_EPOLL, poll = raw.LOOP_POLLER_POLL}

local function bad_option(user, name, expected, value)
  raw.raise_message(("bad option %s of '%s' (%s expected, got %s)"):format(name, user, expected, raw.type_name(value)))
end

local function choice(choices, user, name, value)
  if choices[value] then return choices[value] end
  raw.raise_message(("bad option %s of '%s' (%s)"):format(name, user, tostring(value)))
end

local function number(user, name, value)
  local converted = tonumber(value)
  if not converted or converted ~= converted then bad_option(user, name, "number", value) end
  return converted
end

local function size(user, name, value)
  local converted = number(user, name, value)
  if converted < 0 or converted % 1 ~= 0 or converted > 2 ^ 53 then bad_option(user, name, "size", value) end
  return converted
end

local SETTERS = {
  clock = function(options, ...) options:set_clock(choice(CLOCKS, ...)) end,
  poller = function(options, ...) options:set_poller(choice(POLLERS, ...)) end,
  debug = function(options, _, _, debug) options:set_debug(debug) end,
  stack_size = function(options, ...) options:set_stack_size(size(...)) end,
  spin = function(options, ...) options:set_spin(number(...)) end,
  timer_slack = function(options, ...) options:set_timer_slack(number(...)) end,
  post_limit = function(options, ...) options:set_post_limit(size(...)) end,
}

-- Without pairs(): in a finalizer, a loop over pairs() that LuaJIT 2.1.0-beta3 compiled may never end.
local function new_loop(user, settings)
  local options = raw.loop_options_new()
  local name, setting = next(settings)
  while name ~= nil do
    if not SETTERS[name] then raw.raise_message(("unknown option %s of '%s'"):format(tostring(name), user)) end
    SETTERS[name](options, user, name, setting)
    name, setting = next(settings, name)
  end
  local loop = raw.loop_new(options)
  return loop
end

-- new_loop{clock = "virtual", poller = "poll", debug = true}
function boucle.new_loop(settings)
  if settings == nil then settings = {} end
  if type(settings) ~= "table" then raw.bad_type(1, "new_loop", "table", settings) end
  local loop = new_loop("new_loop", settings)
  return loop
end

-- ---- run ----

local function shut_down(loop, ok, ...)
  local shut, problem = pcall(loop.shutdown, loop)
  loop:close()
  if not ok then error((...), 0) end
  if not shut then error(problem, 0) end
  return ...
end

-- run(fn, ...) or run(options, fn, ...)
local function run(loop, ...)
  return shut_down(loop, pcall(loop.run_until_complete, loop, ...))
end

function boucle.run(fn, ...)
  local options = type(fn) == "table" and not raw.is_callable(fn)
  raw.check_callable(options and 2 or 1, "run", options and (...) or not options and fn or nil)
  raw.check_can_run("run")
  if raw.get_running_loop() then
    boucle.raise("RuntimeError", "run() cannot be called from a running event loop")
  end
  if options then return run(new_loop("run", fn), ...) end
  return run(new_loop("run", {}), fn, ...)
end
