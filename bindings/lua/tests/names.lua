-- Checks that the annotations name all functions of the module, and no others, and that the document names them all.
--
--   names.lua SOURCE_ROOT             prints TAP
local boucle = require "boucle"

local function contents(path)
  local file = assert(io.open(arg[1] .. "/" .. path))
  local text = file:read "*a"
  file:close()
  return text
end

-- Returns the fields of each class in library/boucle.lua, with the inherited ones.
local function annotated()
  local classes, current = {}, nil
  for line in contents("bindings/lua/library/boucle.lua"):gmatch "[^\n]*" do
    local class, parent = line:match "^%-%-%-@class ([%w.]+):? ?([%w.]*)$"
    local field = line:match "^%-%-%-@field ([%w_]+) "
    if class then
      current = {}
      for name in pairs(classes[parent] or {}) do current[name] = true end
      classes[class] = current
    elseif field then
      current[field] = true
    end
  end
  return classes
end

-- Returns one object of each class.
local function objects()
  local found = {}
  boucle.run({clock = "virtual"}, function()
    local loop = boucle.get_running_loop()
    found["boucle.Loop"] = loop
    found["boucle.Future"] = loop:create_future()
    found["boucle.Task"] = boucle.current_task()
    found["boucle.Handle"] = loop:call_soon(function() end)
    found["boucle.Lock"] = boucle.lock()
    found["boucle.Event"] = boucle.event()
    found["boucle.Condition"] = boucle.condition()
    found["boucle.Semaphore"] = boucle.semaphore()
    found["boucle.Barrier"] = boucle.barrier(1)
    found["boucle.Queue"] = boucle.queue()
    found["boucle.Address"] = boucle.address("::1", 80)
    found["boucle.ContextVar"] = boucle.context_var "name"
    boucle.timeout(1, function(block) found["boucle.Timeout"] = block end)
    boucle.task_group(function(group) found["boucle.TaskGroup"] = group end)
    return found
  end)
  return found
end

-- Only boucle.timeout and boucle.task_group call it.
local INTERNAL = {enter = true}

local function methods(object)
  local names = {}
  for name in pairs(debug.getmetatable(object).__index) do names[name] = not INTERNAL[name] or nil end
  return names
end

local tests, documented = 0, contents "docs/lua.md"
-- Checks that both have the same names, and that the document has all of them.
local function check(class, has, annotations)
  local problems = {}
  for name in pairs(has) do
    if not annotations[name] then problems[#problems + 1] = name .. ": not in library/boucle.lua" end
    if not documented:find("%f[%w_]" .. name .. "%f[^%w_]") then problems[#problems + 1] = name .. ": not in docs/lua.md" end
  end
  for name in pairs(annotations) do
    if not has[name] then problems[#problems + 1] = name .. ": in library/boucle.lua only" end
  end
  tests = tests + 1
  print((#problems == 0 and "ok " or "not ok ") .. tests .. " - " .. class)
  for _, problem in ipairs(problems) do print("# " .. problem) end
end

local classes, objects, order = annotated(), objects(), {}
for class in pairs(objects) do order[#order + 1] = class end
table.sort(order)
check("boucle", boucle, classes.boucle)
for _, class in ipairs(order) do check(class, methods(objects[class]), classes[class] or {}) end
print("1.." .. tests)
