/* Lua coroutines as tasks. A step of the task resumes the coroutine. A function that waits writes down what it awaits
 * (await.c) and yields; then the step makes the task await it. When the task is resumed, the waiting function returns
 * or raises the outcome. */
#ifndef BOUCLE_LUA_TASKS_H
#define BOUCLE_LUA_TASKS_H

#include <boucle/boucle.h>

#include "compat.h"

/* Creates a task that calls the function at `index` of the stack with the arguments above it, all of which it pops.
 * Returns a new reference. If group is not NULL, the task is created in it, and loop is not used. May raise a Lua
 * error; `name` is the name of the called function. */
future_t *task_spawn(lua_State *L, loop_t *loop, task_group_t *group, int index, const char *name);

void tasks_register(lua_State *L);

#endif
