-- Sockets of the program: receiving, sending, accepting.
local test = require "harness"
local boucle = require "boucle"
local calls = require "socket_calls"

-- Calls fn(a, b) in a task, with two connected sockets.
local function with_pair(fn)
  local a, b = calls.pair()
  boucle.run(fn, a, b)
  calls.close(a)
  calls.close(b)
end

-- Calls fn(listener, connect) in a task. connect() returns a new connection to the listener.
local function with_listener(fn)
  local listener, opened = calls.listen(), {}
  boucle.run(fn, listener, function()
    opened[#opened + 1] = calls.connect(listener)
    return opened[#opened]
  end)
  for _, fd in ipairs(opened) do calls.close(fd) end
  calls.close(listener)
end

-- ---- receiving ----

test("sock_recv_returns_what_is_there_and_at_most_max", function()
  with_pair(function(a, b)
    calls.put(b, "a\0\255bc")
    test.equal(boucle.sock_recv(a, 3), "a\0\255")
    test.equal(boucle.sock_recv(a, 100), "bc")
    calls.shut(b)
    test.equal(boucle.sock_recv(a, 100), "")
    test.equal(boucle.sock_recv(a, 100), "")
  end)
end)

test("sock_recv_suspends_the_task_until_something_comes", function()
  with_pair(function(a, b)
    local turns = 0
    boucle.spawn(function()
      for _ = 1, 3 do
        boucle.sleep(0)
        turns = turns + 1
      end
      calls.put(b, "later")
    end)
    test.equal(boucle.sock_recv(a, 100), "later")
    test.equal(turns, 3)
  end)
end)

test("sock_recv_of_several_tasks_gives_each_its_turn_in_order", function()
  with_pair(function(a, b)
    local tasks = {}
    for index = 1, 3 do tasks[index] = boucle.create_task(boucle.sock_recv, a, 1) end
    boucle.sleep(0)
    calls.put(b, "abcd")
    test.equal(boucle.sock_recv(a, 1), "d")
    test.equal(table.concat(boucle.await(boucle.gather((table.unpack or unpack)(tasks)))), "abc")
  end)
end)

test("sock_recv_cancelled_loses_nothing", function()
  with_pair(function(a, b)
    local task = boucle.create_task(boucle.sock_recv, a, 10)
    boucle.sleep(0)
    task:cancel()
    test.raises("CancelledError", boucle.await, task)
    test.raises("TimeoutError", boucle.wait_for, boucle.sock_recv, 0.001, a, 10)
    calls.put(b, "kept")
    test.equal(boucle.sock_recv(a, 10), "kept")
  end)
end)

test("sock_recv_works_beside_a_callback", function()
  with_pair(function(a, b)
    local loop, count = boucle.get_running_loop(), 0
    loop:add_reader(a, function() count = count + 1 end)
    loop:call_soon(calls.put, b, "x")
    test.equal(boucle.sock_recv(a, 10), "x")
    test.equal(loop:remove_reader(a), true)
    loop:call_soon(calls.put, b, "y")
    test.equal(boucle.sock_recv(a, 10), "y")
    assert(count >= 1)
  end)
end)

test("sock_recv_pending_when_the_loop_closes_is_collected", function()
  local a, b = calls.pair()
  local loop = boucle.new_loop()
  loop:set_exception_handler(function() end)
  loop:create_task(boucle.sock_recv, a, 10)
  loop:run_once(0)
  loop:run_once(0)
  loop:close()
  calls.close(a)
  calls.close(b)
end)

-- ---- sending ----

test("sock_sendall_sends_all_and_copies", function()
  with_pair(function(a, b)
    local text, parts = ("0123456789abcde\0"):rep(65536), {}
    local task = boucle.create_task(boucle.sock_sendall, a, text)
    repeat
      parts[#parts + 1] = boucle.sock_recv(b, 1000000)
    until #table.concat(parts) == #text
    test.equal(boucle.await(task), nil)
    assert(#parts > 1 and table.concat(parts) == text)
    test.equal(select("#", boucle.sock_sendall(a, "")), 1)
    boucle.sock_sendall(a, 12)
    test.equal(calls.take(b), "12")
  end)
end)

test("sock_sendall_to_nobody_is_an_os_error", function()
  local a, b = calls.pair()
  calls.close(b)
  local problem = test.raises("BrokenPipeError", boucle.run, boucle.sock_sendall, a, "x")
  test.equal(problem.status, "EPIPE")
  calls.close(a)
end)

-- ---- accepting ----

test("sock_accept_returns_a_descriptor_of_the_caller", function()
  with_listener(function(listener, connect)
    local task = boucle.create_task(boucle.sock_accept, listener)
    boucle.sleep(0)
    local client = connect()
    local later = boucle.await(task)
    local other = connect()
    local now = boucle.sock_accept(listener)
    for _ = 1, 4 do collectgarbage() end
    calls.put(client, "first")
    boucle.sock_sendall(now, "second")
    test.equal(boucle.sock_recv(later, 10), "first")
    test.equal(calls.take(other), "second")
    assert(calls.close(later) and calls.close(now))
  end)
end)

test("sock_accept_cancelled_leaves_the_connection", function()
  with_listener(function(listener, connect)
    local task = boucle.create_task(boucle.sock_accept, listener)
    boucle.sleep(0)
    connect()
    task:cancel()
    test.raises("CancelledError", boucle.await, task)
    assert(calls.close(boucle.sock_accept(listener)))
  end)
end)

-- The callback is called in the turn in which the connection is accepted: so the task is cancelled after that.
test("sock_accept_that_is_cancelled_too_late_closes_the_connection", function()
  with_listener(function(listener, connect)
    local loop = boucle.get_running_loop()
    local task = boucle.create_task(boucle.sock_accept, listener)
    loop:add_reader(listener, function()
      loop:remove_reader(listener)
      loop:call_soon(task.cancel, task)
    end)
    boucle.sleep(0)
    local client = connect()
    test.raises("CancelledError", boucle.await, task)
    for _ = 1, 4 do collectgarbage() end
    test.equal(calls.take(client), "")
  end)
end)

-- ---- errors ----

test("socket_that_is_none_is_an_os_error", function()
  local read, write = calls.pipe()
  boucle.run(function()
    test.equal(test.raises("OSError", boucle.sock_recv, read, 1).status, "ENOTSOCK")
    test.equal(test.raises("OSError", boucle.sock_sendall, write, "x").status, "ENOTSOCK")
    test.equal(test.raises("OSError", boucle.sock_accept, read).status, "ENOTSOCK")
    test.equal(test.raises("OSError", boucle.sock_recv, -1, 1).status, "EBADF")
    test.equal(test.raises("OSError", boucle.sock_accept, 9999).status, "EBADF")
  end)
  assert(calls.close(read) and calls.close(write))
end)

test("sock_accept_of_a_socket_that_does_not_listen_is_an_os_error", function()
  with_pair(function(a) test.raises("OSError", boucle.sock_accept, a) end)
end)

test.done()
