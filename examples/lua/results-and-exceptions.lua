-- Reads the result of a task, also too early. Shows where an exception goes: to the task that awaits, to the code that
-- reads it from the task, or, if there is neither, to the loop's exception handler.
package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
local boucle = require "boucle"
local course = require "course"

local function print_exception(before, exception)
  print(("%s: %s: %s"):format(before, exception.kind, exception.message))
end

local function boom(level)
  print(("boom(%d)"):format(level))
  if level > 0 then
    boucle.await(boucle.create_task(boom, level - 1))
    print("never printed: what was awaited failed, so the task did likewise")
  else
    boucle.raise("ValueError", "boom!")
  end
end

local function result_read_too_early(loop)
  local task = loop:create_task(course.sequence, "task", 0.1)
  local ok, problem = pcall(task.result, task)
  if not ok then print("too early: " .. problem.kind) end
  loop:run_until_complete(task)
  print(("in time: %g"):format(task:result()))
end

local function exception_read_from_the_task(loop)
  local task = loop:create_task(boom, 4)
  if not pcall(loop.run_until_complete, loop, task) then print("the run failed") end
  print_exception("read from the task", task:exception())
end

local function exception_read_by_nobody(loop)
  local other = loop:create_task(course.sequence, "other", 0.1)
  loop:set_exception_handler(function(_, report) print_exception(report.message, report.exception) end)
  loop:spawn(boom, 0)
  loop:run_until_complete(other)
end

local loop = boucle.new_loop()
course.start_timer()
result_read_too_early(loop)
exception_read_from_the_task(loop)
exception_read_by_nobody(loop)
loop:close()
