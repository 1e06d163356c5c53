-- Several futures at once, and futures against time.
local raw, boucle = ...
local waits, running = raw.waits, raw.running
local Loop = raw.classes.Loop
local select, pcall, error, huge = select, pcall, error, math.huge

-- The items, functions as tasks.
local function ensure_all(loop, items, quietly)
  local futures = {}
  for index = 1, #items do
    local item = items[index]
    if type(item) == "function" then
      item = loop:create_task(item)
      if quietly then item:set_log_destroy_pending(false) end
    end
    futures[index] = item
  end
  return futures
end

-- The loop of the first future among the items, or the one that runs.
local function loop_of(items)
  for index = 1, #items do
    if raw.is_future(items[index]) then return items[index]:get_loop() or running() end
  end
  return running()
end

local function listed(...)
  local first = ...
  if select("#", ...) == 1 and type(first) == "table" then return first end
  return {...}
end

-- gather(f, g, ...) or gather{f, g, ..., return_exceptions = true}: a future for the table of the results.
function Loop.gather(loop, ...)
  local items = listed(...)
  return raw.gather(loop, ensure_all(loop, items, true), items.return_exceptions)
end

function boucle.gather(...)
  local items = listed(...)
  return loop_of(items):gather(items)
end

-- A future that follows x, but whose cancellation does not reach it.
function Loop.shield(loop, x, ...)
  return raw.shield(loop, loop:ensure_future(x, ...))
end

function boucle.shield(x, ...)
  return loop_of({x}):shield(x, ...)
end

-- ---- wait ----

-- wait(futures, {timeout = seconds, return_when = "FIRST_COMPLETED"}): the tables of those that are done, and not.
function boucle.wait(futures, options)
  options = options or {}
  waits.wait(running(), futures, options.timeout, options.return_when)
  local done, pending, seen = {}, {}, {}
  for index = 1, #futures do
    local future = futures[index]
    if not seen[future] then
      local list = future:done() and done or pending
      list[#list + 1] = future
    end
    seen[future] = true
  end
  return done, pending
end

-- ---- as_completed ----

local Completions = {}
Completions.__index = Completions

-- Waits for the next of them, and returns its result, or raises its error.
function Completions:next()
  self.left = self.left - 1
  return waits.completion_next(self.completion)
end

-- for next in as_completed(...) do local result = next() end
function Completions:__call()
  if self.left <= 0 then return nil end
  return function() return self:next() end
end

function Loop.as_completed(loop, items, timeout)
  if type(items) ~= "table" then raw.bad_argument(1, "as_completed", "table", items) end
  local completion, left = raw.as_completed(loop, ensure_all(loop, items), timeout)
  return setmetatable({completion = completion, left = left}, Completions)
end

function boucle.as_completed(items, timeout)
  if type(items) ~= "table" then raw.bad_argument(1, "as_completed", "table", items) end
  return loop_of(items):as_completed(items, timeout)
end

-- ---- blocks ----

local function leave_timeout(timeout, ok, ...)
  local failed, problem = raw.timeout_leave(timeout, not ok, (...))
  if failed then error(problem, 0) end
  return ...
end

local function within(timeout, fn, ...)
  timeout:enter()
  return leave_timeout(timeout, pcall(fn, ...))
end

local function new_timeout(loop, seconds)
  return raw.timeout_new(loop, seconds and loop:time() + seconds or huge)
end

-- timeout(seconds, fn, ...): fn(block, ...), cancelled after so many seconds (nil: never), which raises TimeoutError.
function boucle.timeout(seconds, fn, ...)
  raw.check_function(2, "timeout", fn)
  local block = new_timeout(running(), seconds)
  return within(block, fn, block, ...)
end

-- The same at a time of the loop's clock.
function boucle.timeout_at(when, fn, ...)
  raw.check_function(2, "timeout_at", fn)
  local block = raw.timeout_new(running(), when or huge)
  return within(block, fn, block, ...)
end

raw.classes.Timeout.reschedule = raw.timeout_reschedule

-- wait_for(x, seconds, ...): the result of a future, or of a function, which runs in the calling task.
function boucle.wait_for(x, seconds, ...)
  local loop = running()
  if type(x) ~= "function" then return waits.wait_for_future(loop, x, seconds) end
  if seconds == nil or seconds > 0 then return within(new_timeout(loop, seconds), x, ...) end
  return waits.wait_for_future(loop, loop:create_task(x, ...), seconds)
end

local function leave_group(group, ok, ...)
  waits.group_exit(group, not ok, (...))
  return ...
end

-- task_group(fn, ...): fn(group, ...); then waits for the tasks that were made by group:create_task(f, ...).
function boucle.task_group(fn, ...)
  raw.check_function(1, "task_group", fn)
  local group = raw.task_group_new(running())
  group:enter()
  return leave_group(group, pcall(fn, group, ...))
end
