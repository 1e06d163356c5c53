-- Runs scenarios in Lua.
--
--   scenario.lua FILE                 prints the trace
--   scenario.lua --check PATH...      files or directories: compares with the .trace beside each .scn
--   scenario.lua --tap PATH...        the same, a line for each in the Test Anything Protocol
local folder = arg[0]:match("^(.*)/") or "."
package.path = folder .. "/?.lua;" .. package.path

local boucle = require "boucle"
local parse = require "parse"
local Env = require "env"
local blocks = require "blocks"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function run_main(env)
  local frame = env:frame("main")
  for _, node in ipairs(env.scenario.main) do
    local ok, problem = pcall(blocks[node.kind], env, frame, node)
    if not ok and boucle.type(problem) ~= "Exception" then error(problem, 0) end
    env:collect()
    if not ok then env:log("main", "raised " .. env:render(problem)) end
  end
end

local function run(path)
  local env = Env.new(parse.scenario(read(path)), blocks.run_block)
  local ok, problem = pcall(run_main, env)
  env:finish()
  if not ok then env.trace[#env.trace + 1] = "error: " .. tostring(problem) .. "\n" end
  return table.concat(env.trace)
end

-- Returns the trace, and how many objects are left. A new coroutine has no values of earlier calls on its stack.
local function run_cleanly(path)
  local before = boucle.live_objects()
  local trace = coroutine.wrap(run)(path)
  for _ = 1, 4 do collectgarbage() end
  return trace, boucle.live_objects() - before
end

local function expand(paths)
  local files = {}
  for _, path in ipairs(paths) do
    local list = path:find("%.scn$") and path or ("'%s'/*.scn"):format(path)
    local pipe = assert(io.popen("ls -d " .. list))
    for file in pipe:lines() do files[#files + 1] = file end
    pipe:close()
  end
  return files
end

local function skipped()
  local reasons = {}
  for line in io.lines(folder .. "/skipped") do
    local name, reason = line:match("^(%w[%w_-]*)%s+(.*)$")
    if name then reasons[name] = reason end
  end
  return reasons
end

local most_differences = 3

local function show_difference(path, expected, actual)
  most_differences = most_differences - 1
  if most_differences < 0 then return end
  print("# --- " .. path)
  for line in (expected .. "# +++\n" .. actual):gmatch("[^\n]+") do print("# " .. line) end
end

local function check(paths, tap)
  local counts, reasons = {passed = 0, failed = 0, skipped = 0, left = 0}, skipped()
  for number, path in ipairs(paths) do
    local name, verdict = path:match("([^/]*)%.scn$"), "passed"
    if reasons[name] then
      verdict = "skipped"
    else
      local expected = read((path:gsub("%.scn$", ".trace")))
      local trace, left = run_cleanly(path)
      if trace ~= expected then show_difference(path, expected, trace) end
      -- A pending task whose stack refers to its loop is a cycle that only lua_close frees; more is a leak.
      counts.left = counts.left + (left ~= 0 and 1 or 0)
      if trace ~= expected then verdict = "failed" end
    end
    counts[verdict] = counts[verdict] + 1
    if tap then
      print(("%s %d - %s%s"):format(verdict == "failed" and "not ok" or "ok", number, name,
        verdict == "skipped" and " # SKIP " .. reasons[name] or ""))
    elseif verdict == "failed" then
      print("failed: " .. path)
    end
  end
  print(("# %d scenarios left objects behind"):format(counts.left))
  if tap then print("1.." .. #paths) end
  if not tap then print(("%d passed, %d failed, %d skipped"):format(counts.passed, counts.failed, counts.skipped)) end
  return counts.failed == 0 and counts.left * 50 <= #paths
end

local first = arg[1]
if first == "--check" or first == "--tap" then
  os.exit(check(expand {(table.unpack or unpack)(arg, 2)}, first == "--tap"), true)
end
io.write(run(first))
