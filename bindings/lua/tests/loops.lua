-- Loops, callbacks, timers, descriptors, signals.
local test = require "harness"
local boucle = require "boucle"

test("call_soon_passes_arguments_in_order", function()
  local loop, order = test.loop(), {}
  loop:call_soon(function(...) order[#order + 1] = select("#", ...) end)
  loop:call_soon(function(...) order[#order + 1] = select("#", ...) end, nil, nil, nil)
  loop:call_soon(table.insert, order, "end")
  loop:run_once(0)
  test.equal(table.concat(order, " "), "0 3 end")
end)

test("call_later_and_call_at_keep_time", function()
  local loop, order = test.loop(), {}
  local handle = loop:call_later(2, function() order[#order + 1] = loop:time() loop:stop() end)
  loop:call_at(1, function() order[#order + 1] = loop:time() end)
  test.equal(handle:when(), 2)
  loop:run_forever()
  test.equal(order[1], 1)
  test.equal(order[2], 2)
end)

test("handle_cancelled_is_not_called", function()
  local loop, called = test.loop(), false
  local handle = loop:call_soon(function() called = true end)
  test.equal(handle:cancelled(), false)
  handle:cancel()
  test.equal(handle:cancelled(), true)
  loop:run_once(0)
  test.equal(called, false)
end)

test("handle_again_moves_the_call", function()
  local loop, order = test.loop(), {}
  local first = loop:call_later(1, function() order[#order + 1] = "first" end)
  local soon = loop:call_soon(function() order[#order + 1] = "soon" end)
  loop:call_later(3, function() order[#order + 1] = "second" end)
  first:again(3) -- as if it was scheduled anew
  soon:again(4)
  test.equal(first:when(), 3)
  loop:call_later(5, loop.stop, loop)
  loop:run_forever()
  test.equal(table.concat(order, " "), "second first soon")
end)

test("handle_again_of_what_is_over_is_refused", function()
  local loop, calls, inside = test.loop(), 0, nil
  local called
  called = loop:call_later(1, function()
    calls = calls + 1
    inside = test.raises("InvalidStateError", called.again, called, 1)
  end)
  local cancelled = loop:call_later(1, function() calls = calls + 10 end)
  cancelled:cancel()
  test.equal(test.raises("InvalidStateError", cancelled.again, cancelled, 1).status, "LOOP_EINVALIDSTATE")
  loop:call_later(2, loop.stop, loop)
  loop:run_forever()
  test.equal(inside.status, "LOOP_EINVALIDSTATE")
  test.raises("InvalidStateError", called.again, called, 1)
  loop:run_once(0)
  test.equal(calls, 1)
  loop:close()
  test.equal(test.raises("RuntimeError", called.again, called, 1).status, "LOOP_ECLOSED")
end)

test("handle_again_with_a_bad_delay_changes_nothing", function()
  local loop = test.loop()
  local handle = loop:call_later(1, loop.stop, loop)
  test.raises("bad argument #1 to 'again' (not a number (NaN))", function() handle:again(0 / 0) end)
  test.raises("bad argument #1 to 'again' (number expected, got string)", function() handle:again("x") end)
  test.raises("bad argument #1 to 'again' (number expected, got no value)", function() handle:again() end)
  test.raises("bad argument #1 to 'again' (Handle expected, got boucle.Loop)", handle.again, loop, 1)
  test.equal(handle:when(), 1)
  loop:run_forever()
  test.equal(loop:time(), 1)
end)

test("callback_that_fails_is_reported_with_its_function", function()
  local loop, report = test.loop(), nil
  loop:set_exception_handler(function(_, context) report = context end)
  local function wrong(x) error("wrong " .. x, 0) end
  loop:call_soon(wrong, "one")
  loop:run_once(0)
  test.equal(report.exception, "wrong one")
  test.same(report.callback, wrong)
  loop:set_exception_handler(nil)
end)

test("exception_handler_that_fails_does_no_harm", function()
  local loop = test.loop()
  loop:set_exception_handler(function() error("the handler itself") end)
  loop:call_soon(error, "wrong", 0)
  io.stderr:setvbuf("full")
  loop:run_once(0)
  loop:set_exception_handler(nil)
end)

test("call_exception_handler_tells_the_handler", function()
  local loop, report = test.loop(), nil
  loop:set_exception_handler(function(_, context) report = context end)
  loop:call_exception_handler {message = "look", exception = "here"}
  test.equal(report.message, "look")
  test.equal(report.exception, "here")
  loop:set_exception_handler(nil)
end)

test("done_callbacks_run_once_with_the_future", function()
  local loop, seen = test.loop(), {}
  local future = loop:create_future()
  local function callback(f) seen[#seen + 1] = f end
  future:add_done_callback(callback)
  future:add_done_callback(callback)
  future:add_done_callback(print)
  test.equal(future:remove_done_callback(print), 1)
  test.equal(future:remove_done_callback(print), 0)
  future:set_result(1)
  loop:run_once(0)
  test.equal(#seen, 2)
  test.same(seen[1], future)
  seen[1], seen[2] = nil, nil
end)

test("run_until_complete_takes_functions_tasks_futures", function()
  local loop = test.loop()
  test.equal(loop:run_until_complete(function(x) return x end, 1), 1)
  test.equal(loop:run_until_complete(loop:create_task(function() return 2 end)), 2)
  local future = loop:create_future()
  loop:call_later(1, future.set_result, future, 3)
  test.equal(loop:run_until_complete(future), 3)
  test.raises("bad argument #1 to 'run_until_complete'", function() loop:run_until_complete(4) end)
end)

test("loop_running_refuses_another_run", function()
  test.run(function()
    local loop = boucle.get_running_loop()
    test.equal(loop:is_running(), true)
    test.raises("RuntimeError", loop.run_forever, loop)
    test.raises("RuntimeError", loop.run_until_complete, loop, function() end)
    test.raises("RuntimeError", loop.close, loop)
    test.raises("RuntimeError", boucle.run, function() end)
    test.raises("RuntimeError", test.loop().run_forever, test.loop())
  end)
end)

test("stop_before_completion_is_an_error", function()
  local loop = test.loop()
  loop:set_exception_handler(function() end)
  loop:call_soon(loop.stop, loop)
  local problem = test.raises("RuntimeError", loop.run_until_complete, loop, loop:create_future())
  test.equal(problem.message, "Event loop stopped before Future completed.")
end)

test("system_exit_leaves_the_loop", function()
  local loop = test.loop()
  loop:call_soon(boucle.raise, "SystemExit", "3")
  local problem = test.raises("SystemExit", loop.run_forever, loop)
  test.equal(problem.message, "3")
end)

test("run_cancels_what_is_left_over", function()
  local cancelled
  test.run(function()
    boucle.create_task(function()
      local _, problem = pcall(boucle.sleep, 100)
      cancelled = problem.kind
      error(problem, 0)
    end)
    boucle.sleep(1)
  end)
  test.equal(cancelled, "CancelledError")
end)

test("options_are_checked", function()
  test.raises("unknown option", boucle.new_loop, {clokc = "virtual"})
  test.raises("bad option clock", boucle.new_loop, {clock = "wrong"})
  test.raises("table expected", boucle.new_loop, 1)
  test.raises("ValueError", boucle.new_loop, {spin = -1})
  test.raises("number", boucle.new_loop, {spin = "long"})
  test.raises("ValueError", boucle.new_loop, {timer_slack = -1})
  test.raises("number", boucle.new_loop, {timer_slack = "long"})
  test.raises("ValueError", boucle.new_loop, {post_limit = 0})
  test.raises("size", boucle.new_loop, {post_limit = 1.5})
  boucle.new_loop {timer_slack = 0, post_limit = 1024}:close()
  local loop = boucle.new_loop {clock = "monotonic", poller = "epoll", debug = true, stack_size = 65536, spin = 0.0001}
  test.equal(loop:get_debug(), true)
  loop:set_debug(false)
  loop:set_slow_callback_duration(1)
  test.equal(loop:get_debug(), false)
  assert(loop:fd() >= 0)
  test.equal(loop:timeout() < 0, true)
  loop:close()
  loop:close()
  test.equal(loop:is_closed(), true)
end)

test("real_clock_sleeps_for_the_time_asked", function()
  for _, spin in ipairs {0, 0.005, math.huge} do
    local loop = boucle.new_loop {spin = spin}
    local before = loop:time()
    loop:run_until_complete(function() boucle.sleep(0.02) end)
    local elapsed = loop:time() - before
    assert(elapsed >= 0.02 and elapsed < 2, elapsed)
    loop:close()
  end
end)

-- The pipes that this process has open: descriptor -> which pipe. The last one is that of the `ls` itself.
local function pipes()
  local found, links = {}, io.popen("ls -l /proc/$PPID/fd")
  for line in links:lines() do
    local fd, pipe = line:match("(%d+) %-> (pipe:.*)$")
    if fd then found[tonumber(fd)] = pipe end
  end
  links:close()
  return found
end

-- A pipe from a command, or to one, and its descriptor, which Lua does not tell.
local function open_pipe(command, mode)
  local before = {}
  for _, which in pairs(pipes()) do before[which] = true end
  local pipe = io.popen(command, mode)
  local first, second = pipes(), pipes() -- in which only the pipe is the same
  for fd, which in pairs(second) do
    if first[fd] == which and not before[which] then return pipe, fd end
  end
  error("the pipe is not to be seen in /proc")
end

test("event_loop_is_the_running_one_or_the_one_that_was_set", function()
  local outer, inner = test.loop(), test.loop()
  test.equal(boucle.get_event_loop(), nil)
  boucle.set_event_loop(outer)
  test.same(boucle.get_event_loop(), outer)
  test.equal(boucle.get_running_loop(), nil)
  inner:run_until_complete(function() test.same(boucle.get_event_loop(), inner) end)
  test.same(boucle.get_event_loop(), outer)
  test.raises("bad argument #1 to 'set_event_loop' (Loop expected, got string)", boucle.set_event_loop, "outer")
  outer:close()
  test.same(boucle.get_event_loop(), outer)
  boucle.set_event_loop(nil)
  test.equal(boucle.get_event_loop(), nil)
  inner:close()
end)

test("event_loop_is_kept_by_its_thread_alone", function()
  boucle.set_event_loop(test.loop())
  collectgarbage()
  boucle.get_event_loop():run_until_complete(function() boucle.sleep(1) end)
  local told
  boucle.get_event_loop():set_exception_handler(function() told = true end)
  boucle.get_event_loop():spawn(function() boucle.sleep(1) end)
  boucle.get_event_loop():run_once(0)
  collectgarbage()
  boucle.set_event_loop() -- the loop goes here, and reports
  test.equal(told, true)
end)

test("readable_suspends_the_task_until_there_is_something_to_read", function()
  local pipe, fd = open_pipe("sleep 0.05; echo hello", "r")
  boucle.run(function()
    local loop, others = boucle.get_running_loop(), 0
    local ticker = boucle.create_task(function() while true do boucle.sleep(0.005) others = others + 1 end end)
    boucle.readable(fd)
    test.equal(pipe:read("l"), "hello")
    assert(others > 0)
    ticker:cancel()
    test.equal(loop:remove_reader(fd), false)
  end)
  pipe:close()
end)

test("writable_returns_while_there_is_room", function()
  local pipe, fd = open_pipe("cat >/dev/null", "w")
  boucle.run(function()
    boucle.writable(fd)
    boucle.writable(fd)
    test.equal(boucle.get_running_loop():remove_writer(fd), false)
  end)
  pipe:close()
end)

test("readable_cancelled_removes_its_watcher", function()
  local pipe, fd = open_pipe("sleep 0.2", "r")
  boucle.run(function()
    local loop = boucle.get_running_loop()
    local task = boucle.create_task(boucle.readable, fd)
    boucle.sleep(0)
    task:cancel()
    test.raises("CancelledError", boucle.await, task)
    test.equal(loop:remove_reader(fd), false)
    test.raises("TimeoutError", boucle.wait_for, boucle.readable, 0.001, fd)
    loop:add_reader(fd, print)
    test.equal(loop:remove_reader(fd), true)
  end)
  pipe:close()
end)

-- The watcher of a task that cannot go on: its descriptor would be found ready in every turn.
test("readable_of_a_closed_coroutine_stops_watching", function()
  if not coroutine.close then return end
  local pipe, fd = open_pipe("echo line", "r")
  boucle.run(function()
    local co, loop = nil, boucle.get_running_loop()
    local task = boucle.create_task(function()
      co = coroutine.running()
      boucle.readable(fd)
    end)
    boucle.sleep(0)
    coroutine.close(co)
    test.raises("was closed while the task waited", boucle.await, task)
    test.equal(loop:remove_reader(fd), false)
    boucle.readable(fd)
  end)
  pipe:close()
end)

test("readable_of_a_descriptor_that_has_a_watcher_is_an_error", function()
  local pipe, fd = open_pipe("sleep 0.2", "r")
  boucle.run(function()
    local loop = boucle.get_running_loop()
    local task = boucle.create_task(boucle.readable, fd)
    boucle.sleep(0)
    test.raises("a task waits for descriptor " .. fd .. " already", boucle.readable, fd)
    test.raises("a task waits for descriptor " .. fd .. " already", loop.add_reader, loop, fd, print)
    test.raises("a task waits for descriptor " .. fd .. " already", loop.remove_reader, loop, fd)
    task:cancel()
    test.raises("CancelledError", boucle.await, task)
    loop:add_reader(fd, print)
    test.raises("has a callback already", boucle.readable, fd)
    loop:remove_reader(fd)
  end)
  pipe:close()
end)

test("readable_of_what_cannot_be_watched_is_an_os_error", function()
  boucle.run(function()
    local problem = test.raises("OSError", boucle.readable, 9999)
    assert(problem.message:find("^readable: "), problem.message)
    test.raises("OSError", boucle.writable, -1)
    test.raises("OSError", boucle.readable, 9999)
  end)
end)

test("spawn_runs_a_task_and_reports_its_error", function()
  local loop, report, ran = test.loop(), nil, {}
  loop:set_exception_handler(function(_, context) report = context.exception end)
  loop:run_until_complete(function()
    test.equal(select("#", boucle.spawn(function(x) ran[1] = x boucle.sleep(1) error("lost", 0) end, "yes")), 0)
    boucle.sleep(2)
  end)
  test.equal(ran[1], "yes")
  test.equal(report, "lost")
  test.raises("no running event loop", boucle.spawn, print)
  loop:set_exception_handler(nil)
end)

test("signals_have_names", function()
  local loop = boucle.new_loop()
  loop:add_signal_handler("SIGUSR1", loop.stop, loop)
  os.execute("kill -USR1 $PPID")
  loop:run_forever()
  test.equal(loop:remove_signal_handler("SIGUSR1"), true)
  test.equal(loop:remove_signal_handler(10), false)
  test.raises("unknown signal 'SIGNONE'", loop.add_signal_handler, loop, "SIGNONE", print)
  test.raises("OSError", loop.add_signal_handler, loop, "SIGKILL", print)
  loop:close()
end)

test("reader_is_called_while_there_is_something_to_read", function()
  -- Lua does not tell the descriptor of a file: it is the lowest of those that were not there before.
  local before, fd = {}, math.huge
  for _, which in pairs(pipes()) do before[which] = true end
  local pipe = io.popen("sleep 0.05; echo hello")
  for number, which in pairs(pipes()) do
    if not before[which] then fd = math.min(fd, number) end
  end
  local loop = boucle.new_loop()
  assert(fd < math.huge, "the pipe is not to be seen in /proc")
  loop:add_reader(fd, function() loop:remove_reader(fd) loop:stop() end)
  loop:run_forever()
  test.equal(loop:remove_reader(fd), false)
  pipe:close()
  test.raises("OSError", loop.add_reader, loop, 9999, print)
  loop:close()
end)

test("signal_handler_is_called_in_the_loop", function()
  local loop, SIGUSR1 = boucle.new_loop(), 10
  loop:add_signal_handler(SIGUSR1, function(who) test.equal(who, "me") loop:stop() end, "me")
  os.execute("kill -USR1 $PPID")
  loop:run_forever()
  test.equal(loop:remove_signal_handler(SIGUSR1), true)
  test.equal(loop:remove_signal_handler(SIGUSR1), false)
  loop:close()
end)

test.done()
