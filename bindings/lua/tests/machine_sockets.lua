-- For the random test: sockets, and the arguments of calls that use them. Every such call ends: there is something to
-- receive, room to send, or a connection; the others are given up after a time on the virtual clock.
local boucle = require "boucle"
local calls = require "socket_calls"
local world = require "machine_world"

local sockets = {}
local opened = {}
local received, fed, sent, drained, broken, ended, listener -- what can be used at once
local silent, full, quiet                                   -- what must be waited for

local function open_pair()
  local a, b = calls.pair()
  opened[#opened + 1], opened[#opened + 2] = a, b
  return a, b
end

function sockets.open()
  received, fed = open_pair()
  sent, drained = open_pair()
  ended, broken = open_pair()
  calls.shut(broken)
  silent = open_pair()
  full = select(2, open_pair())
  while calls.put(full, ("x"):rep(65536)) do end
  listener, quiet = calls.listen(), calls.listen()
  opened[#opened + 1], opened[#opened + 2] = listener, quiet
end

function sockets.close()
  for _, fd in ipairs(opened) do calls.close(fd) end
end

-- ---- arguments ----

local function size() return world.pick {0, 1, 3, 100, 100000} end
local function text() return world.pick {"", "text", "\0\255", 7, ("x"):rep(1000)} end

local function receiver()
  calls.put(fed, "some\0bytes")
  return world.pick {received, received, received, ended, world.readable, listener, -1, 9999}
end

local function sender()
  repeat until not calls.take(drained)
  return world.pick {sent, sent, sent, broken, world.writable, -1, 9999}
end

local function acceptor()
  local client = calls.connect(listener)
  if client then calls.close(client) end
  return world.pick {listener, listener, listener, ended, world.readable, -1, 9999}
end

sockets.ARGUMENTS = {sock_recv = {receiver, size}, sock_sendall = {sender, text}, sock_accept = {acceptor}}

-- ---- calls ----

local function wait_in_vain(name)
  local seconds = world.pick {0, 1, 3}
  if name == "sock_recv" then return boucle.wait_for(boucle.sock_recv, seconds, silent, 10) end
  if name == "sock_sendall" then return boucle.wait_for(boucle.sock_sendall, seconds, full, "text") end
  return boucle.wait_for(boucle.sock_accept, seconds, quiet)
end

-- Returns a function that calls the one of that name, mostly; some of its calls wait for a socket that is never ready.
-- It returns nothing that must be closed.
function sockets.caller(name)
  return function(...)
    if world.chance(30) then return wait_in_vain(name) end
    local result = boucle[name](...)
    if name ~= "sock_accept" then return result end
    if not calls.close(result) then error("boucle: " .. result .. " is no open descriptor", 0) end
  end
end

return sockets
