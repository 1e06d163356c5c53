/* The interface that SWIG reads: the public headers, as each language sees them. A language's own file comes first, for
 * its typemaps must be known when the declarations are read. */
%module boucle

%{
#include <boucle/boucle.h>
%}

%include <stdint.i>

/* LOOP_EKIND and the like are constants under their own names; convention 6 leaves nothing else to be adapted. */

#if defined(SWIGLUA)
%include "lua/boucle_lua.i"
#elif defined(SWIGGO)
%include "go/boucle_go.i"
#endif
