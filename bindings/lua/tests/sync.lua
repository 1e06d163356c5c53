-- Locks, events, conditions, semaphores, barriers, queues, context variables.
local test = require "harness"
local boucle = require "boucle"

test("lock_is_held_by_one_task", function()
  test.run(function()
    local lock, order = boucle.lock(), {}
    local function worker(name)
      lock:with(function() order[#order + 1] = name boucle.sleep(1) order[#order + 1] = name end)
    end
    boucle.await(boucle.gather(function() worker("a") end, function() worker("b") end))
    test.equal(table.concat(order), "aabb")
    test.equal(test.raises("RuntimeError", lock.release, lock).message, "Lock is not acquired.")
  end)
end)

test("lock_is_released_after_an_error", function()
  test.run(function()
    local lock, problem = boucle.lock(), {}
    test.same(select(2, pcall(lock.with, lock, error, problem)), problem)
    test.equal(lock:locked(), false)
  end)
end)

test("method_that_waits_is_gathered_as_a_function", function()
  test.run(function()
    local queue = boucle.queue()
    local task = boucle.create_task(queue.get, queue)
    queue:put_nowait("item")
    test.equal(boucle.await(task), "item")
  end)
end)

test("event_wakes_all_who_wait", function()
  test.run(function()
    local event, woken = boucle.event(), 0
    for _ = 1, 3 do boucle.create_task(function() test.equal(event:wait(), true) woken = woken + 1 end) end
    boucle.sleep(1)
    test.equal(event:is_set(), false)
    event:set()
    boucle.sleep(1)
    test.equal(woken, 3)
    event:clear()
    test.equal(event:is_set(), false)
  end)
end)

test("condition_notifies", function()
  test.run(function()
    local condition, ready = boucle.condition(), false
    local task = boucle.create_task(function()
      return condition:with(function() return condition:wait_for(function() return ready and "ready" end) end)
    end)
    boucle.sleep(1)
    test.raises("cannot notify on un-acquired lock", condition.notify, condition)
    condition:with(function() ready = true condition:notify_all() end)
    test.equal(boucle.await(task), "ready")
    test.equal(condition:locked(), false)
    test.raises("un-acquired", condition.wait, condition)
    local problem = {}
    test.same(select(2, pcall(condition.wait_for, condition, function() error(problem) end)), problem)
  end)
end)

test("condition_shares_a_lock", function()
  test.run(function()
    local lock = boucle.lock()
    local condition = boucle.condition(lock)
    test.same(condition:get_lock(), lock)
    condition:acquire()
    test.equal(lock:locked(), true)
    condition:release()
    test.raises("Lock expected", boucle.condition, {})
  end)
end)

test("semaphore_counts", function()
  test.run(function()
    local semaphore, inside, most = boucle.semaphore(2), 0, 0
    local function worker()
      semaphore:with(function()
        inside = inside + 1
        most = math.max(most, inside)
        boucle.sleep(1)
        inside = inside - 1
      end)
    end
    boucle.await(boucle.gather(worker, worker, worker, worker))
    test.equal(most, 2)
    local bounded = boucle.bounded_semaphore()
    test.raises("BoundedSemaphore released too many times", bounded.release, bounded)
  end)
end)

test("barrier_lets_all_go_at_once", function()
  test.run(function()
    local barrier, sum = boucle.barrier(3), 0
    local function party() local index = barrier:wait() sum = sum + index end
    boucle.await(boucle.gather(party, party, party))
    test.equal(sum, 0 + 1 + 2)
    test.equal(barrier:parties(), 3)
    test.equal(barrier:n_waiting(), 0)
    barrier:abort()
    test.equal(barrier:broken(), true)
    test.raises("BrokenBarrierError", barrier.wait, barrier)
    barrier:reset()
    test.equal(barrier:broken(), false)
  end)
end)

test("queue_blocks_when_full_and_when_empty", function()
  test.run(function()
    local queue, got = boucle.queue(1), {}
    local producer = boucle.create_task(function() for i = 1, 3 do queue:put(i) end end)
    for _ = 1, 3 do got[#got + 1] = queue:get() queue:task_done() end
    queue:join()
    boucle.await(producer)
    test.equal(table.concat(got), "123")
    test.raises("QueueEmpty", queue.get_nowait, queue)
    queue:put_nowait({})
    test.raises("QueueFull", queue.put_nowait, queue, 2)
    test.equal(queue:qsize() + queue:maxsize(), 2)
    test.equal(queue:full() and not queue:empty(), true)
    test.raises("task_done() called too many times", function() queue:task_done() queue:task_done() end)
    queue:shutdown(true)
    test.raises("QueueShutDown", queue.put, queue, 1)
  end)
end)

test("queue_orders", function()
  test.run(function()
    local lifo = boucle.lifo_queue()
    lifo:put(1) lifo:put(2)
    test.equal(lifo:get(), 2)
    local smallest = boucle.priority_queue()
    for _, number in ipairs {3, 1, 2} do smallest:put(number) end
    test.equal(smallest:get(), 1)
    local jobs = boucle.priority_queue(0, function(a, b) return a.urgency > b.urgency end)
    for _, urgency in ipairs {1, 3, 2} do jobs:put({urgency = urgency}) end
    test.equal(jobs:get().urgency, 3)
    test.equal(jobs:get().urgency, 2)
  end)
end)

test("context_variable_follows_the_tasks", function()
  local var = boucle.context_var("request", "none")
  test.equal(var:name(), "request")
  test.run(function()
    test.equal(var:get(), "none")
    var:set("outer")
    boucle.await(boucle.create_task(function() test.equal(var:get(), "outer") var:set("inner") end))
    test.equal(var:get(), "outer")
  end)
  test.raises("no running event loop", var.get, var)
end)

test("factories_need_a_loop", function()
  test.raises("no running event loop", boucle.lock)
  local loop = test.loop()
  test.equal(loop:lock():locked(), false)
  test.equal(loop:queue(5):maxsize(), 5)
end)

test("queue_iter_gives_each_item_until_the_shutdown", function()
  test.run(function()
    local queue, items = boucle.queue(1), {}
    local consumer = boucle.create_task(function()
      for item in queue:iter() do items[#items + 1] = item end
      return "ended"
    end)
    for i = 1, 3 do queue:put(i) end
    queue:shutdown()
    test.equal(boucle.await(consumer), "ended")
    test.equal(table.concat(items, " "), "1 2 3")
  end)
end)

test("queue_iter_passes_on_what_else_ends_a_wait", function()
  test.run(function()
    local queue = boucle.queue()
    local consumer = boucle.create_task(function() for _ in queue:iter() do end end)
    boucle.sleep(0)
    consumer:cancel()
    test.raises("CancelledError", boucle.await, consumer)
    queue:put(nil)
    test.raises("an item is nil", function() for _ in queue:iter() do end end)
  end)
end)

test.done()
