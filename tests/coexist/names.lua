-- LuaJIT's cdef reads the declarations, symbols included: names.lua PREPROCESSED_HEADER.
local ffi = require "ffi"

local file = assert(io.open(arg[1]))
ffi.cdef(file:read "a")
file:close()

local library = ffi.load "boucle"
local loop, event = ffi.new "loop_t *[1]", ffi.new "event_t *[1]"
assert(library.loop_new(nil, loop) == 0)
assert(library.event_new(loop[0], event) == 0 and library.event_set(event[0]) == 0)
assert(library.event_is_set(event[0]) == 1)
library.event_unref(event[0])
library.loop_unref(loop[0])
print "both work"
