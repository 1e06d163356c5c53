-- Code that is not asynchronous runs two tickers, gathered, until both are done.
package.path = (arg[0]:match("^(.*/)") or "") .. "?.lua;" .. package.path
local boucle = require "boucle"
local course = require "course"

local function ticker(name, ticks, interval)
  for done = 1, ticks do
    boucle.sleep(interval)
    course.show_timer(("%s: tick %d of %d"):format(name, done, ticks))
  end
end

local loop = boucle.new_loop()
course.start_timer()
loop:run_until_complete(loop:gather(
  loop:create_task(ticker, "slow", 3, 0.100),
  loop:create_task(ticker, "fast", 6, 0.050)))
print("both are done")
loop:close()
