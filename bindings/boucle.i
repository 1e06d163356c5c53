/* The interface that SWIG reads: the public headers, as each language sees them. A language's own file comes first, for
 * its typemaps must be known when the declarations are read. */
%module boucle

%{
#include <boucle/boucle.h>
%}

%include <stdint.i>

/* Lua's file declares the classes of its own: what a method is there, and what waits. */
#if defined(SWIGLUA)
%include "lua/boucle_lua.i"
#else

#if defined(SWIGGO)
%include "go/boucle_go.i"
#endif

%include <boucle/base.h>
%include <boucle/status.h>
%include <boucle/value.h>
%include <boucle/exception.h>
%include <boucle/handle.h>
%include <boucle/report.h>
%include <boucle/loop.h>
%include <boucle/future.h>
%include <boucle/task.h>
%include <boucle/coroutine.h>
%include <boucle/combine.h>
%include <boucle/sync.h>
%include <boucle/queue.h>
%include <boucle/context.h>
%include <boucle/host.h>
%include <boucle/socket.h>
%include <boucle/address.h>
%include <boucle/dns.h>
#endif
