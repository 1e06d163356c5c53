-- Pipes from and to commands, with their descriptors, which Lua does not tell.
local pipes = {}

-- The pipes that this process has open: descriptor -> which pipe. The last one is that of the `ls` itself.
local function opened()
  local found, links = {}, io.popen("ls -l /proc/$PPID/fd")
  for line in links:lines() do
    local fd, pipe = line:match("(%d+) %-> (pipe:.*)$")
    if fd then found[tonumber(fd)] = pipe end
  end
  links:close()
  return found
end

-- A pipe from a command ("r"), or to one ("w"), and its descriptor.
function pipes.open(command, mode)
  local before = {}
  for _, which in pairs(opened()) do before[which] = true end
  local pipe = io.popen(command, mode)
  local first, second = opened(), opened() -- only the pipe is the same in both
  for fd, which in pairs(second) do
    if first[fd] == which and not before[which] then return pipe, fd end
  end
  error("the pipe is not to be seen in /proc")
end

-- A pipe that has nothing to read until release() is called, and a line then; its descriptor, and release. To be called
-- before the pipe is closed, which waits for the command.
function pipes.open_empty()
  local path = os.tmpname()
  os.remove(path)
  os.execute("mkfifo " .. path)
  local pipe, fd = pipes.open("timeout 30 cat " .. path, "r") -- so long, if the test fails
  return pipe, fd, function()
    local fifo = assert(io.open(path, "w")) -- waits until the command reads it
    fifo:write("hello\n")
    fifo:close()
    os.remove(path)
  end
end

return pipes
