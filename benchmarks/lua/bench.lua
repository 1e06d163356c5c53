-- What the Lua binding costs, beside a bare coroutine, and beside luv and cqueues where they are installed.
--
--   LUA_CPATH="...;;" lua5.4 bench.lua [N]
local boucle = require "boucle"

local N = tonumber(arg[1]) or 200000
local clock = os.clock

local function measure(name, count, fn)
  collectgarbage()
  collectgarbage()
  local best = math.huge
  for _ = 1, 3 do
    local start = clock()
    fn(count)
    best = math.min(best, clock() - start)
  end
  print(("%-44s %9.1f ns"):format(name, best / count * 1e9))
end

local function optional(name)
  local ok, module = pcall(require, name)
  return ok and module or nil
end

print(rawget(_G, "jit") and jit.version or _VERSION)

measure("bare coroutine.resume", N, function(n)
  local yield, resume = coroutine.yield, coroutine.resume
  local co = coroutine.create(function() while true do yield() end end)
  for _ = 1, n do resume(co) end
end)

local loop = boucle.new_loop()
local await, sleep = boucle.await, boucle.sleep
local function in_task(fn) return function(n) loop:run_until_complete(fn, n) end end

measure("boucle: await of a done future", N, in_task(function(n)
  local future = loop:create_future()
  future:set_result(1)
  for _ = 1, n do await(future) end
end))

measure("boucle: spawn and await", N / 4, in_task(function(n)
  local function child() return 1 end
  for _ = 1, n do await(loop:create_task(child)) end
end))

measure("boucle: sleep(0) round trip", N, in_task(function(n)
  for _ = 1, n do sleep(0) end
end))

measure("boucle: call_soon", N / 4, function(n)
  local function callback() end
  for i = 1, n do
    loop:call_soon(callback)
    if i % 1000 == 0 then loop:run_once(0) end
  end
end)

local function resident()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmRSS:%s+(%d+)")
    if kilobytes then return tonumber(kilobytes) * 1024 end
  end
end

collectgarbage()
local before, sleepers = resident(), 100000
for i = 1, sleepers do
  loop:spawn(sleep, 1000 + i)
  if i % 1000 == 0 then loop:run_once(0) end
end
print(("%-44s %9.0f bytes"):format("boucle: each of 100,000 sleeping coroutines", (resident() - before) / sleepers))

local luv = optional "luv"
if luv then
  measure("luv: timer of 0 that resumes a coroutine", N / 4, function(n)
    local co
    co = coroutine.create(function()
      local timer = luv.new_timer()
      for _ = 1, n do
        timer:start(0, 0, function() coroutine.resume(co) end)
        coroutine.yield()
      end
      timer:close()
    end)
    coroutine.resume(co)
    luv.run()
  end)
end

local cqueues = optional "cqueues"
if cqueues then
  measure("cqueues: poll(0) round trip", N / 4, function(n)
    local queue = cqueues.new()
    queue:wrap(function() for _ = 1, n do cqueues.poll(0) end end)
    queue:loop()
  end)
end
os.exit(0, false)
