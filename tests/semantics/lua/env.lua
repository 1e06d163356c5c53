-- A run of a scenario: its variables, its loop, its trace, and how values are printed.
local boucle = require "boucle"
local parse = require "parse"

local Env = {}
Env.__index = Env

local NONE = {} -- a variable that is None

-- ---- printing ----

local function without_reprs(text)
  return (text:gsub("%s*<.*>", ""):gsub(":+$", ""))
end

function Env:render(value)
  local kind = boucle.type(value)
  if kind == "Exception" then
    if not value.members then return ("%s(%s)"):format(value.kind, without_reprs(value.message or "")) end
    local members = value.members
    members.n = #members
    return value.kind .. self:render(members)
  elseif kind == "Task" or kind == "Future" then
    return self:label(value)
  elseif kind then
    return "<" .. kind .. ">"
  elseif value == nil then
    return "None"
  elseif type(value) == "boolean" then
    return value and "True" or "False"
  elseif type(value) == "number" then
    return ("%d"):format(value)
  elseif type(value) == "table" then
    local items = {}
    for i = 1, value.n do items[i] = self:render(value[i]) end
    return "[" .. table.concat(items, ",") .. "]"
  end
  return tostring(value)
end

-- Returns the value with exceptions as texts.
function Env:plain(value)
  if boucle.type(value) == "Exception" then return self:render(value) end
  if type(value) ~= "table" or value.completion then return value end
  local list = {n = value.n}
  for i = 1, value.n do list[i] = self:plain(value[i]) end
  return list
end

function Env:log(label, text)
  if self.finished then return end
  self.trace[#self.trace + 1] = ("%d %s %s\n"):format(self:now(), label, text)
end

-- ---- labels: a task's name; other futures by their address, for handles come and go ----

local function address(future)
  return tostring(future):match("0x%x+")
end

function Env:label(future)
  if boucle.type(future) == "Task" then return future:get_name() end
  return self.labels[address(future)] or "?"
end

function Env:name_future(future, label)
  self.labels[address(future)] = label
  return future
end

-- ---- garbage: CPython destroys at the last reference ----

-- Overwrites the unused registers, which may have values of earlier calls, before it collects.
local function collect_once()
  local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _
  local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _
  local _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _
  collectgarbage()
end

-- Collects until no more objects are destroyed: one may release others.
function Env:collect()
  local objects, held
  repeat
    objects, held = boucle.live_objects()
    collect_once()
    local objects_now, held_now = boucle.live_objects()
  until objects_now == objects and held_now == held
end

local function may_hold(value)
  return type(value) == "table" or type(value) == "userdata"
end

-- Returns whether the value may keep futures alive.
function Env:may_hold(value)
  local kind = boucle.type(value)
  return may_hold(value) and kind ~= "Exception" and kind ~= "Handle"
end

-- ---- variables ----

function Env:lookup(frame, name)
  local value = frame.locals[name]
  if value == nil then value = self.variables[name] end
  if value == nil then boucle.raise("NameError", name) end
  if value == NONE then return nil end
  return value
end

local function replace(variables, name, value)
  local held = may_hold(variables[name]) and variables[name] ~= NONE
  variables[name] = value == nil and NONE or value
  return held
end

function Env:assign(frame, name, value)
  if replace(frame.locals[name] ~= nil and frame.locals or self.variables, name, value) then
    value = nil
    self:collect()
  end
end

function Env:value(frame, word)
  if word:sub(1, 1) == "$" then return self:lookup(frame, word:sub(2)) end
  if word == "None" then return nil end
  return word:match("^-?%d+$") and math.floor(tonumber(word)) or word
end

-- ---- frames ----

function Env:frame(label, parameters, values)
  local frame = {label = label, locals = {}, caught = {}}
  for i, name in ipairs(parameters or {}) do
    local value = values[i]
    frame.locals[name] = value == nil and NONE or value
  end
  return frame
end

-- Drops the frame's variables.
function Env:leave(frame)
  local held = false
  for name, value in pairs(frame.locals) do
    held = held or may_hold(value) and value ~= NONE
    frame.locals[name] = nil
  end
  if held then self:collect() end
end

function Env:values(frame, words)
  local values = {}
  for i, word in ipairs(words) do values[i] = self:value(frame, word) end
  return values
end

-- Returns a function without arguments that runs a body with its arguments, and its label.
function Env:invocation(frame, word, label)
  local name, arguments = parse.call(word)
  local definition = self.scenario.body[name] or error("no body " .. name)
  label = label or name
  local callee = self:frame(label, definition.parameters, self:values(frame, arguments))
  return function()
    local signal = self.run_block(self, callee, definition.block)
    self:leave(callee)
    return signal and signal.value
  end, label
end

-- Returns a new task that runs an invocation.
function Env:spawn(owner, frame, word, label)
  local fn
  fn, label = self:invocation(frame, word, label)
  local task = owner:create_task(fn)
  task:set_name(label)
  return task
end

-- Returns the future in a variable, or a new task that runs an invocation; and whether it is new.
function Env:operand(frame, word, label)
  if word:find("(", 1, true) then return self:spawn(self.loop, frame, word, label), true end
  return self:lookup(frame, word), false
end

-- ---- callbacks: one function for each name ----

function Env:callback(name)
  local known = self.callbacks[name]
  if known then return known end
  local definition = self.scenario.callback[name] or error("no callback " .. name)
  local function run(frame)
    local ok, problem = pcall(self.run_block, self, frame, definition.block)
    self:leave(frame)
    if not ok then error(problem, 0) end
  end
  -- A tail call, so that only the frame refers to the arguments.
  local function callback(...)
    return run(self:frame("@" .. name, definition.parameters, {...}))
  end
  self.callbacks[name], self.callback_labels[callback] = callback, "@" .. name
  return callback
end

-- ---- the loop ----

function Env:now()
  return math.floor(self.loop:time() * 1000 + 0.5) + self.time_base
end

function Env:seconds(milliseconds)
  return (milliseconds - self.time_base) / 1000
end

local function report_text(message)
  if message:find("Future exception was never retrieved$") then return "Future exception was never retrieved" end
  if message:find("^Exception in callback") then return "Exception in callback" end
  return without_reprs(message)
end

function Env:reported(context)
  local future = context.task or context.future
  local label = future and self:label(future) or self.callback_labels[context.callback] or "None"
  local text = "handler " .. report_text(context.message) .. " | " .. label
  if context.exception then text = text .. " | " .. self:render(context.exception) end
  self:log("loop", text)
end

function Env:new_loop()
  local before, now = self.loop, self.loop and self:now() or 0
  local loop = boucle.new_loop {clock = "virtual"}
  loop:set_exception_handler(function(_, context) self:reported(context) end)
  for _, var in pairs(self.context_vars) do var:set(var:get(before), loop) end
  self.loops[#self.loops + 1] = loop
  self.loop, self.time_base = loop, now - math.floor(loop:time() * 1000 + 0.5)
  return loop
end

function Env.new(scenario, run_block)
  local env = setmetatable({
    scenario = scenario, run_block = run_block, trace = {}, variables = {}, labels = {}, callbacks = {},
    callback_labels = {}, context_vars = {}, loops = {},
  }, Env)
  env:new_loop()
  return env
end

-- Ends the run: nothing is logged any more.
function Env:finish()
  self.finished, self.variables = true, {}
  for _, loop in ipairs(self.loops) do
    loop:set_exception_handler(function() end)
    loop:close()
  end
  self.loops, self.loop = {}, nil -- pending tasks refer to this table, which must not keep the loops alive
end

return Env
