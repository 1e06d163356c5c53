/* Lua coroutines as tasks. A step resumes the coroutine; whatever suspends it says to the task what it waits for, and
 * yields. The outcome is pushed, or raised, inside the coroutine again, where an error is protected. */
#ifndef BOUCLE_LUA_TASKS_H
#define BOUCLE_LUA_TASKS_H

#include <boucle/boucle.h>

#include "compat.h"

/* Makes a task of the function at `index` of the stack and the arguments above it, which it pops. `group` may be NULL.
 * Returns a new reference. Raises a Lua error. */
future_t *task_spawn(lua_State *L, loop_t *loop, task_group_t *group, int index, const char *name);

void tasks_register(lua_State *L);

#endif
