-- The messages about wrong arguments: they have the function's name, the number of the argument as the user counts it,
-- and the user's line.
local test = require "harness"
local boucle = require "boucle"

local loop, other = test.loop(), test.loop()
local future, lock, queue = loop:create_future(), loop:lock(), loop:queue()
local condition, event, semaphore, barrier = loop:condition(), loop:event(), loop:semaphore(1), loop:barrier(2)
local var, exception = boucle.context_var("var"), boucle.exception("ValueError")
local task = loop:create_task(function() end)
loop:run_until_complete(task)
local handle = loop:call_later(1000, print)

-- Runs each case: code -> its message, without "messages:1: ". in_task: it runs in a task.
local environment = setmetatable({
  boucle = boucle, loop = loop, other = other, future = future, lock = lock, queue = queue, condition = condition,
  event = event, semaphore = semaphore, barrier = barrier, var = var, exception = exception, task = task,
  handle = handle, f = print, callable = setmetatable({}, {__call = print}), foreign = other:create_future(),
  list = {loop:create_future(), 5}, completions = loop:as_completed({future}),
}, {__index = _G})

local function compile(code)
  local chunk
  if setfenv then
    chunk = assert(loadstring(code, "=messages"))
    setfenv(chunk, environment)
  else
    chunk = assert(load(code, "=messages", "t", environment))
  end
  return chunk
end

local function check(code, expected)
  local ok, message = pcall(compile(code .. " return nil"))
  assert(not ok, code .. ": no error")
  test.equal(tostring(message), "messages:1: " .. expected, code)
end

local function case(group, cases, in_task)
  test(group, function()
    for code, expected in pairs(cases) do
      if in_task then test.run(check, code, expected) else check(code, expected) end
    end
  end)
end

case("methods_of_a_loop", {
  ["loop:call_soon(5)"] = "bad argument #1 to 'call_soon' (function expected, got number)",
  ["loop.call_soon(loop, 5)"] = "bad argument #2 to 'call_soon' (function expected, got number)",
  ["loop.call_soon(5, f)"] = "bad argument #1 to 'call_soon' (Loop expected, got number)",
  ["loop:call_later('x', f)"] = "bad argument #1 to 'call_later' (number expected, got string)",
  ["loop:call_later(1, {})"] = "bad argument #2 to 'call_later' (function expected, got table)",
  ["loop:call_at(0/0, f)"] = "bad argument #1 to 'call_at' (not a number (NaN))",
  ["loop:create_task(5)"] = "bad argument #1 to 'create_task' (function expected, got number)",
  ["loop:create_task(future)"] = "bad argument #1 to 'create_task' (function expected, got boucle.Future)",
  ["loop:ensure_future(lock)"] = "bad argument #1 to 'ensure_future' (function expected, got boucle.Lock)",
  ["loop:spawn({})"] = "bad argument #1 to 'spawn' (function expected, got table)",
  ["loop:run_until_complete()"] = "bad argument #1 to 'run_until_complete' (function expected, got no value)",
  ["loop:run_once('x')"] = "bad argument #1 to 'run_once' (number expected, got string)",
  ["loop.run_forever(future)"] = "bad argument #1 to 'run_forever' (Loop expected, got boucle.Future)",
  ["loop:add_reader('x', f)"] = "bad argument #1 to 'add_reader' (number expected, got string)",
  ["loop:add_reader(2^40, f)"] = "bad argument #1 to 'add_reader' (out of range)",
  ["loop:add_reader(1.5, f)"] = "bad argument #1 to 'add_reader' (number has no integer representation)",
  ["loop:add_writer(1)"] = "bad argument #2 to 'add_writer' (function expected, got no value)",
  ["loop.add_writer(5, 1, f)"] = "bad argument #1 to 'add_writer' (Loop expected, got number)",
  ["loop:remove_reader({})"] = "bad argument #1 to 'remove_reader' (number expected, got table)",
  ["loop:remove_writer(2^40)"] = "bad argument #1 to 'remove_writer' (out of range)",
  ["loop:add_signal_handler('SIGFOO', f)"] = "bad argument #1 to 'add_signal_handler' (unknown signal 'SIGFOO')",
  ["loop:add_signal_handler({}, f)"] =
    "bad argument #1 to 'add_signal_handler' (number or name of a signal expected, got table)",
  ["loop:add_signal_handler('SIGINT', 5)"] = "bad argument #2 to 'add_signal_handler' (function expected, got number)",
  ["loop:remove_signal_handler('x')"] = "bad argument #1 to 'remove_signal_handler' (unknown signal 'x')",
  ["loop:set_exception_handler(5)"] = "bad argument #1 to 'set_exception_handler' (function expected, got number)",
  ["loop:call_exception_handler(5)"] = "bad argument #1 to 'call_exception_handler' (table expected, got number)",
  ["loop:call_exception_handler{}"] =
    "bad argument #1 to 'call_exception_handler' (message: string expected, got nil)",
  ["loop:call_exception_handler{message = 'm', future = lock}"] =
    "bad argument #1 to 'call_exception_handler' (future: Future expected, got boucle.Lock)",
  ["loop:set_slow_callback_duration(false)"] =
    "bad argument #1 to 'set_slow_callback_duration' (number expected, got boolean)",
  ["loop.stop()"] = "bad argument #1 to 'stop' (Loop expected, got no value)",
  ["loop.time({})"] = "bad argument #1 to 'time' (Loop expected, got table)",
})

