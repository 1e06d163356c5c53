/* The functions that wait. A coroutine function of asyncio is, in Lua, a function that suspends the running task. */
#ifndef BOUCLE_LUA_WAITS_H
#define BOUCLE_LUA_WAITS_H

#include "compat.h"

void waits_register(lua_State *L);

#endif
