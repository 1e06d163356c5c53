/* Running loops from Lua, and the tasks of a loop. */
#ifndef BOUCLE_LUA_LOOPS_H
#define BOUCLE_LUA_LOOPS_H

#include "compat.h"

void loops_register(lua_State *L);

#endif