case("makers_of_a_loop", {
  ["loop:queue('x')"] = "bad argument #1 to 'queue' (number expected, got string)",
  ["loop:queue(-1)"] = "bad argument #1 to 'queue' (must not be negative)",
  ["loop:lifo_queue({})"] = "bad argument #1 to 'lifo_queue' (number expected, got table)",
  ["loop:priority_queue(1, 5)"] = "bad argument #2 to 'priority_queue' (function expected, got number)",
  ["loop:semaphore('x')"] = "bad argument #1 to 'semaphore' (number expected, got string)",
  ["loop:bounded_semaphore({})"] = "bad argument #1 to 'bounded_semaphore' (number expected, got table)",
  ["loop:barrier()"] = "bad argument #1 to 'barrier' (number expected, got no value)",
  ["loop:condition(queue)"] = "bad argument #1 to 'condition' (Lock expected, got boucle.Queue)",
  ["loop.lock(5)"] = "bad argument #1 to 'lock' (Loop expected, got number)",
  ["loop.event()"] = "bad argument #1 to 'event' (Loop expected, got no value)",
  ["boucle.context_var()"] = "bad argument #1 to 'context_var' (string expected, got no value)",
})

case("functions_on_the_running_loop", {
  ["boucle.queue('x')"] = "bad argument #1 to 'queue' (number expected, got string)",
  ["boucle.barrier('x')"] = "bad argument #1 to 'barrier' (number expected, got string)",
  ["boucle.semaphore({})"] = "bad argument #1 to 'semaphore' (number expected, got table)",
  ["boucle.priority_queue(1, 5)"] = "bad argument #2 to 'priority_queue' (function expected, got number)",
  ["boucle.condition(queue)"] = "bad argument #1 to 'condition' (Lock expected, got boucle.Queue)",
  ["boucle.create_task(5)"] = "bad argument #1 to 'create_task' (function expected, got number)",
  ["boucle.spawn()"] = "bad argument #1 to 'spawn' (function expected, got no value)",
  ["boucle.ensure_future(5)"] = "bad argument #1 to 'ensure_future' (function expected, got number)",
  ["boucle.current_task(5)"] = "bad argument #1 to 'current_task' (Loop expected, got number)",
  ["boucle.gather(f, 5)"] = "bad argument #2 to 'gather' (future or function expected, got number)",
  ["boucle.gather(5)"] = "bad argument #1 to 'gather' (future or function expected, got number)",
  ["boucle.gather(nil)"] = "bad argument #1 to 'gather' (future or function expected, got nil)",
  ["boucle.gather(f, nil, f)"] = "bad argument #2 to 'gather' (future or function expected, got nil)",
  ["boucle.gather{f, 'x'}"] = "bad argument #1 to 'gather' (future or function expected at index 2, got string)",
  ["boucle.shield(5)"] = "bad argument #1 to 'shield' (future or function expected, got number)",
  ["boucle.wait(5)"] = "bad argument #1 to 'wait' (table expected, got number)",
  ["boucle.wait({f})"] = "bad argument #1 to 'wait' (future expected at index 1, got function)",
  ["boucle.wait({})"] = "bad argument #1 to 'wait' (no futures)",
  ["boucle.wait({future}, 5)"] = "bad argument #2 to 'wait' (table expected, got number)",
  ["boucle.wait({future}, {timeout = 'x'})"] = "bad argument #2 to 'wait' (timeout: number expected, got string)",
  ["boucle.wait({future}, {return_when = 'X'})"] =
    "bad argument #2 to 'wait' (return_when: FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED expected)",
  ["boucle.as_completed(5)"] = "bad argument #1 to 'as_completed' (table expected, got number)",
  ["boucle.as_completed({5})"] =
    "bad argument #1 to 'as_completed' (future or function expected at index 1, got number)",
  ["boucle.as_completed({f}, 'x')"] = "bad argument #2 to 'as_completed' (number expected, got string)",
  ["boucle.readable('x')"] = "bad argument #1 to 'readable' (number expected, got string)",
  ["boucle.writable(2^40)"] = "bad argument #1 to 'writable' (out of range)",
}, true)

