-- Pipes from and to commands, with their descriptors: Lua has no function for the descriptor of a file.
local pipes = {}

-- Returns the open pipes of this process: descriptor -> name. One of them is the pipe from `ls`.
local function opened()
  local found, links = {}, io.popen("ls -l /proc/$PPID/fd")
  for line in links:lines() do
    local fd, pipe = line:match("(%d+) %-> (pipe:.*)$")
    if fd then found[tonumber(fd)] = pipe end
  end
  links:close()
  return found
end

-- Opens a pipe from a command ("r"), or to one ("w"). Returns it and its descriptor.
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

-- Opens a pipe from which nothing can be read until release() is called, and then a line. Returns it, its descriptor,
-- and release, which must be called before the pipe is closed: that waits for the command.
function pipes.open_empty()
  local path = os.tmpname()
  os.remove(path)
  os.execute("mkfifo " .. path)
  local pipe, fd = pipes.open("timeout 30 cat " .. path, "r") -- it ends even if the test fails
  return pipe, fd, function()
    local fifo = assert(io.open(path, "w")) -- waits until the command reads it
    fifo:write("hello\n")
    fifo:close()
    os.remove(path)
  end
end

return pipes
