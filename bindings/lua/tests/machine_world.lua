-- For the random test: random numbers, the objects that it has created, values of all kinds.
local boucle = require "boucle"

-- `loops` are all loops that were created: an open one whose callbacks refer to it lives until it is closed.
local world = {kinds = {}, loops = setmetatable({}, {__mode = "k"}), disturbances = 0}

-- ---- random numbers, the same in all Luas ----

local state = 1

function world.seed(seed) state = seed % 2147483646 + 1 end

-- Returns an integer from 1 to `most`.
function world.random(most)
  state = (state * 16807) % 2147483647
  return state % most + 1
end

local random = world.random

function world.chance(percent) return random(100) <= percent end
function world.pick(list) return list[random(#list)] end

-- ---- the pool ----

local CAPACITY = 6

-- Keeps the object in the pool, often in the place of another of its kind. Returns it.
function world.keep(object)
  local kind = boucle.type(object)
  if not kind then return object end
  if kind == "Loop" then world.loops[object] = true end
  local objects = world.kinds[kind]
  if not objects then
    objects = {}
    world.kinds[kind] = objects
  end
  if #objects < CAPACITY then objects[#objects + 1] = object else objects[random(CAPACITY)] = object end
  return object
end

-- Returns an object of that kind from the pool; nil if there is none.
function world.known(kind)
  local objects = world.kinds[kind]
  if objects and #objects > 0 then return objects[random(#objects)] end
end

function world.drop()
  local kind = world.pick {"Loop", "Future", "Task", "Handle", "Lock", "Queue", "Event", "Condition", "Timeout", "TaskGroup"}
  local objects = world.kinds[kind]
  if objects and #objects > 0 then table.remove(objects, random(#objects)) end
end

function world.new_loop()
  local loop = boucle.new_loop {clock = "virtual", poller = world.pick {"epoll", "poll"}, debug = world.chance(10)}
  if world.chance(90) then loop:set_exception_handler(function() end) end
  return world.keep(loop)
end

-- Returns the running loop, or nil. Its handle may be new: the former one may have been collected while the loop ran.
function world.running_loop()
  local loop = boucle.get_running_loop()
  if loop then world.loops[loop] = true end
  return loop
end

-- Returns a loop, mostly the running one.
function world.loop()
  local running = world.running_loop()
  if running and world.chance(80) then return running end
  return world.known("Loop") or world.new_loop()
end

-- ---- values ----

-- Returns a value without references to other objects: a future that is its own result is never collected.
function world.plain()
  return world.pick {
    function() return nil end, function() return true end, function() return random(100) end,
    function() return "text" end, function() return "\0\255" end, function() return {} end,
    function() return 1.5 end, function() return boucle.exception("ValueError", "plain") end,
  }()
end

function world.seconds() return world.pick {0, 0, 0.5, 1, 3, -1} end

local ODD = {false, true, 0, -1, 1.5, 0 / 0, math.huge, -math.huge, 2 ^ 31, 2 ^ 53, 2 ^ 63, "", "x", "\0", "SIGUSR1", {}}

-- Returns any value; `actor` makes a function. stored: the value will be stored, so it has no references to other
-- objects.
function world.anything(actor, stored)
  local choice = random(10)
  if choice == 1 then return nil end
  if choice <= 4 then return world.pick(ODD) end
  if choice == 5 then return actor() end
  if choice == 6 then return setmetatable({}, {__call = actor(), __tostring = actor()}) end
  if choice == 7 then return coroutine.create(actor()) end
  if choice == 8 then return io.stdout end
  if stored then return world.plain() end
  local kinds = {"Loop", "Future", "Task", "Handle", "Lock", "Queue", "Event", "Condition", "Semaphore", "Barrier",
    "Timeout", "TaskGroup", "ContextVar", "Exception"}
  return world.known(world.pick(kinds))
end

-- ---- what can be seen ----

-- kind -> methods that show its state
local SHOWN = {
  Loop = {"is_closed", "is_running", "get_debug"}, Future = {"done", "cancelled"},
  Task = {"done", "cancelled", "cancelling", "get_name"}, Handle = {"cancelled", "when"}, Lock = {"locked"},
  Queue = {"qsize", "maxsize", "empty", "full"}, Event = {"is_set"}, Condition = {"locked"}, Semaphore = {"locked"},
  Barrier = {"n_waiting", "broken", "parties"}, Timeout = {"when", "state", "expired"},
}

function world.snapshot(object)
  local names = SHOWN[boucle.type(object)]
  if not names then return "" end
  local parts = {}
  for index, name in ipairs(names) do parts[index] = tostring(select(2, pcall(object[name], object))) end
  if boucle.type(object) == "Loop" then parts[#parts + 1] = #select(2, pcall(object.all_tasks, object)) end
  return table.concat(parts, " ")
end

return world