case("combinators_of_a_loop", {
  ["loop:gather(f, 5)"] = "bad argument #2 to 'gather' (future or function expected, got number)",
  ["loop.gather(loop, f, 5)"] = "bad argument #3 to 'gather' (future or function expected, got number)",
  ["loop:gather(list)"] = "bad argument #1 to 'gather' (future or function expected at index 2, got number)",
  ["loop.gather(5, f)"] = "bad argument #1 to 'gather' (Loop expected, got number)",
  ["loop:shield(lock)"] = "bad argument #1 to 'shield' (future or function expected, got boucle.Lock)",
  ["loop.shield({}, f)"] = "bad argument #1 to 'shield' (Loop expected, got table)",
  ["loop:as_completed(5)"] = "bad argument #1 to 'as_completed' (table expected, got number)",
  ["loop:as_completed({f}, {})"] = "bad argument #2 to 'as_completed' (number expected, got table)",
  ["completions.next(5)"] = "bad argument #1 to 'next' (Completions expected, got number)",
})

case("waits", {
  ["boucle.await(5)"] = "bad argument #1 to 'await' (future or coroutine expected, got number)",
  ["boucle.await(lock)"] = "bad argument #1 to 'await' (future or coroutine expected, got boucle.Lock)",
  ["boucle.sleep('x')"] = "bad argument #1 to 'sleep' (number expected, got string)",
  ["boucle.sock_recv('x', 1)"] = "bad argument #1 to 'sock_recv' (number expected, got string)",
  ["boucle.sock_recv(0, nil)"] = "bad argument #2 to 'sock_recv' (number expected, got nil)",
  ["boucle.sock_recv(0, -1)"] = "bad argument #2 to 'sock_recv' (must not be negative)",
  ["boucle.sock_sendall(2^40, 'x')"] = "bad argument #1 to 'sock_sendall' (out of range)",
  ["boucle.sock_sendall(0, {})"] = "bad argument #2 to 'sock_sendall' (string expected, got table)",
  ["boucle.sock_accept({})"] = "bad argument #1 to 'sock_accept' (number expected, got table)",
  ["boucle.wait_for(5)"] = "bad argument #1 to 'wait_for' (future or function expected, got number)",
  ["boucle.wait_for(f, 'x')"] = "bad argument #2 to 'wait_for' (number expected, got string)",
  ["boucle.timeout('x', f)"] = "bad argument #1 to 'timeout' (number expected, got string)",
  ["boucle.timeout(1, 5)"] = "bad argument #2 to 'timeout' (function expected, got number)",
  ["boucle.timeout_at({}, f)"] = "bad argument #1 to 'timeout_at' (number expected, got table)",
  ["boucle.timeout_at(1)"] = "bad argument #2 to 'timeout_at' (function expected, got nil)",
  ["boucle.task_group(5)"] = "bad argument #1 to 'task_group' (function expected, got number)",
  ["boucle.task_group()"] = "bad argument #1 to 'task_group' (function expected, got nil)",
  ["boucle.timeout(1, function(b) b:reschedule('x') end)"] =
    "bad argument #1 to 'reschedule' (number expected, got string)",
  ["lock:with(1)"] = "bad argument #1 to 'with' (function expected, got number)",
  ["lock.with(lock, 1)"] = "bad argument #2 to 'with' (function expected, got number)",
  ["lock.with(condition, f)"] = "bad argument #1 to 'with' (Lock expected, got boucle.Condition)",
  ["condition:with({})"] = "bad argument #1 to 'with' (function expected, got table)",
  ["condition:wait_for(1)"] = "bad argument #1 to 'wait_for' (function expected, got number)",
  ["condition.wait_for(1, f)"] = "bad argument #1 to 'wait_for' (Condition expected, got number)",
  ["condition.release(lock)"] = "bad argument #1 to 'release' (Condition expected, got boucle.Lock)",
  ["condition.locked(5)"] = "bad argument #1 to 'locked' (Condition expected, got number)",
  ["condition:notify('x')"] = "bad argument #1 to 'notify' (number expected, got string)",
  ["lock.acquire(5)"] = "bad argument #1 to 'acquire' (Lock expected, got number)",
  ["event.wait(lock)"] = "bad argument #1 to 'wait' (Event expected, got boucle.Lock)",
  ["barrier.wait(5)"] = "bad argument #1 to 'wait' (Barrier expected, got number)",
  ["queue.get(5)"] = "bad argument #1 to 'get' (Queue expected, got number)",
  ["queue.put(5, 1)"] = "bad argument #1 to 'put' (Queue expected, got number)",
  ["queue.iter(5)"] = "bad argument #1 to 'iter' (Queue expected, got number)",
  ["queue.qsize(5)"] = "bad argument #1 to 'qsize' (Queue expected, got number)",
  ["semaphore.release(lock)"] = "bad argument #1 to 'release' (Semaphore expected, got boucle.Lock)",
}, true)

