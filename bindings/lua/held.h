/* A Lua value that the core holds: in the registry, or, once its loop is closed, in the loop's userdata.
 *
 * What a closed loop still holds (the coroutines of pending tasks, the exception handler) is of use only to those who
 * have the loop. From the registry it would keep the loop alive if it refers to it, for ever: Lua's collector does not
 * see that the loop holds it. In the userdata it is a cycle that the collector sees. */
#ifndef BOUCLE_LUA_HELD_H
#define BOUCLE_LUA_HELD_H

#include <boucle/boucle.h>

#include "compat.h"

struct interpreter;

struct held {
  int reference;
  const loop_t *parked; /* the loop in whose userdata it is; NULL: it is in the registry */
};
#define HELD_NOTHING ((struct held){LUA_NOREF, NULL})

/* Holds the value at `index`. May raise a Lua error. */
void held_set(lua_State *L, int index, struct held *ret_held);
/* Pushes the value; nil if it cannot be had any more. */
void held_push(lua_State *L, const struct held *held);
void held_free(lua_State *L, struct held *held);
/* Moves all that the closed loop at `index` of the stack holds from the registry into its userdata. */
void held_park(lua_State *L, int index, const loop_t *loop);

#endif
