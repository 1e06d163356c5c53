-- gather, wait, wait_for, shield, as_completed, timeout, task_group.
local test = require "harness"
local boucle = require "boucle"

local function after(seconds, value)
  return function() boucle.sleep(seconds) return value end
end

local function fail_after(seconds, problem)
  return function() boucle.sleep(seconds) error(problem, 0) end
end

test("gather_returns_results_in_order", function()
  test.run(function()
    local results = boucle.await(boucle.gather(after(2, "slow"), after(1, "fast")))
    test.equal(results[1] .. results[2], "slowfast")
    results = boucle.await(boucle.gather {boucle.create_task(after(1, 1)), after(1, 2)})
    test.equal(results[1] + results[2], 3)
    test.equal(boucle.await(boucle.gather()).n, 0)
  end)
end)

test("gather_fails_with_the_first_error_or_returns_all", function()
  test.run(function()
    local problem = {}
    test.same(select(2, pcall(boucle.await, boucle.gather(fail_after(1, problem), after(2)))), problem)
    local all = boucle.await(boucle.gather {fail_after(1, problem), after(2, "ok"), return_exceptions = true})
    test.same(all[1], problem)
    test.equal(all[2], "ok")
  end)
end)

test("wait_splits_into_done_and_pending", function()
  test.run(function()
    local fast, slow = boucle.create_task(after(1)), boucle.create_task(after(3))
    local done, pending = boucle.wait({fast, slow, fast}, {return_when = "FIRST_COMPLETED"})
    test.same(done[1], fast)
    test.same(pending[1], slow)
    test.equal(#done + #pending, 2)
    done, pending = boucle.wait({slow}, {timeout = 1})
    test.equal(#done, 0)
    done = boucle.wait({fast, slow})
    test.equal(#done, 2)
    test.raises("no futures", boucle.wait, {})
    test.raises("FIRST_COMPLETED", boucle.wait, {fast}, {return_when = "SOON"})
    test.raises("future expected at index 2, got number", boucle.wait, {fast, 7})
  end)
end)

test("wait_for_gives_up_after_its_time", function()
  test.run(function()
    test.equal(boucle.wait_for(after(1, "in time"), 2), "in time")
    test.equal(boucle.wait_for(after(1, "no limit")), "no limit")
    test.equal(boucle.wait_for(boucle.create_task(after(1, "task")), 2), "task")
    test.raises("TimeoutError", boucle.wait_for, after(3), 1)
    test.raises("TimeoutError", boucle.wait_for, after(3), 0)
    local task = boucle.create_task(after(3))
    test.raises("TimeoutError", boucle.wait_for, task, 1)
    test.equal(task:cancelled(), true)
  end)
end)

test("wait_for_passes_arguments", function()
  test.run(function()
    test.equal(boucle.wait_for(function(a, b) return a + b end, 1, 2, 3), 5)
  end)
end)

test("shield_protects_from_cancellation", function()
  test.run(function()
    local inner = boucle.create_task(after(2, "alive"))
    local waiter = boucle.create_task(function() return boucle.await(boucle.shield(inner)) end)
    boucle.sleep(1)
    waiter:cancel()
    test.raises("CancelledError", boucle.await, waiter)
    test.equal(boucle.await(inner), "alive")
  end)
end)

test("as_completed_goes_by_completion", function()
  test.run(function()
    local order = {}
    for next in boucle.as_completed {after(3, "c"), after(1, "a"), after(2, "b")} do order[#order + 1] = next() end
    test.equal(table.concat(order), "abc")
    local iterator = boucle.as_completed({after(3)}, 1)
    test.raises("TimeoutError", iterator.next, iterator)
  end)
end)

test("timeout_cancels_its_block_only", function()
  test.run(function()
    test.equal(boucle.timeout(2, function() boucle.sleep(1) return "in time" end), "in time")
    local inside
    local problem = test.raises("TimeoutError", boucle.timeout, 1, function()
      local _, cancelled = pcall(boucle.sleep, 5)
      inside = cancelled.kind
      error(cancelled, 0)
    end)
    test.equal(inside, "CancelledError")
    test.equal(problem.cause.kind, "CancelledError")
    boucle.sleep(1)
  end)
end)

test("timeout_can_be_rescheduled", function()
  test.run(function()
    local block
    boucle.timeout(1, function(b)
      block = b
      test.equal(b:state(), "active")
      b:reschedule(boucle.get_running_loop():time() + 5)
      boucle.sleep(3)
    end)
    test.equal(block:expired(), false)
    test.raises("Cannot change state of finished Timeout", block.reschedule, block, 9)
    test.raises("TimeoutError", boucle.timeout_at, boucle.get_running_loop():time() + 1, after(2))
    boucle.timeout(nil, after(1))
  end)
end)

test("timeout_lets_errors_of_its_block_through", function()
  test.run(function()
    local problem = {}
    test.same(select(2, pcall(boucle.timeout, 1, function() error(problem) end)), problem)
  end)
end)

test("task_group_waits_for_its_tasks", function()
  test.run(function()
    local sum = 0
    local result = boucle.task_group(function(group, start)
      sum = start
      for i = 1, 3 do group:create_task(function(n) boucle.sleep(n) sum = sum + n end, i) end
      group:spawn(function() sum = sum + 100 end)
      return "body"
    end, 1000)
    test.equal(sum, 1106)
    test.equal(result, "body")
  end)
end)

test("task_group_fails_with_a_group_of_errors", function()
  test.run(function()
    local problem, sibling = {}, nil
    local group = test.raises("ExceptionGroup", boucle.task_group, function(group)
      sibling = group:create_task(after(10))
      group:create_task(fail_after(1, problem))
      boucle.sleep(5)
    end)
    test.same(group.members[1], problem)
    test.equal(sibling:cancelled(), true)
  end)
end)

test("task_group_finished_takes_no_tasks", function()
  test.run(function()
    local kept
    boucle.task_group(function(group) kept = group end)
    test.equal(test.raises("RuntimeError", kept.create_task, kept, print).message, "TaskGroup is finished")
  end)
end)

test.done()
