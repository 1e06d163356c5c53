-- A test is a function; each prints a line of the Test Anything Protocol, and must leave nothing alive.
--
--   local test = require "harness"
--   test("subject_situation_outcome", function() test.equal(1 + 1, 2) end)
--   test.done()
local boucle = require "boucle"

local harness = {count = 0, failed = 0}

-- With what a virtual clock needs.
function harness.loop()
  return boucle.new_loop {clock = "virtual"}
end

-- Runs fn in a task of a loop with a virtual clock.
function harness.run(fn, ...)
  return boucle.run({clock = "virtual"}, fn, ...)
end

function harness.equal(got, expected, what)
  if got == expected then return end
  error(("%s: expected %s, got %s"):format(what or "value", tostring(expected), tostring(got)), 2)
end

function harness.same(got, expected, what)
  if rawequal(got, expected) then return end
  error(("%s: not the same object: %s, %s"):format(what or "value", tostring(expected), tostring(got)), 2)
end

-- fn raises an error whose text has `text`, or which is an exception of that kind.
function harness.raises(text, fn, ...)
  local ok, problem = pcall(fn, ...)
  if ok then error("no error", 2) end
  if boucle.type(problem) == "Exception" and problem.kind == text then return problem end
  if not tostring(problem):find(text, 1, true) then
    error(("expected an error with %q, got %q"):format(text, tostring(problem)), 2)
  end
  return problem
end

local function settle()
  for _ = 1, 4 do collectgarbage() end
  return boucle.live_objects()
end

local function guarded(fn)
  return xpcall(fn, function(problem) return tostring(problem) .. "\n" .. debug.traceback() end)
end

local function report(name, problem)
  harness.count = harness.count + 1
  if problem then harness.failed = harness.failed + 1 end
  print(("%s %d - %s"):format(problem and "not ok" or "ok", harness.count, name))
  if problem then print("# " .. problem:gsub("\n", "\n# ")) end
end

local function run_test(name, fn, leaks)
  local objects, held = settle()
  -- On a stack of its own, on which nothing is left over.
  local ok, problem = coroutine.wrap(guarded)(fn)
  local objects_now, held_now = settle()
  if not ok then return report(name, problem) end
  if leaks or (objects_now == objects and held_now == held) then return report(name) end
  report(name, ("%d objects and %d held values are left"):format(objects_now - objects, held_now - held))
end

function harness.done()
  print("1.." .. harness.count)
  os.exit(harness.failed == 0, true)
end

return setmetatable(harness, {__call = function(_, ...) run_test(...) end})
