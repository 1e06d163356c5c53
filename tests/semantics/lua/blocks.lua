-- Runs the blocks of scenarios with Lua's control flow: `try` is pcall; a wait inside a block suspends the task.
local boucle = require "boucle"
local operations = require "operations"

local blocks = {}
local run_block

-- A block that is left early returns a signal: {value = ...} for `return`.

local function catches(kind, problem)
  if boucle.type(problem) ~= "Exception" then return false end -- a bug of the runner
  if kind == "BaseException" then return true end
  if kind == "Exception" then return problem:matches("Exception") end
  return problem.kind == kind
end

function blocks.statement(env, frame, node)
  if node.op == "return" then
    return {value = node.words[1] and env:value(frame, node.words[1])}
  end
  operations.run(env, frame, node)
end

function blocks.loop(env, frame, node)
  for _ = 1, env:value(frame, node.count) do
    local signal = run_block(env, frame, node.body)
    if signal then return signal end
  end
end

blocks["if"] = function(env, frame, node)
  local equal = operations.equal(env:value(frame, node.left), env:value(frame, node.right))
  return run_block(env, frame, equal == (node.op == "==") and node.body or node.orelse)
end

local function handle(env, frame, node, problem)
  for _, handler in ipairs(node.handlers) do
    if catches(handler.kind, problem) then
      env:log(frame.label, "except " .. env:render(problem))
      frame.caught[#frame.caught + 1] = problem
      local ok, signal = pcall(run_block, env, frame, handler.body)
      frame.caught[#frame.caught] = nil
      if not ok then error(signal, 0) end
      return signal
    end
  end
  error(problem, 0)
end

function blocks.try(env, frame, node)
  local ok, signal = pcall(run_block, env, frame, node.body)
  if not ok then
    ok, signal = pcall(handle, env, frame, node, signal)
  elseif not signal then
    ok, signal = pcall(run_block, env, frame, node.orelse)
  end
  local last = run_block(env, frame, node.final)
  if not ok then error(signal, 0) end
  return last or signal
end

function blocks.timeout(env, frame, node)
  local delay = env:value(frame, node.delay)
  return boucle.timeout(delay and delay / 1000, function(timeout)
    if node.variable then env:assign(frame, node.variable, timeout) end
    return run_block(env, frame, node.body)
  end)
end

function blocks.taskgroup(env, frame, node)
  return boucle.task_group(function(group)
    env:assign(frame, node.variable, group)
    return run_block(env, frame, node.body)
  end)
end

blocks["with"] = function(env, frame, node)
  return env:lookup(frame, node.variable):with(run_block, env, frame, node.body)
end

function run_block(env, frame, nodes)
  for i = 1, #nodes do
    local node = nodes[i]
    local signal = blocks[node.kind](env, frame, node)
    if signal then return signal end
  end
end

blocks.run_block = run_block
return blocks
