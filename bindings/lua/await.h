/* Waiting in the coroutine of a task. */
#ifndef BOUCLE_LUA_AWAIT_H
#define BOUCLE_LUA_AWAIT_H

#include <boucle/boucle.h>

#include "compat.h"

/* Raises an error unless L is the coroutine of the running task. `name` is the name of the called function. */
void check_can_wait(lua_State *L, const char *name);
/* The same; it also raises an error if L cannot be suspended here. */
void check_can_suspend(lua_State *L, const char *name);
/* A C function that waits ends with `return wait_for_...(...)`: when the task is resumed, the function returns the
 * outcome, or raises it. Call check_can_suspend before. */
/* The future may be done already, so check_can_wait is enough. */
int wait_for_future(lua_State *L, future_t *future);
/* These two take over the caller's reference. */
int wait_for_owned_future(lua_State *L, future_t *future);
int wait_for_coroutine(lua_State *L, coroutine_t *coroutine);
int wait_for_time(lua_State *L, double seconds);

void await_register(lua_State *L);

#endif
