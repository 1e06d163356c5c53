-- Errors of Lua, exceptions of the core, bad arguments.
local test = require "harness"
local boucle = require "boucle"

test("error_of_a_task_comes_back_rawequal", function()
  local problem = setmetatable({}, {__tostring = function() return "boom" end})
  local ok, got = pcall(test.run, function() error(problem) end)
  test.equal(ok, false)
  test.same(got, problem)
  for _, value in ipairs {"text", 42, true, print, {}} do
    ok, got = pcall(test.run, error, value, 0)
    test.same(got, value)
  end
end)

test("error_nil_comes_back_as_nil", function()
  local ok, got = pcall(test.run, function() error(nil) end)
  test.equal(ok, false)
  test.equal(got, nil)
end)

test("error_passes_through_many_tasks_rawequal", function()
  local problem = {}
  local function deeper(level)
    if level == 0 then error(problem) end
    return boucle.await(boucle.create_task(deeper, level - 1))
  end
  local ok, got = pcall(test.run, deeper, 10)
  test.equal(ok, false)
  test.same(got, problem)
end)

test("error_keeps_its_traceback_as_a_note", function()
  test.run(function()
    local function culprit() error("wrong") end
    local task = boucle.create_task(function() culprit() end)
    test.raises("wrong", boucle.await, task)
    local details = task:details()
    test.equal(details.kind, "LuaError")
    assert(details.message:find("wrong", 1, true))
    assert(details.notes[1]:find("culprit", 1, true) or details.notes[1]:find("errors.lua", 1, true), details.notes[1])
    test.equal(task:exception(), details.message)
  end)
end)

test("error_passed_on_keeps_its_first_traceback", function()
  test.run(function()
    local inner = boucle.create_task(function() local function deep() error("first") end deep() end)
    local outer = boucle.create_task(function() boucle.await(inner) end)
    test.raises("first", boucle.await, outer)
    test.same(outer:details(), inner:details())
  end)
end)

test("error_whose_tostring_fails_is_still_reported", function()
  local problem = setmetatable({}, {__tostring = function() error("worse") end})
  local ok, got = pcall(test.run, function() error(problem) end)
  test.equal(ok, false)
  test.same(got, problem)
end)

test("error_in_pcall_around_await_is_caught_there", function()
  test.run(function()
    local future = boucle.get_running_loop():create_future()
    boucle.get_running_loop():call_soon(future.set_exception, future, {code = 7})
    local ok, problem = pcall(boucle.await, future)
    test.equal(ok, false)
    test.equal(problem.code, 7)
    local traced = select(2, xpcall(function() return boucle.await(future) end, function(e) return {e} end))
    test.same(traced[1], problem)
  end)
end)

