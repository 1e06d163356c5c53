/* Lua values that the core holds for a task or a callback.
 *
 * A held value is in the registry. When its loop is closed, it moves into a table that is attached to the loop's
 * userdata. The reason: a closed loop still holds values (coroutines of pending tasks, the exception handler), and they
 * often refer to the loop. In the registry they would keep the loop alive for ever, because Lua's collector cannot see
 * that the loop holds them. In the attached table, loop and values are a cycle that the collector can free. */
#ifndef BOUCLE_LUA_HELD_VALUES_H
#define BOUCLE_LUA_HELD_VALUES_H

#include <boucle/boucle.h>

#include "compat.h"

/* The first member of struct lua_task and of struct callback. */
struct held_value {
  struct held_value *next, **link; /* in a list of the interpreter */
  const loop_t *loop;
  const loop_t *attached_to; /* the loop whose userdata has it; NULL: the registry has it */
  int reference;             /* of luaL_ref */
};

/* Puts the value at `index` into the registry, and returns the reference to it. May raise a Lua error. */
int held_value_reference(lua_State *L, int index);
/* Initializes `held` with a reference, and adds it to the list. */
void held_value_add(struct held_value **list, struct held_value *held, int reference, const loop_t *loop);
/* Removes it from its list. */
void held_value_remove(struct held_value *held);
/* Pushes the value; pushes nil if it was collected together with its loop. */
void held_value_push(lua_State *L, const struct held_value *held);
/* Releases the value. */
void held_value_free(lua_State *L, struct held_value *held);
/* Moves the held values of a closed loop from the registry to its userdata, which is at `index`. */
void held_values_attach(lua_State *L, int index, const loop_t *loop);

#endif
