/* Lua on a loop that Go runs. Code that may raise a Lua error is called by lua_pcall, so no error passes a frame of Go. */
#include <boucle/boucle_lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "_cgo_export.h"
#include "three.h"

static int brew_by_go(lua_State *L) {
  future_t *task = brew((char *)luaL_checkstring(L, 1));
  boucle_lua_get(L)->push_future(L, task);
  return 1;
}

static int prepare(lua_State *L) {
  luaL_openlibs(L);
  lua_register(L, "brew", brew_by_go);
  if (luaL_loadstring(L, lua_touserdata(L, 1)) != LUA_OK) return lua_error(L);
  lua_call(L, 0, 0);
  return 0;
}

struct call {
  loop_t *loop;
  const char *function, *argument;
  future_t *task;
};

static int call(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  lua_getglobal(L, call->function);
  lua_pushstring(L, call->argument);
  call->task = boucle_lua_get(L)->ensure_future(L, call->loop, 2);
  return 0;
}

static int protect(lua_State *L, lua_CFunction fn, void *argument) {
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, argument);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 1;
  fprintf(stderr, "lua: %s\n", lua_tostring(L, -1));
  lua_pop(L, 1);
  return 0;
}

lua_State *guest_new(const char *program) {
  lua_State *L = luaL_newstate();
  if (L == NULL || protect(L, prepare, (void *)program)) return L;
  lua_close(L);
  return NULL;
}

future_t *guest_start(lua_State *L, loop_t *loop, const char *function, const char *argument) {
  struct call task = {loop, function, argument, NULL};
  protect(L, call, &task);
  return task.task;
}
