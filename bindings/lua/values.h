/* Lua values as the core's values, and back.
 *
 * nil, booleans, integers, floats and strings are converted. All other values become foreign values, from which the
 * same interpreter gets back the same Lua value. */
#ifndef BOUCLE_LUA_VALUES_H
#define BOUCLE_LUA_VALUES_H

#include <boucle/boucle.h>

#include "compat.h"

/* Returns a new reference; NULL for nil. Raises a Lua error only if there is no memory. */
value_t *value_from_lua(lua_State *L, int index);
/* The same, but it returns a status and raises no error. LOOP_EKIND: only value_from_lua can convert this value. */
int value_from_simple(lua_State *L, int index, value_t **ret_value);
/* Pushes the value. Raises a Lua error only if there is no memory. */
void value_push(lua_State *L, const value_t *value);
/* The same; it also gives up the caller's reference, even if it raises an error. */
void value_push_owned(lua_State *L, value_t *value);

#endif