case("waits_outside_of_a_task", {
  ["boucle.sleep(1)"] = "sleep: no task is running here: only a task can wait",
  ["boucle.await(future)"] = "await: no task is running here: only a task can wait",
  ["boucle.wait_for(future, 1)"] = "wait_for: no task is running here: only a task can wait",
  ["boucle.task_group(f)"] = "task_group: no task is running here: only a task can wait",
  ["boucle.readable(0)"] = "readable: no task is running here: only a task can wait",
  ["boucle.sock_recv(0, 1)"] = "sock_recv: no task is running here: only a task can wait",
  ["boucle.sock_sendall(0, 'x')"] = "sock_sendall: no task is running here: only a task can wait",
  ["boucle.sock_accept(0)"] = "sock_accept: no task is running here: only a task can wait",
  ["queue:get()"] = "get: no task is running here: only a task can wait",
  ["for _ in queue:iter() do end"] = "iter: no task is running here: only a task can wait",
})

case("futures_and_exceptions", {
  ["future:set_exception()"] = "bad argument #1 to 'set_exception' (error expected, got no value)",
  ["future:cancel({})"] = "bad argument #1 to 'cancel' (string expected, got table)",
  ["future:add_done_callback(5)"] = "bad argument #1 to 'add_done_callback' (function expected, got number)",
  ["future.result(5)"] = "bad argument #1 to 'result' (Future expected, got number)",
  ["task.cancelling(future)"] = "bad argument #1 to 'cancelling' (Task expected, got boucle.Future)",
  ["task:set_name({})"] = "bad argument #1 to 'set_name' (string expected, got table)",
  ["handle:again('x')"] = "bad argument #1 to 'again' (number expected, got string)",
  ["var:get(5)"] = "bad argument #1 to 'get' (Loop expected, got number)",
  ["var:set(1, 5)"] = "bad argument #2 to 'set' (Loop expected, got number)",
  ["var.get(5)"] = "bad argument #1 to 'get' (ContextVar expected, got number)",
  ["boucle.exception()"] = "bad argument #1 to 'exception' (string expected, got no value)",
  ["boucle.raise({})"] = "bad argument #1 to 'raise' (string expected, got table)",
  ["boucle.exception_group('m', 5)"] = "bad argument #2 to 'exception_group' (table expected, got number)",
  ["boucle.exception_group('m', {})"] = "bad argument #2 to 'exception_group' (no exceptions)",
  ["boucle.matches(1)"] = "bad argument #2 to 'matches' (string expected, got no value)",
  ["exception:matches({})"] = "bad argument #1 to 'matches' (string expected, got table)",
})

