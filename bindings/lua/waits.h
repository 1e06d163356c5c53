/* The functions that wait: what is a coroutine function in asyncio suspends the running task when it is called. */
#ifndef BOUCLE_LUA_WAITS_H
#define BOUCLE_LUA_WAITS_H

#include "compat.h"

void waits_register(lua_State *L);

#endif
