-- Descriptors: callbacks, and tasks that wait for one.
local raw, boucle = ...
local waits, running = raw.waits, raw.running
local Loop = raw.classes.Loop
local pcall, error, setmetatable = pcall, error, setmetatable

-- loop -> descriptor -> what watches it: CALLBACK; or the future that a task waits for, and the name of the function
-- that waits; or false.
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

-- Raises an error if the descriptor has a watcher already: a new one would replace it, and its task would wait for
-- ever.
local function check_free(descriptors, name, fd)
  local watcher = descriptors[fd]
  if not watcher or watcher == CALLBACK and name:find("^add") or watcher.future and watcher.future:done() then return end
  if watcher == CALLBACK then
    raw.raise_message(("%s: descriptor %d has a callback already: remove it first"):format(name, fd))
  end
  raw.raise_message(("%s: a task waits for descriptor %d already, in boucle.%s"):format(name, fd, watcher.name))
end

-- Creates the descriptor's entry. It is written after the loop has started to watch, and no error may happen then.
local function reserve(descriptors, fd)
  if fd ~= nil and fd == fd and descriptors[fd] == nil then descriptors[fd] = false end
end

local function define(what, watchers)
  local add, remove = raw["add_" .. what], Loop["remove_" .. what]

  Loop["add_" .. what] = function(loop, fd, ...)
    raw.check_class(1, "add_" .. what, "Loop", loop)
    local descriptors, number = watched(watchers, loop), tonumber(fd)
    check_free(descriptors, "add_" .. what, number)
    reserve(descriptors, number)
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

-- Waits until the descriptor is ready. The watcher is removed when the wait ends, for whatever reason. If the task is
-- not resumed, because its coroutine was closed, the callback removes it: else the loop would find the descriptor ready
-- again and again.
local function define_wait(name, watchers, remove)
  local add = raw["wait_" .. name]

  local function unwatch(loop, fd, wait)
    local descriptors = watched(watchers, loop)
    if descriptors[fd] ~= wait then return end -- there is another watcher now
    descriptors[fd] = nil
    if not loop:is_closed() then remove(loop, fd) end
  end

  local function wake(fd, wait)
    unwatch(running(), fd, wait)
    if not wait.future:done() then wait.future:set_result() end
  end

  raw.define_on_running_loop(name, function(fd)
    raw.check_can_wait(name)
    local loop = running()
    local descriptors, number = watched(watchers, loop), tonumber(fd)
    local wait = {name = name, future = loop:create_future()}
    if number ~= nil then check_free(descriptors, name, number) end
    reserve(descriptors, number)
    add(loop, fd, wake, number, wait)
    descriptors[number] = wait
    local ok, problem = pcall(waits.await, wait.future)
    unwatch(loop, number, wait)
    if not ok then error(problem, 0) end
  end)
end

define_wait("readable", readers, define("reader", readers))
define_wait("writable", writers, define("writer", writers))

-- ---- sockets ----

boucle.sock_recv, boucle.sock_sendall = waits.sock_recv, waits.sock_sendall

-- The value closes the descriptor with its last reference, unless it is taken out: so a task that is cancelled after the
-- connection was accepted, and before it has it, loses no descriptor.
function boucle.sock_accept(fd)
  local value = waits.sock_accept(fd)
  local accepted = raw.take_fd(value)
  return accepted
end
