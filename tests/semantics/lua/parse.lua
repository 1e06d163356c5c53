-- Parses scenarios into trees. ../README.md describes their language.
local parse = {}

local function words_of(line)
  local words = {}
  for word in line:gmatch("%S+") do words[#words + 1] = word end
  return words
end

local block -- forward

local function set(...)
  local result = {}
  for _, name in ipairs {...} do result[name] = true end
  return result
end

local END = set("end")

local function rest(words, from)
  local result = {}
  for i = from, #words do result[#result + 1] = words[i] end
  return result
end

local function statement(words)
  local node = {kind = "statement"}
  if #words > 2 and words[2] == "=" then
    node.target, words = words[1], rest(words, 3)
  elseif words[1] == "show" then
    node.show, words = true, rest(words, 2)
  end
  node.text, node.op, node.words = table.concat(words, " "), words[1], rest(words, 2)
  return node
end

-- One function for each kind of block: it reads the lines up to its `end`.
local BLOCKS = {}

function BLOCKS.loop(words, lines)
  return {kind = "loop", count = words[2], body = block(lines, END)}
end

BLOCKS["if"] = function(words, lines)
  local node = {kind = "if", left = words[2], op = words[3], right = words[4], orelse = {}}
  local stop
  node.body, stop = block(lines, set("else", "end"))
  if stop[1] == "else" then node.orelse = block(lines, END) end
  return node
end

function BLOCKS.try(_, lines)
  local node = {kind = "try", handlers = {}, orelse = {}, final = {}}
  local stops, stop = set("except", "else", "finally", "end"), nil
  node.body, stop = block(lines, stops)
  while stop[1] == "except" do
    local handler = {kind = stop[2]}
    handler.body, stop = block(lines, stops)
    node.handlers[#node.handlers + 1] = handler
  end
  if stop[1] == "else" then node.orelse, stop = block(lines, set("finally", "end")) end
  if stop[1] == "finally" then node.final = block(lines, END) end
  return node
end

function BLOCKS.timeout(words, lines)
  return {kind = "timeout", delay = words[2], variable = words[3], body = block(lines, END)}
end

function BLOCKS.taskgroup(words, lines)
  return {kind = "taskgroup", variable = words[2], body = block(lines, END)}
end

BLOCKS["with"] = function(words, lines)
  return {kind = "with", variable = words[2], body = block(lines, END)}
end

-- Returns the statements up to one of the stops, and the words of that line.
function block(lines, stops)
  local nodes = {}
  while lines.next <= #lines do
    local words = lines[lines.next]
    lines.next = lines.next + 1
    if stops[words[1]] then return nodes, words end
    nodes[#nodes + 1] = (BLOCKS[words[1]] or statement)(words, lines)
  end
  error("a block has no end")
end

function parse.scenario(text)
  local lines = {next = 1}
  for line in text:gmatch("[^\n]+") do
    local words = words_of(line)
    if words[1] and words[1]:sub(1, 1) ~= "#" then lines[#lines + 1] = words end
  end
  local scenario = {body = {}, callback = {}}
  while lines.next <= #lines do
    local words = lines[lines.next]
    lines.next = lines.next + 1
    if words[1] == "main" then
      scenario.main = block(lines, END)
    elseif scenario[words[1]] and words[2] then
      local definition = {name = words[2], parameters = rest(words, 3)}
      definition.block = block(lines, END)
      scenario[words[1]][words[2]] = definition
    else
      error("expected body, callback or main: " .. words[1])
    end
  end
  return scenario
end

-- Splits "name(a,b)" into "name", {"a", "b"}.
function parse.call(word)
  local name, list = word:match("^([^(]*)%((.*)%)$")
  local arguments = {}
  for argument in list:gmatch("[^,]+") do arguments[#arguments + 1] = argument end
  return name, arguments
end

return parse
