-- Combinators, timeouts, task groups.
local raw, boucle = ...
local waits, running = raw.waits, raw.running
local Loop = raw.classes.Loop
local select, pcall, error, ipairs, huge = select, pcall, error, ipairs, math.huge

-- Raises an error unless ensure_future takes each item; before that, no task is created. For a future of another loop,
-- the function `make` raises it. as_arguments: the items were arguments, so messages have their numbers.
local function check_items(loop, items, count, name, as_arguments, make)
  for index = 1, count do
    local item = items[index]
    if raw.is_future(item) then
      if item:get_loop() ~= loop then make(loop, {item}) end
    elseif not raw.is_awaitable(item) and not raw.is_callable(item) then
      if as_arguments then raw.bad_type(index + 1, name, "future or function", item) end
      raw.bad_argument(2, name,
        ("future or function expected at index %d, got %s"):format(index, raw.type_name(item)))
    end
  end
end

local function ensure_all(make, loop, futures, created, silent, ...)
  for index = 1, #created do
    if not raw.is_future(futures[index]) then
      local task = raw.ensure_future(loop, futures[index])
      futures[index], created[index] = task, task
      if silent then task:set_log_destroy_pending(false) end
    end
  end
  return make(loop, futures, ...)
end

local function cancel_if_failed(created, ok, ...)
  if ok then return ... end
  for _, task in ipairs(created) do
    if task then task:cancel() end
  end
  error((...), 0)
end

-- Returns make(loop, futures, ...): the futures are the items, where functions become tasks. If it fails, these tasks
-- are cancelled. silent: nothing is logged if such a task is destroyed pending.
local function make_of_futures(make, loop, items, count, silent, ...)
  local futures, created = {}, {} -- filled here: later there may be no memory
  for index = 1, count do
    futures[index], created[index] = items[index], false
  end
  return cancel_if_failed(created, pcall(ensure_all, make, loop, futures, created, silent, ...))
end

-- Returns the loop of the first future among the items; the running one if there is none.
local function loop_of(items, count)
  for index = 1, count do
    if raw.is_future(items[index]) then return items[index]:get_loop() or running() end
  end
  return running()
end

-- Returns the items, their number, and whether they were arguments. A single table is the list of the items.
local function collect_items(...)
  local first, count = ..., select("#", ...)
  if count == 1 and type(first) == "table" and not raw.is_callable(first) then return first, #first, false end
  return {...}, count, true
end

local function gather(loop, items, count, as_arguments)
  check_items(loop, items, count, "gather", as_arguments, raw.gather)
  return make_of_futures(raw.gather, loop, items, count, true, not as_arguments and items.return_exceptions)
end

-- gather(f, g, ...) or gather{f, g, ..., return_exceptions = true}: returns a future for the table of the results.
function Loop.gather(loop, ...)
  raw.check_class(1, "gather", "Loop", loop)
  local future = gather(loop, collect_items(...))
  return future
end

raw.define_on_running_loop("gather", function(...)
  local items, count, as_arguments = collect_items(...)
  local future = gather(loop_of(items, count), items, count, as_arguments)
  return future
end)

local function shield(loop, x, ...)
  if not raw.is_awaitable(x) and not raw.is_callable(x) then raw.bad_type(2, "shield", "future or function", x) end
  if raw.is_future(x) then return raw.shield(loop, x) end
  local created = {false}
  created[1] = raw.ensure_future(loop, x, ...)
  return cancel_if_failed(created, pcall(raw.shield, loop, created[1]))
end

-- Returns a future that has x's outcome. To cancel it does not cancel x.
function Loop.shield(loop, x, ...)
  raw.check_class(1, "shield", "Loop", loop)
  local future = shield(loop, x, ...)
  return future
end

raw.define_on_running_loop("shield", function(x, ...)
  local future = shield(loop_of({x}, 1), x, ...)
  return future
end)

-- ---- wait ----

local MODES = {FIRST_COMPLETED = true, FIRST_EXCEPTION = true, ALL_COMPLETED = true}

local function check_wait_options(options)
  if options == nil then return nil end
  if type(options) ~= "table" then raw.bad_type(3, "wait", "table", options) end
  local timeout, mode = options.timeout, options.return_when
  if timeout ~= nil and not tonumber(timeout) then
    raw.bad_argument(3, "wait", ("timeout: number expected, got %s"):format(raw.type_name(timeout)))
  end
  if mode ~= nil and not MODES[mode] then
    raw.bad_argument(3, "wait", "return_when: FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED expected")
  end
  return tonumber(timeout), mode
end

