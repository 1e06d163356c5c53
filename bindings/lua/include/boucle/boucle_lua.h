/* For programs in C that embed Lua: functions that push objects of the core into a Lua state, and get them back.
 *
 * The program loads the module into its Lua state (`require "boucle"`), and asks for this table of functions. It links
 * to libboucle and to its own Lua, never to the module.
 *
 *     const boucle_lua_t *lua = boucle_lua_get(L);   // NULL: the module is not loaded
 *     lua->push_loop(L, loop);                       // C, Lua or Go may run the loop
 *
 * A Lua state may be used only by the thread that runs the loop at that moment.
 *
 * All functions may raise Lua errors, at least if there is no memory: call them in protected mode. An object that is
 * pushed gets a reference of its own. The to_... functions return NULL if the value is something else. What they
 * return is lent for as long as the Lua value lives, unless the comment says "a new reference". */
#ifndef BOUCLE_LUA_H
#define BOUCLE_LUA_H

#include <boucle/boucle.h>
#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Later versions only append to it. */
typedef struct boucle_lua {
  size_t size; /* of this table */

  void (*push_loop)(lua_State *L, loop_t *loop);
  loop_t *(*to_loop)(lua_State *L, int index);
  /* A future, or a task. */
  void (*push_future)(lua_State *L, future_t *future);
  future_t *(*to_future)(lua_State *L, int index);
  /* Lua can await it once. */
  void (*push_coroutine)(lua_State *L, coroutine_t *coroutine);
  /* Pushes a value as Lua gets the result of a future: number, string, table for a list, and so on. */
  void (*push_value)(lua_State *L, const value_t *value);
  /* Returns a new reference. */
  value_t *(*to_value)(lua_State *L, int index);
  /* Pushes the error value that pcall returns for it. */
  void (*push_exception)(lua_State *L, exception_t *exception);
  /* Returns a new reference to the exception for any error value. */
  exception_t *(*to_exception)(lua_State *L, int index);
  /* Creates a task that calls the function at `index` with the arguments above it, all of which it pops. Returns a new
   * reference. */
  future_t *(*ensure_future)(lua_State *L, loop_t *loop, int index);
} boucle_lua_t;

/* Returns the table; NULL if the module is not loaded into the Lua state. */
static inline const boucle_lua_t *boucle_lua_get(lua_State *L) {
  const boucle_lua_t *found;
  lua_getfield(L, LUA_REGISTRYINDEX, "boucle.lua");
  found = (const boucle_lua_t *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return found;
}

#ifdef __cplusplus
}
#endif

#endif
