-- The part in Lua: coroutines that await tasks of Go and C.
local boucle = require "boucle"

local function say(...) print("Lua:  " .. string.format(...)) end

-- brew() is a function in Go that returns a task.
function order(what)
  say("one %s, please", what)
  local ok, tea = pcall(boucle.await, brew(what))
  if not ok then
    say("no %s: %s", what, tostring(tea))
    error(tea, 0)
  end
  say("thank you for the %s", tea)
  return tea
end

function taste(what)
  boucle.sleep(0.1)
  say("this %s is bitter", what)
  boucle.raise("TasteError", "it steeped for too long")
end
