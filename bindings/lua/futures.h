/* Futures from Lua's point of view: outcomes, and the combinators that make futures of futures. */
#ifndef BOUCLE_LUA_FUTURES_H
#define BOUCLE_LUA_FUTURES_H

#include <boucle/boucle.h>

#include "compat.h"

/* The futures of the table at `index`, lent, in a buffer that is pushed. */
future_t **check_futures(lua_State *L, int index, size_t *ret_count, const char *name);

void futures_register(lua_State *L);

#endif
