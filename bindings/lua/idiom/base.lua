-- The parts of the module in Lua: each is called with the raw functions, in C, and the table that becomes the module.
local raw, boucle = ...
local waits = raw.waits

-- Lua 5.4's C functions can go on after a yield. LuaJIT's cannot: there, the outcome of a wait is fetched by a second
-- call, which raises it if it is an error. Whoever resumes the coroutine by hand gets that call's other results instead.
local outcome, ALREADY_DONE, RESUMED_BY_USER, yield = raw.outcome, raw.ALREADY_DONE, raw.RESUMED_BY_USER, coroutine.yield
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

-- The loop that runs here; an error if none does.
function raw.running()
  local loop = raw.get_running_loop()
  if loop then return loop end
  return boucle.raise("RuntimeError", "no running event loop")
end

-- Puts fn into the module as a function on the running loop; that of the loop has the loop in front of its arguments.
-- A message counts the arguments of its user: functions of the module make no tail calls, so that it can tell.
function raw.define_on_running_loop(name, fn)
  boucle[name] = fn
  raw.mark_inserts_loop(fn)
end