case("runs_and_options", {
  ["boucle.run(5)"] = "bad argument #1 to 'run' (function expected, got number)",
  ["boucle.run()"] = "bad argument #1 to 'run' (function expected, got nil)",
  ["boucle.run({}, 5)"] = "bad argument #2 to 'run' (function expected, got number)",
  ["boucle.run({})"] = "bad argument #2 to 'run' (function expected, got nil)",
  ["boucle.run({clock = 'x'}, f)"] = "bad option clock of 'run' (x)",
  ["boucle.new_loop(5)"] = "bad argument #1 to 'new_loop' (table expected, got number)",
  ["boucle.new_loop{poller = 5}"] = "bad option poller of 'new_loop' (5)",
  ["boucle.new_loop{spin = 'x'}"] = "bad option spin of 'new_loop' (number expected, got string)",
  ["boucle.new_loop{stack_size = -1}"] = "bad option stack_size of 'new_loop' (size expected, got number)",
  ["boucle.new_loop{x = 5}"] = "unknown option x of 'new_loop'",
})

test("callable_tables_are_functions_everywhere", function()
  local callable = setmetatable({}, {__call = function() return 7 end})
  test.equal(boucle.run(callable), 7)
  test.equal(boucle.run({clock = "virtual"}, callable), 7)
  test.run(function()
    test.equal(boucle.await(boucle.create_task(callable)), 7)
    test.equal(boucle.await(boucle.gather(callable))[1], 7)
    test.equal(boucle.await(boucle.gather {callable, callable})[2], 7)
    test.equal(boucle.await(boucle.shield(callable)), 7)
    test.equal(boucle.wait_for(callable, 1), 7)
    test.equal(boucle.wait_for(callable, 0.5), 7)
    test.equal(boucle.lock():with(callable), 7)
    test.equal(boucle.timeout(1, callable), 7)
    test.equal(boucle.task_group(callable), 7)
    test.equal(boucle.condition():wait_for(callable), 7)
    for next_done in boucle.as_completed({callable}) do test.equal(next_done(), 7) end
  end)
end)

test("gather_that_fails_makes_no_task", function()
  local own = test.loop()
  for _, list in ipairs {{function() end, 5}, {function() end, other:create_future()}} do
    assert(not pcall(own.gather, own, list))
    assert(not pcall(own.as_completed, own, list))
    test.equal(#own:all_tasks(), 0)
  end
end)

test.done()
