-- Helpers of the course: a timer that prints the elapsed time, and sequence().
local boucle = require "boucle"

local course = {}
local clock, timer_start = boucle.new_loop(), 0 -- for its clock

function course.start_timer()
  timer_start = clock:time()
end

function course.show_timer(message)
  print(("%.2fs %s"):format(clock:time() - timer_start, message))
  io.stdout:flush()
end

function course.sequence(name, delay)
  course.show_timer(name .. " before")
  boucle.sleep(delay)
  course.show_timer(name .. " after")
  return 10 * delay
end

return course