test("exception_has_kind_message_cause_notes_members", function()
  local cause = boucle.exception("KeyError", "k")
  local exception = boucle.exception("ValueError", "wrong", cause)
  test.equal(exception.kind, "ValueError")
  test.equal(exception.message, "wrong")
  test.equal(exception.cause.kind, "KeyError")
  test.equal(#exception.notes, 0)
  test.equal(exception.members, nil)
  test.equal(exception.unknown, nil)
  test.equal(tostring(exception), "ValueError: wrong")
  test.equal(tostring(boucle.exception("QueueEmpty")), "QueueEmpty")
  local group = boucle.exception_group("both", {exception, "text"})
  test.equal(group.kind, "ExceptionGroup")
  test.equal(#group.members, 2)
  test.equal(group.members[2], "text")
  test.equal(tostring(group), "ExceptionGroup: both (2 sub-exceptions)")
end)

test("exception_matches_its_bases", function()
  assert(boucle.exception("TimeoutError"):matches("OSError"))
  assert(boucle.exception("ConnectionResetError"):matches("ConnectionError"))
  assert(boucle.exception("CancelledError"):matches("BaseException"))
  assert(not boucle.exception("CancelledError"):matches("Exception"))
  assert(boucle.matches("any Lua error", "Exception"))
  assert(not boucle.matches("any Lua error", "CancelledError"))
end)

test("status_becomes_an_exception_with_its_name", function()
  local loop = test.loop()
  loop:close()
  local problem = test.raises("RuntimeError", loop.call_soon, loop, print)
  test.equal(problem.message, "Event loop is closed")
  test.equal(problem.status, "LOOP_ECLOSED")
  test.equal(test.raises("RuntimeError", test.loop().run_forever, test.loop()).status, "LOOP_EDEADLOCK")
end)

test("bad_argument_has_luas_message", function()
  local loop = test.loop()
  test.raises("bad argument #1 to 'sleep' (number expected, got string)", boucle.sleep, "x")
  test.raises("bad argument #1 to 'sleep' (number expected, got no value)", boucle.run, function()
    if rawget(_G, "jit") then error("bad argument #1 to 'sleep' (number expected, got no value)") end
    boucle.sleep()
  end)
  test.raises("bad argument #2 to 'call_later' (number expected, got string)", loop.call_later, loop, "x", print)
  test.raises("bad argument #1 to 'call_later' (number expected, got string)", function() loop:call_later("x", print) end)
  test.raises("bad argument #1 to 'call_soon' (function expected, got number)", function() loop:call_soon(3) end)
  test.raises("bad argument #1 to 'stop' (Loop expected, got nil)", loop.stop, nil)
  test.raises("bad argument #1 to 'stop' (Loop expected, got boucle.Future)", loop.stop, loop:create_future())
  test.raises("calling 'stop' on bad self (Loop expected, got table)", function()
    local object = {stop = loop.stop}
    object:stop()
  end)
  test.raises("bad argument #1 to 'await' (future or coroutine expected, got number)", test.run, boucle.await, 7)
  test.raises("string contains zeros", function() loop:create_future():cancel("a\0b") end)
  test.raises("not a number", loop.call_later, loop, 0 / 0, print)
end)

test("bad_argument_blames_the_callers_line", function()
  local loop = test.loop()
  local problem = test.raises("bad argument", function() loop:call_later("x", print) end)
  assert(problem:find("errors.lua:%d+: bad"), problem)
  problem = test.raises("no task is running", function() boucle.sleep(1) end)
  assert(problem:find("errors.lua:%d+:"), problem)
end)

-- Calls every function of the module and of its classes with every kind of value. Errors are fine; nothing may crash.
test("any_function_with_any_argument_does_not_crash", function()
  local loop = test.loop()
  local odd = {
    nil, false, 0, -1, 1.5, "x", "\0", {}, type, coroutine.create(type), io.stdout, loop, loop:create_future(),
    loop:lock(), boucle.exception("ValueError"), math.huge, -math.huge, 2 ^ 60,
  }
  if rawget(_G, "newproxy") then odd[1] = newproxy() end
  local skipped = {run = true, live_objects = true, close = true}
  local functions = {}
  for name, value in pairs(boucle) do
    if type(value) == "function" and not skipped[name] then functions[#functions + 1] = value end
  end
  for _, object in ipairs {loop, loop:create_future(), loop:lock(), loop:queue(), loop:event(), loop:condition()} do
    for name, value in pairs(debug.getmetatable(object).__index) do
      if not name:find("^run") and not skipped[name] and name ~= "shutdown" and name ~= "add_signal_handler"
        and name ~= "set_exception_handler" and name ~= "call_exception_handler" and name ~= "spawn"
        and name ~= "create_task" and name ~= "ensure_future" then
        functions[#functions + 1] = value
      end
    end
  end
  for _, fn in ipairs(functions) do
    pcall(fn)
    for i = 1, 18 do
      pcall(fn, odd[i])
      for j = 1, 18 do
        pcall(fn, odd[i], odd[j])
        pcall(fn, loop, odd[i], odd[j])
      end
    end
  end
  loop:set_exception_handler(function() end)
  loop:close()
end, true) -- objects may be left: futures that are each other's results, and the like

test.done()
