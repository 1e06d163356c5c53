/* Waiting inside the coroutine of a task. */
#ifndef BOUCLE_LUA_AWAIT_H
#define BOUCLE_LUA_AWAIT_H

#include <boucle/boucle.h>

#include "compat.h"

/* Raise an error unless L is the coroutine of the task that is running. */
void check_can_wait(lua_State *L, const char *name);
/* The same, and unless it can be suspended here. */
void check_can_suspend(lua_State *L, const char *name);
/* What a function returns in order to wait. That of a coroutine takes over the reference. After check_can_suspend; for a
 * future, which may be done already, after check_can_wait; it is on the stack. */
int wait_for_future(lua_State *L, future_t *future);
int wait_for_coroutine(lua_State *L, coroutine_t *coroutine);
int wait_for_time(lua_State *L, double seconds);

void await_register(lua_State *L);

#endif
