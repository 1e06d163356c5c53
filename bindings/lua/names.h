/* Addresses, and look-ups of names. */
#ifndef BOUCLE_LUA_NAMES_H
#define BOUCLE_LUA_NAMES_H

#include "compat.h"

void names_register(lua_State *L);

#endif
