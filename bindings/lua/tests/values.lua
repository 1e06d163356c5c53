-- Lua values that go through the core and come back.
local test = require "harness"
local boucle = require "boucle"

local function round_trip(value)
  local future = test.loop():create_future()
  future:set_result(value)
  return future:result()
end

test("value_nil_boolean_string_comes_back", function()
  test.equal(round_trip(nil), nil)
  test.equal(round_trip(true), true)
  test.equal(round_trip(false), false)
  test.equal(round_trip("text"), "text")
  test.equal(round_trip(""), "")
end)

test("value_string_with_nuls_comes_back", function()
  test.equal(round_trip("a\0b\0"), "a\0b\0")
  test.equal(#round_trip(("\0"):rep(1000)), 1000)
end)

test("value_string_of_any_bytes_comes_back", function()
  local bytes = {}
  for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
  local all = table.concat(bytes)
  test.equal(round_trip(all), all)
  for i = 0, 255 do test.equal(round_trip(string.char(i)), string.char(i)) end
  test.equal(round_trip("h\195\169"), "h\195\169")
end)

test("value_number_comes_back_with_its_type", function()
  for _, number in ipairs {0, 1, -1, 2 ^ 53, -2 ^ 53, 1.5, -1e300, 1e-300, math.huge, -math.huge} do
    test.equal(round_trip(number), number)
    if math.type then test.equal(math.type(round_trip(number)), math.type(number)) end
  end
  local nan = round_trip(0 / 0)
  test.equal(nan == nan, false)
  test.equal(1 / round_trip(-0.0), -math.huge)
end)

test("value_integer_of_64_bits_comes_back", function()
  if not math.maxinteger then return end
  for _, integer in ipairs {math.maxinteger, math.mininteger, math.maxinteger - 1} do
    test.equal(round_trip(integer), integer)
    test.equal(math.type(round_trip(integer)), "integer")
  end
  test.equal(math.type(round_trip(3.0)), "float")
end)

test("value_table_function_thread_userdata_comes_back_the_same", function()
  local thread = coroutine.create(print)
  for _, value in ipairs {{}, print, function() end, thread, io.stdout, setmetatable({}, {__eq = error})} do
    test.same(round_trip(value), value)
  end
end)

test("value_handle_comes_back_the_same", function()
  local loop = test.loop()
  local lock, future = loop:lock(), loop:create_future()
  test.same(round_trip(lock), lock)
  test.same(round_trip(future), future)
  test.same(round_trip(loop), loop)
end)

test("value_exception_comes_back_the_same", function()
  local exception = boucle.exception("ValueError", "wrong")
  test.same(round_trip(exception), exception)
end)

test("value_cdata_comes_back_the_same", function()
  if not rawget(_G, "jit") then return end
  local number = require("ffi").new("int64_t", 2) ^ 62
  test.equal(round_trip(number), number)
end)

test("value_list_of_gather_keeps_nils_and_their_number", function()
  test.run(function()
    local results = boucle.await(boucle.gather(function() return nil end, function() return 2 end, function() end))
    test.equal(results.n, 3)
    test.equal(results[1], nil)
    test.equal(results[2], 2)
  end)
end)

test("handle_of_one_object_is_one_userdata", function()
  local loop = test.loop()
  local current
  local task = loop:create_task(function() current = boucle.current_task() end)
  test.same(loop:all_tasks()[1], task)
  loop:run_until_complete(task)
  test.same(current, task)
  test.same(task:get_loop(), loop)
  test.equal(#loop:all_tasks(), 0)
  test.equal(({[task] = "found"})[task], "found")
end)

test("type_names_the_class", function()
  local loop = test.loop()
  test.equal(boucle.type(loop), "Loop")
  test.equal(boucle.type(loop:create_future()), "Future")
  test.equal(boucle.type(loop:create_task(function() end)), "Task")
  test.equal(boucle.type(boucle.exception("ValueError")), "Exception")
  test.equal(boucle.type(io.stdout), nil)
  test.equal(boucle.type({}), nil)
  test.equal(boucle.type(nil), nil)
  loop:close()
end)

-- Makes the collector call fn() while the next userdata is created: as a finalizer, in a full collection in one step.
local function call_at_next_userdata(fn)
  collectgarbage()
  collectgarbage("stop")
  if rawget(_G, "newproxy") then
    collectgarbage("setstepmul", 0)
    getmetatable(newproxy(true)).__gc = fn
  else
    collectgarbage("incremental", 200, 400, 30)
    setmetatable({}, {__gc = fn})
  end
  collectgarbage("restart")
end

test("handle_made_by_a_finalizer_meanwhile_is_the_same", function()
  local seen, mine
  test.run(function()
    boucle.spawn(function()
      call_at_next_userdata(function() seen = boucle.current_task() end)
      mine = boucle.current_task()
    end)
    boucle.sleep(1)
  end)
  assert(seen, "no finalizer ran meanwhile")
  test.same(mine, seen)
  seen, mine = nil, nil
  if rawget(_G, "newproxy") then collectgarbage("setstepmul", 200) else collectgarbage("incremental", 200, 100, 13) end
end)

test.done()
