/* A Lua value that the core holds: in the registry, or, once its loop is closed, in the loop's userdata.
 *
 * What a closed loop still holds (the coroutines of pending tasks, the exception handler) is of use only to those who
 * have the loop. From the registry it would keep the loop alive if it refers to it, for ever: Lua's collector does not
 * see that the loop holds it. In the userdata it is a cycle that the collector sees. */
#ifndef BOUCLE_LUA_HELD_VALUES_H
#define BOUCLE_LUA_HELD_VALUES_H

#include <boucle/boucle.h>

#include "compat.h"

struct interpreter;

struct held_value {
  int reference;
  const loop_t *attached_to; /* the loop in whose userdata it is; NULL: it is in the registry */
};
#define HELD_VALUE_NONE ((struct held_value){LUA_NOREF, NULL})

/* Holds the value at `index`. May raise a Lua error. */
void held_value_set(lua_State *L, int index, struct held_value *ret_value);
/* Pushes the value; nil if it cannot be had any more. */
void held_value_push(lua_State *L, const struct held_value *held);
void held_value_free(lua_State *L, struct held_value *held);
/* Moves all that the closed loop at `index` of the stack holds from the registry into its userdata. */
void held_values_attach(lua_State *L, int index, const loop_t *loop);

#endif
