/* Futures in Lua: their outcomes, and the combinators that make one future of several. */
#ifndef BOUCLE_LUA_FUTURES_H
#define BOUCLE_LUA_FUTURES_H

#include <boucle/boucle.h>

#include "compat.h"

/* Returns the futures of the table at `index`, lent, in a buffer that it pushes. Raises an error if an item is none. */
future_t **check_futures(lua_State *L, int index, size_t *ret_count, const char *name);

void futures_register(lua_State *L);

#endif
