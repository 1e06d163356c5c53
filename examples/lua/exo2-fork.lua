-- c1 forks c2: it creates a task that calls c2, and does not wait for it. The loop runs until Ctrl-C.
package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
local boucle = require "boucle"
local course = require "course"

local SIGINT = 2

local function c2()
  course.sequence("c2: long", 0.3)
  course.show_timer("c2 ends")
end

local function c1()
  course.sequence("c1: first", 0.1)
  course.show_timer("c1 forks c2")
  boucle.create_task(c2)
  course.sequence("c1: second", 0.1)
  course.show_timer("c1 ends")
end

local loop = boucle.new_loop()
loop:add_signal_handler(SIGINT, loop.stop, loop)
loop:create_task(c1)
course.start_timer()
loop:run_forever()
print("bye")
loop:close()
