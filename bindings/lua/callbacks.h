/* Lua functions as the core's callbacks: each is called under protection; its error goes to the loop. */
#ifndef BOUCLE_LUA_CALLBACKS_H
#define BOUCLE_LUA_CALLBACKS_H

#include <boucle/boucle.h>

#include "compat.h"
#include "held_values.h"
#include "interpreter.h"

struct callback {
  struct held_value held; /* the function, on interpreter->callbacks; the loop is that of the subject */
  struct interpreter *interpreter;
  const void *subject; /* what it was added to, by which it is found again */
};

/* A callback for the function at `index` of the stack and the arguments above it, which it pops. */
struct callback *callback_new(lua_State *L, int index, const loop_t *loop, const void *subject);
void callback_destroy(void *userdata);
/* A loop_callback_fn: calls the function without arguments. */
void callback_call(loop_t *loop, void *userdata);
/* Pushes its function. */
void callback_push(lua_State *L, const struct callback *callback);

void callbacks_register(lua_State *L);

#endif
