/* The functions of boucle/boucle_lua.h, for programs that embed Lua. */
#ifndef BOUCLE_LUA_EMBEDDING_H
#define BOUCLE_LUA_EMBEDDING_H

#include "compat.h"

/* Puts the table of these functions into the registry. */
void embedding_register(lua_State *L);

#endif
