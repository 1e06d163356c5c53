/* Lua values as the core's values, and back.
 *
 * nil, booleans, integers, floats and strings become the core's own; all else travels as a foreign value, and comes back
 * as itself in its own interpreter. */
#ifndef BOUCLE_LUA_VALUES_H
#define BOUCLE_LUA_VALUES_H

#include <boucle/boucle.h>

#include "compat.h"

/* A new reference, or NULL for nil. Raises a Lua error only for want of memory. */
value_t *value_from_lua(lua_State *L, int index);
/* The same without raising errors; LOOP_EKIND for what only value_from_lua can take. */
int value_from_simple(lua_State *L, int index, value_t **ret_value);
/* May raise a Lua error, for want of memory. */
void value_push(lua_State *L, const value_t *value);
/* The same for a reference that the caller owns: it is given up, also on error. */
void value_push_owned(lua_State *L, value_t *value);

#endif
