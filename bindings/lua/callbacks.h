/* Lua functions as callbacks of the core. They are called in protected mode; their errors go to the loop. */
#ifndef BOUCLE_LUA_CALLBACKS_H
#define BOUCLE_LUA_CALLBACKS_H

#include <boucle/boucle.h>

#include "compat.h"
#include "held_values.h"
#include "interpreter.h"

struct callback {
  struct held_value held; /* the function, in the list interpreter->callbacks; the loop is that of the subject */
  struct interpreter *interpreter;
  const void *subject; /* the object that it was added to: remove_done_callback looks for it */
};

/* Returns a new callback for the function at `index` of the stack and the arguments above it, all of which it pops. May
 * raise a Lua error. */
struct callback *callback_new(lua_State *L, int index, const loop_t *loop, const void *subject);
/* A destroy_fn. */
void callback_destroy(void *userdata);
/* A loop_callback_fn. */
void callback_call(loop_t *loop, void *userdata);
/* Pushes the function. */
void callback_push(lua_State *L, const struct callback *callback);

void callbacks_register(lua_State *L);

#endif
