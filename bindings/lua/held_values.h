/* A Lua value that the core holds: in the registry, or, once its loop is closed, in the loop's userdata.
 *
 * What a closed loop still holds (the coroutines of pending tasks, the exception handler) is of use only to those who
 * have the loop. From the registry it would keep the loop alive if it refers to it, for ever: Lua's collector does not
 * see that the loop holds it. In the userdata it is a cycle that the collector sees. */
#ifndef BOUCLE_LUA_HELD_VALUES_H
#define BOUCLE_LUA_HELD_VALUES_H

#include <boucle/boucle.h>

#include "compat.h"

/* The first member of a task and of a callback. */
struct held_value {
  struct held_value *next, **link; /* on a list of the interpreter's */
  const loop_t *loop;
  const loop_t *attached_to; /* the loop in whose userdata it is; NULL: it is in the registry */
  int reference;
};

/* Puts the value at `index` into the registry. Returns its reference. May raise a Lua error. */
int held_value_reference(lua_State *L, int index);
/* Holds the value of the reference, and puts it on the list. */
void held_value_add(struct held_value **list, struct held_value *held, int reference, const loop_t *loop);
/* Takes it off its list. */
void held_value_remove(struct held_value *held);
/* Pushes the value; nil if it was collected. */
void held_value_push(lua_State *L, const struct held_value *held);
void held_value_free(lua_State *L, struct held_value *held);
/* Moves all values of the closed loop at `index` of the stack from the registry into its userdata. */
void held_values_attach(lua_State *L, int index, const loop_t *loop);

#endif
