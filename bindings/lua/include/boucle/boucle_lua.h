/* For programs in C that embed Lua: the core's objects in a Lua state, and back.
 *
 * The program loads the module into its state (`require "boucle"`), and asks for this table of functions. It links
 * against libboucle and its own Lua, never against the module.
 *
 *     const boucle_lua_t *lua = boucle_lua_get(L);   // NULL: the module is not loaded
 *     lua->push_loop(L, loop);                       // now Lua has the loop, and C runs it, or the reverse; or Go
 *
 * A state belongs to whoever has the loop's turn, on whatever thread that is.
 *
 * All functions may raise Lua errors, for want of memory at least: call them under protection. Objects that they push
 * keep a reference of their own; what to_... returns is lent for as long as its Lua value lives, NULL if it is something
 * else, unless it says "a new reference". */
#ifndef BOUCLE_LUA_H
#define BOUCLE_LUA_H

#include <boucle/boucle.h>
#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Only ever appended to. */
typedef struct boucle_lua {
  size_t size; /* of this table */

  void (*push_loop)(lua_State *L, loop_t *loop);
  loop_t *(*to_loop)(lua_State *L, int index);
  /* A future, or a task. */
  void (*push_future)(lua_State *L, future_t *future);
  future_t *(*to_future)(lua_State *L, int index);
  /* To be awaited by Lua, once. */
  void (*push_coroutine)(lua_State *L, coroutine_t *coroutine);
  /* As Lua sees results: numbers, strings, tables that are lists, its own objects. */
  void (*push_value)(lua_State *L, const value_t *value);
  /* A new reference. */
  value_t *(*to_value)(lua_State *L, int index);
  /* As pcall would return it. */
  void (*push_exception)(lua_State *L, exception_t *exception);
  /* A new reference, for any error value. */
  exception_t *(*to_exception)(lua_State *L, int index);
  /* A task that calls the function at `index` with the arguments above it, which are popped: a new reference. */
  future_t *(*ensure_future)(lua_State *L, loop_t *loop, int index);
} boucle_lua_t;

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
