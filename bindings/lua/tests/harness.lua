-- The tests' harness. A test is a function. Each prints a line of the Test Anything Protocol; it fails if it leaves
-- objects.
--
--   local test = require "harness"
--   test("subject_situation_outcome", function() test.equal(1 + 1, 2) end)
--   test.done()
local boucle = require "boucle"

local harness = {count = 0, failed = 0}

-- Returns a new loop with a virtual clock.
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

-- Fails unless fn raises an error whose text contains `text`, or an exception of that kind. Returns the error.
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
  -- In a new coroutine, whose stack has no values of earlier calls.
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
