-- Locks, events, conditions, semaphores, barriers, queues, context variables.
local raw, boucle = ...
local waits, running, classes = raw.waits, raw.running, raw.classes
local pcall, error = pcall, error
local Loop = classes.Loop

-- Defines loop:NAME(), and boucle.NAME() for the running loop.
local function factory(name, make)
  Loop[name] = make
  raw.define_on_running_loop(name, function(...)
    local made = make(running(), ...)
    return made
  end)
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

-- lock:with(fn, ...): acquires, calls fn(...), and releases even if fn raises an error.
for _, name in ipairs {"Lock", "Condition", "Semaphore"} do
  local class = classes[name]
  function class.with(object, fn, ...)
    raw.check_class(1, "with", name, object)
    raw.check_callable(2, "with", fn)
    class.acquire(object)
    return release(object, pcall(fn, ...))
  end
end

-- ---- conditions ----

local Condition = classes.Condition

function Condition:release()
  raw.check_class(1, "release", "Condition", self)
  self:get_lock():release()
end

function Condition:locked()
  raw.check_class(1, "locked", "Condition", self)
  return self:get_lock():locked()
end

-- Waits until predicate() is true, and returns its value. It is written in Lua, so that an error of the predicate goes
-- to the caller.
function Condition:wait_for(predicate)
  raw.check_class(1, "wait_for", "Condition", self)
  raw.check_callable(2, "wait_for", predicate)
  local value = predicate()
  while not value do
    self:wait()
    value = predicate()
  end
  return value
end

-- ---- queues ----

local function next_item(queue)
  raw.check_can_wait("iter")
  local ok, item = pcall(waits.queue_get, queue)
  if ok and item ~= nil then return item end
  if ok then raw.raise_message("iter: an item is nil, which would end the loop: use get") end
  if raw.matches(item, "QueueShutDown") then return nil end
  error(item, 0)
end

-- for item in queue:iter() do ... end: takes items until the queue is shut down.
function classes.Queue:iter()
  raw.check_class(1, "iter", "Queue", self)
  return next_item, self
end

-- ---- context variables ----

local get, set = classes.ContextVar.get, classes.ContextVar.set

boucle.context_var = raw.context_var_new

-- In the current context of the loop; nil: of the running one.
function classes.ContextVar:get(loop)
  raw.check_class(1, "get", "ContextVar", self)
  if loop ~= nil then raw.check_class(2, "get", "Loop", loop) end
  local value = get(self, loop or running())
  return value
end

function classes.ContextVar:set(value, loop)
  raw.check_class(1, "set", "ContextVar", self)
  if loop ~= nil then raw.check_class(3, "set", "Loop", loop) end
  set(self, loop or running(), value)
end
