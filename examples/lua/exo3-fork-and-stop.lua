-- c1 forks c2, and ends first; c2 stops the loop when it ends.
package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
local boucle = require "boucle"
local course = require "course"

local function c2()
  course.sequence("c2: long", 0.3)
  course.show_timer("c2 stops the loop")
  boucle.get_running_loop():stop()
end

local function c1()
  course.sequence("c1: first", 0.1)
  course.show_timer("c1 forks c2")
  boucle.create_task(c2)
  course.sequence("c1: second", 0.1)
  course.show_timer("c1 ends")
end

local loop = boucle.new_loop()
loop:create_task(c1)
course.start_timer()
loop:run_forever()
print("bye")
loop:close()
