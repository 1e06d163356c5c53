-- run_until_complete leaves one task unfinished; run_forever then runs it to its end.
package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
local boucle = require "boucle"
local course = require "course"

local loop = boucle.new_loop()
course.start_timer()
local lengthy = loop:create_task(course.sequence, "lengthy", 0.3)
local brief = loop:create_task(course.sequence, "brief", 0.1)

print(("brief returned %g"):format(loop:run_until_complete(brief)))
print("lengthy is " .. (lengthy:done() and "done" or "not done"))

lengthy:add_done_callback(function() loop:stop() end)
loop:run_forever()
print(("lengthy returned %g"):format(lengthy:result()))
loop:close()
