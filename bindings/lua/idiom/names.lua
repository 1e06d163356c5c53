-- Look-ups of names, which suspend the task.
local raw, boucle = ...
local waits, running = raw.waits, raw.running
local start_getaddrinfo, start_getnameinfo = raw.getaddrinfo, raw.getnameinfo
local family_name, socket_type_name = raw.family_name, raw.socket_type_name

boucle.address = raw.address
boucle.unix_address = raw.unix_address

raw.define_on_running_loop("getaddrinfo", function(host, service, options)
  raw.check_can_wait("getaddrinfo")
  local found = waits.await(start_getaddrinfo(running(), host, service, options))
  local results = {}
  for index = 1, found.n do
    local item = found[index]
    results[index] = {
      family = family_name(item[1]), type = socket_type_name(item[2]), protocol = item[3], canonical_name = item[4], address = item[5],
    }
  end
  return results
end)

raw.define_on_running_loop("getnameinfo", function(address, options)
  raw.check_can_wait("getnameinfo")
  local names = waits.await(start_getnameinfo(running(), address, options))
  return names[1], names[2]
end)
