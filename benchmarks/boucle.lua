-- Boucle's competitor in Lua: one program for Lua 5.4 and LuaJIT, tasks as coroutines, through `require "boucle"`.
-- Variant by key=1: fresh (churn: each time a new timer).
local boucle = require "boucle"

local workload, keys = arg[1], {}
for i = 2, #arg do
  local key, value = arg[i]:match("^(%w+)=(%w+)$")
  if key then keys[key] = tonumber(value) end
end
local n, k = keys.n or 1000000, keys.k or 1000
local await, sleep, random = boucle.await, boucle.sleep, math.random
local loop = boucle.new_loop()
math.randomseed(42)

local function status_kb(key)
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^" .. key .. ":%s+(%d+)")
    if kb then return kb end
  end
end

local function report_ns(start) print(("ns=%.3f"):format((loop:time() - start) * 1e9 / n)) end

-- Measures a task from the start of its loop to its end.
local function run_task(fn)
  local start = loop:time()
  loop:run_until_complete(fn)
  report_ns(start)
end

local function trivial(i) return i end

local run = {}

function run.post()
  local left, live = n - k, k
  local function repost()
    if left > 0 then
      left = left - 1
      loop:call_soon(repost)
      return
    end
    live = live - 1
    if live == 0 then loop:stop() end
  end
  local start = loop:time()
  for _ = 1, k do loop:call_soon(repost) end
  loop:run_forever()
  report_ns(start)
end

function run.spawn()
  run_task(function()
    local sum = 0
    for i = 1, n do sum = sum + await(loop:create_task(trivial, i)) end
    return sum
  end)
end

function run.gather()
  run_task(function()
    local sum, tasks = 0, {}
    for _ = 1, n / k do
      for i = 1, k do tasks[i] = loop:create_task(trivial, i) end
      for i = 1, k do sum = sum + await(tasks[i]) end
    end
    return sum
  end)
end

function run.sleepers()
  local base, live = status_kb "VmRSS", n
  local function sleeper(seconds)
    sleep(seconds)
    live = live - 1
    if live == 0 then loop:stop() end
  end
  for i = 1, n do
    loop:spawn(sleeper, 1 + 2 * random())
    if i % 1000 == 0 then loop:run_once(0) end
  end
  loop:run_forever()
  print("base_kb=" .. base .. " hwm_kb=" .. status_kb "VmHWM")
end

-- Arms a timer again; with fresh, cancels it and arms another.
function run.churn()
  local function never() os.exit(1) end
  local function seconds() return 30 + random(0, 1023) / 1000 end
  local function arm() return loop:call_later(seconds(), never) end
  local timers, fresh = {}, keys.fresh == 1
  for i = 1, k do timers[i] = arm() end
  local start = loop:time()
  for i = 1, n do
    if i % 1000 == 1 then loop:run_once(0) end
    local which = random(k)
    if fresh then
      timers[which]:cancel()
      timers[which] = arm()
    else
      timers[which]:again(seconds())
    end
  end
  report_ns(start)
end

-- Each wakes the other, by a future, and waits to be woken.
function run.switch()
  local left, turn_of = n, {}
  local function hand_over(me, other)
    while left > 0 do
      left = left - 1
      local mine, theirs = left > 0 and loop:create_future() or nil, turn_of[other]
      turn_of[me], turn_of[other] = mine, nil
      if theirs then theirs:set_result() end
      if mine then await(mine) end
    end
  end
  run_task(function()
    local other = loop:create_task(hand_over, 2, 1)
    hand_over(1, 2)
    await(other)
  end)
end

-- ---- echo: descriptors and watchers; Lua itself has no sockets, LuaJIT has C ----

local has_ffi, ffi = pcall(require, "ffi")
local AF_INET, STREAM, NONBLOCK, NOSIGNAL, EAGAIN = 2, 1, 0x800, 0x4000, 11
local SOCKET, REUSEADDR, TCP, NODELAY = 1, 2, 6, 1

local function switch_on(fd, level, option) ffi.C.setsockopt(fd, level, option, ffi.new("int[1]", 1), 4) end

local function listen_fd(port)
  local fd = ffi.C.socket(AF_INET, STREAM + NONBLOCK, 0)
  local address = ffi.new("struct internet", {AF_INET, {math.floor(port / 256), port % 256}, {127, 0, 0, 1}})
  switch_on(fd, SOCKET, REUSEADDR)
  assert(ffi.C.bind(fd, address, ffi.sizeof(address)) == 0 and ffi.C.listen(fd, 4096) == 0, "cannot listen")
  return fd
end

local function send(fd, data, size)
  local sent = tonumber(ffi.C.send(fd, data, size, NOSIGNAL))
  return sent, sent < 0 and ffi.errno() ~= EAGAIN
end

local unsent, on_readable = {}, nil

local function hang_up(fd)
  unsent[fd] = nil
  loop:remove_reader(fd)
  loop:remove_writer(fd)
  ffi.C.close(fd)
end

local buffer = has_ffi and ffi.new("char[65536]")

local function on_writable(fd)
  local sent, broken = send(fd, unsent[fd], #unsent[fd])
  if broken then return hang_up(fd) end
  unsent[fd] = unsent[fd]:sub(math.max(sent, 0) + 1)
  if #unsent[fd] > 0 then return end
  loop:remove_writer(fd)
  loop:add_reader(fd, on_readable, fd)
end

function on_readable(fd)
  local received = tonumber(ffi.C.recv(fd, buffer, 65536, 0))
  if received <= 0 then
    if received == 0 or ffi.errno() ~= EAGAIN then hang_up(fd) end
    return
  end
  local sent = math.max(send(fd, buffer, received), 0)
  if sent == received then return end
  unsent[fd] = ffi.string(buffer + sent, received - sent)
  loop:remove_reader(fd) -- it reads no more until the rest is sent
  loop:add_writer(fd, on_writable, fd)
end

local function on_connection(listening)
  local fd = ffi.C.accept4(listening, nil, nil, NONBLOCK)
  if fd < 0 then return end
  switch_on(fd, TCP, NODELAY)
  loop:add_reader(fd, on_readable, fd)
end

run.echo = has_ffi and function()
  ffi.cdef [[
    struct internet { uint16_t family; uint8_t port[2], address[4], zero[8]; };
    int socket(int, int, int), listen(int, int), close(int), accept4(int, void *, void *, int);
    int bind(int, const struct internet *, unsigned), setsockopt(int, int, int, const int *, unsigned);
    long recv(int, void *, size_t, int), send(int, const void *, size_t, int);
  ]]
  local fd = listen_fd(keys.port)
  loop:add_reader(fd, on_connection, fd)
  print "ready"
  io.stdout:flush()
  loop:run_forever()
end

local measure = run[workload]
if not measure then os.exit(2) end
measure()
