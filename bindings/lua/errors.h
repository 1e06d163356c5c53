/* Lua errors as the core's exceptions, and back.
 *
 * A Lua error that passes through the core is the payload of an exception, and comes back rawequal in its own interpreter;
 * an exception of the core's is a userdata with kind, message, cause, members, notes and status. */
#ifndef BOUCLE_LUA_ERRORS_H
#define BOUCLE_LUA_ERRORS_H

#include <boucle/boucle.h>

#include "compat.h"
#include "interpreter.h"

/* The exception for the error value at index: a new reference. `thread` is the coroutine that it ended, for the
 * traceback, or NULL. May raise a Lua error. */
exception_t *exception_from_lua(lua_State *L, int index, lua_State *thread);
/* Pushes what pcall is to return for the exception. */
void error_push(lua_State *L, exception_t *exception);
/* The same for a reference that the caller owns: it is given up, also on error. */
void error_push_owned(lua_State *L, exception_t *exception);
/* The same, and raises it. */
int error_raise(lua_State *L, exception_t *exception);
/* Raises the exception that a status stands for, or one of our own making. */
int raise_status(lua_State *L, int status, const char *name);
/* Pushes what raise_status raises; raises no error itself. */
void status_push(lua_State *L, int status, const char *name);
int raise_text(lua_State *L, const char *kind, const char *message);
/* Why that done future has no result: a new reference; or NULL, and returns the status. */
int exception_of_done(future_t *future, exception_t **ret_exception);
int raise_of_future(lua_State *L, future_t *future);

void errors_register(lua_State *L);

#endif