-- Returns the futures, each of them once.
local function without_duplicates(futures)
  local seen, unique = {}, {}
  for index = 1, #futures do
    local future = futures[index]
    if not raw.is_future(future) then
      raw.bad_argument(2, "wait", ("future expected at index %d, got %s"):format(index, raw.type_name(future)))
    end
    if not seen[future] then unique[#unique + 1] = future end
    seen[future] = true
  end
  return unique
end

-- wait(futures, {timeout = seconds, return_when = "FIRST_COMPLETED"}): returns the table of those that are done, and
-- the table of the others.
raw.define_on_running_loop("wait", function(futures, options)
  if type(futures) ~= "table" then raw.bad_type(2, "wait", "table", futures) end
  local seconds, mode = check_wait_options(options)
  local done, pending, unique = {}, {}, without_duplicates(futures)
  waits.wait(running(), unique, seconds, mode)
  for index = 1, #unique do
    local list = unique[index]:done() and done or pending
    list[#list + 1] = unique[index]
  end
  return done, pending
end)

-- ---- as_completed ----

local Completions = {}
Completions.__index = Completions

local function check_completions(name, x)
  if getmetatable(x) ~= Completions then raw.bad_type(1, name, "Completions", x) end
end

-- Waits for the next future to be done; returns its result, or raises its error.
function Completions:next()
  check_completions("next", self)
  if self.left <= 0 then raw.raise_message("next: there are no more futures") end
  self.left = self.left - 1
  local result = waits.completion_next(self.completion)
  return result
end

-- for next in as_completed(...) do local result = next() end
function Completions:__call()
  check_completions("next", self)
  if self.left <= 0 then return nil end
  return function()
    local result = self:next()
    return result
  end
end

local function new_completions(loop, futures, seconds)
  local completion, left = raw.as_completed(loop, futures, seconds)
  return setmetatable({completion = completion, left = left}, Completions)
end

local function as_completed(loop, items, timeout)
  local count = #items
  local seconds = raw.check_seconds(3, "as_completed", timeout)
  check_items(loop, items, count, "as_completed", false, raw.as_completed)
  return make_of_futures(new_completions, loop, items, count, false, seconds)
end

function Loop.as_completed(loop, items, timeout)
  raw.check_class(1, "as_completed", "Loop", loop)
  if type(items) ~= "table" then raw.bad_type(2, "as_completed", "table", items) end
  local completions = as_completed(loop, items, timeout)
  return completions
end

raw.define_on_running_loop("as_completed", function(items, timeout)
  if type(items) ~= "table" then raw.bad_type(2, "as_completed", "table", items) end
  local completions = as_completed(loop_of(items, #items), items, timeout)
  return completions
end)

-- ---- blocks ----

local function exit_timeout(timeout, ok, ...)
  local failed, problem = raw.timeout_exit(timeout, not ok, (...))
  if failed then error(problem, 0) end
  return ...
end

local function run_block(timeout, fn, ...)
  timeout:enter()
  return exit_timeout(timeout, pcall(fn, ...))
end

local function new_timeout(loop, seconds)
  return raw.timeout_new(loop, seconds and loop:time() + seconds or huge)
end

-- timeout(seconds, fn, ...): calls fn(block, ...). After so many seconds (nil: never) it is cancelled, and TimeoutError
-- is raised.
function boucle.timeout(seconds, fn, ...)
  seconds = raw.check_seconds(1, "timeout", seconds)
  raw.check_callable(2, "timeout", fn)
  local block = new_timeout(running(), seconds)
  return run_block(block, fn, block, ...)
end

-- The same with a time of the loop's clock.
function boucle.timeout_at(when, fn, ...)
  when = raw.check_seconds(1, "timeout_at", when)
  raw.check_callable(2, "timeout_at", fn)
  local block = raw.timeout_new(running(), when or huge)
  return run_block(block, fn, block, ...)
end

raw.classes.Timeout.reschedule = raw.timeout_reschedule

-- wait_for(x, seconds, ...): returns the result of a future, or of a function, which is called in the calling task.
function boucle.wait_for(x, seconds, ...)
  local is_future = raw.is_future(x)
  if not is_future and not raw.is_callable(x) then raw.bad_type(1, "wait_for", "future or function", x) end
  seconds = raw.check_seconds(2, "wait_for", seconds)
  raw.check_can_wait("wait_for")
  local loop = running()
  if is_future then
    local result = waits.wait_for_future(loop, x, seconds)
    return result
  end
  if seconds == nil or seconds > 0 then return run_block(new_timeout(loop, seconds), x, ...) end
  local result = waits.wait_for_future(loop, raw.create_task(loop, x, ...), seconds)
  return result
end

local function exit_group(group, ok, ...)
  waits.group_exit(group, not ok, (...))
  return ...
end

-- task_group(fn, ...): calls fn(group, ...), then waits for the tasks that group:create_task(f, ...) created.
function boucle.task_group(fn, ...)
  raw.check_callable(1, "task_group", fn)
  raw.check_can_wait("task_group")
  local group = raw.task_group_new(running())
  group:enter()
  return exit_group(group, pcall(fn, group, ...))
end
