-- Locks, events, conditions, semaphores, barriers, queues, context variables.
local raw, boucle = ...
local waits, running, classes = raw.waits, raw.running, raw.classes
local pcall, error = pcall, error
local Loop = classes.Loop

-- loop:lock(), and boucle.lock() for the loop that runs.
local function factory(name, make)
  Loop[name] = make
  boucle[name] = function(...) return make(running(), ...) end
end

factory("lock", raw.lock_new)
factory("event", raw.event_new)
factory("condition", raw.condition_new)
factory("semaphore", raw.semaphore_new)
factory("bounded_semaphore", raw.semaphore_new_bounded)
factory("barrier", raw.barrier_new)
factory("queue", raw.queue_new)
factory("lifo_queue", raw.queue_new_lifo)
factory("priority_queue", raw.priority_queue)

-- ---- what waits ----

classes.Lock.acquire = waits.lock_acquire
classes.Event.wait = waits.event_wait
classes.Condition.wait = waits.condition_wait
classes.Condition.acquire = waits.condition_acquire
classes.Semaphore.acquire = waits.semaphore_acquire
classes.Barrier.wait = waits.barrier_wait
classes.Barrier.reset = waits.barrier_reset
classes.Barrier.abort = waits.barrier_abort
classes.Queue.get = waits.queue_get
classes.Queue.put = waits.queue_put
classes.Queue.join = waits.queue_join

-- ---- with ----

local function release(object, ok, ...)
  object:release()
  if not ok then error((...), 0) end
  return ...
end

-- lock:with(fn, ...): fn(...) while it is acquired, whatever becomes of it.
local function with(object, fn, ...)
  raw.check_function(1, "with", fn)
  object:acquire()
  return release(object, pcall(fn, ...))
end
classes.Lock.with, classes.Condition.with, classes.Semaphore.with = with, with, with

-- ---- conditions ----

local Condition = classes.Condition

function Condition:release()
  return self:get_lock():release()
end

function Condition:locked()
  return self:get_lock():locked()
end

-- Waits until predicate() is true, and returns that value. In Lua, so that an error of its own goes to the caller.
function Condition:wait_for(predicate)
  raw.check_function(1, "wait_for", predicate)
  local value = predicate()
  while not value do
    self:wait()
    value = predicate()
  end
  return value
end

-- ---- context variables ----

local get, set = classes.ContextVar.get, classes.ContextVar.set

boucle.context_var = raw.context_var_new

-- In the present context of the loop, by default of the one that runs.
function classes.ContextVar:get(loop)
  return get(self, loop or running())
end

function classes.ContextVar:set(value, loop)
  return set(self, loop or running(), value)
end
