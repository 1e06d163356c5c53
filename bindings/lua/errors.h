/* Lua errors as the core's exceptions, and back.
 *
 * In the core, a Lua error is the userdata of a foreign exception; the interpreter that raised it gets back the same
 * value (rawequal). In Lua, an exception of the core is a userdata with kind, message, cause, members, notes
 * and status. */
#ifndef BOUCLE_LUA_ERRORS_H
#define BOUCLE_LUA_ERRORS_H

#include <boucle/boucle.h>

#include "compat.h"
#include "interpreter.h"

/* Returns a new reference to the exception for the error value at `index`. `thread` is the coroutine that the error
 * ended, for the traceback; or NULL. May raise a Lua error. */
exception_t *exception_from_lua(lua_State *L, int index, lua_State *thread);
/* Pushes the error value for the exception, as pcall returns it. */
void error_push(lua_State *L, exception_t *exception);
/* The same; it also gives up the caller's reference, even if it raises an error. */
void error_push_owned(lua_State *L, exception_t *exception);
/* The same; then it raises the error value. */
int error_raise(lua_State *L, exception_t *exception);
/* Raises the exception that the status stands for. `name` is the name of the called function. */
int raise_status(lua_State *L, int status, const char *name);
/* Pushes what raise_status raises; it raises no error itself. */
void status_push(lua_State *L, int status, const char *name);
/* Raises a new exception. */
int raise_text(lua_State *L, const char *kind, const char *message);
/* Writes the exception of a future that is done without a result, a new reference. Returns a status; if it fails, it
 * writes nothing. */
int exception_of_done(future_t *future, exception_t **ret_exception);
/* Raises the exception of such a future. */
int raise_of_future(lua_State *L, future_t *future);

void errors_register(lua_State *L);

#endif
