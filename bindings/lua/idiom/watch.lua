-- Descriptors: callbacks, and tasks that wait for one.
local raw, boucle = ...
local waits, running = raw.waits, raw.running
local Loop = raw.classes.Loop
local pcall, error, setmetatable = pcall, error, setmetatable

-- Of each loop: descriptor -> what watches it, CALLBACK or the name of the function in which a task waits.
local CALLBACK = {}
local readers, writers = setmetatable({}, {__mode = "k"}), setmetatable({}, {__mode = "k"})

local function watched(watchers, loop)
  local descriptors = watchers[loop]
  if not descriptors then
    descriptors = {}
    watchers[loop] = descriptors
  end
  return descriptors
end

-- A watcher replaces the one before, whose task would wait for ever.
local function check_free(descriptors, name, fd)
  local by = descriptors[fd]
  if by == nil or by == CALLBACK and name:find("^add") then return end
  if by == CALLBACK then
    raw.raise_message(("%s: descriptor %d has a callback already: remove it first"):format(name, fd))
  end
  raw.raise_message(("%s: a task waits for descriptor %d already, in boucle.%s"):format(name, fd, by))
end

local function define(what, watchers)
  local add, remove = raw["add_" .. what], Loop["remove_" .. what]

  Loop["add_" .. what] = function(loop, fd, ...)
    raw.check_class(1, "add_" .. what, "Loop", loop)
    local descriptors, number = watched(watchers, loop), tonumber(fd)
    check_free(descriptors, "add_" .. what, number)
    add(loop, fd, ...)
    descriptors[number] = CALLBACK
  end

  Loop["remove_" .. what] = function(loop, fd)
    raw.check_class(1, "remove_" .. what, "Loop", loop)
    local descriptors, number = watched(watchers, loop), tonumber(fd)
    if descriptors[number] ~= CALLBACK then check_free(descriptors, "remove_" .. what, number) end
    local removed = remove(loop, fd)
    descriptors[number] = nil
    return removed
  end

  return remove
end

local function wake(future)
  if not future:done() then future:set_result() end
end

-- Waits until the descriptor is ready. Whatever ends the wait, the watcher goes.
local function define_wait(name, watchers, remove)
  local add = raw["wait_" .. name]
  raw.on_running(name, function(fd)
    raw.check_may_wait(name)
    local loop = running()
    local descriptors, number, future = watched(watchers, loop), tonumber(fd), loop:create_future()
    if number ~= nil then check_free(descriptors, name, number) end
    add(loop, fd, wake, future)
    descriptors[number] = name
    local ok, problem = pcall(waits.await, future)
    descriptors[number] = nil
    if not loop:is_closed() then remove(loop, number) end
    if not ok then error(problem, 0) end
  end)
end

define_wait("readable", readers, define("reader", readers))
define_wait("writable", writers, define("writer", writers))
