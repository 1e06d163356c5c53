-- The parts of the module in Lua. Each is called with the table of the functions in C, and with the table that becomes
-- the module.
local raw, boucle = ...
local waits = raw.waits

-- In Lua 5.4 a C function can continue after a yield. In LuaJIT it cannot: there a second call, outcome(), returns or
-- raises the outcome of a wait. If the user's code resumed the coroutine, outcome() returns RESUMED_BY_USER and what
-- coroutine.resume is to return.
local outcome, yield = raw.outcome, coroutine.yield
local ALREADY_DONE, RESUMED_BY_USER = raw.ALREADY_DONE, raw.RESUMED_BY_USER
if outcome then
  local function finish_wait(result, ...)
    if result ~= RESUMED_BY_USER then return result end
    yield(...)
    return finish_wait(outcome())
  end
  for name, wait in pairs(waits) do
    waits[name] = function(a, b, c, d)
      local state, result = wait(a, b, c, d)
      if state == ALREADY_DONE then return result end
      return finish_wait(outcome())
    end
  end
end

boucle.version = raw.loop_version()
boucle.exception = raw.exception
boucle.exception_group = raw.exception_group
boucle.exception_of = raw.exception_of
boucle.raise = raw.raise
boucle.matches = raw.matches
boucle.type = raw.type
boucle.live_objects = raw.live_objects
boucle.get_running_loop = raw.get_running_loop
boucle.get_event_loop = raw.get_event_loop
boucle.set_event_loop = raw.set_event_loop
boucle.current_task = raw.current_task
boucle.await = waits.await
boucle.sleep = waits.sleep

-- Returns the running loop; raises an error if none runs.
function raw.running()
  local loop = raw.get_running_loop()
  if loop then return loop end
  return boucle.raise("RuntimeError", "no running event loop")
end

-- Adds fn to the module: a function on the running loop, which passes its arguments on with that loop in front.
-- Messages about bad arguments count as the user wrote them. They are found by the call stack, so functions of the
-- module make no tail calls.
function raw.define_on_running_loop(name, fn)
  boucle[name] = fn
  raw.mark_inserts_loop(fn)
end
