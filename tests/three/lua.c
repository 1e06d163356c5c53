#include <boucle/boucle_lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "_cgo_export.h"
#include "world.h"

/* ---- what Lua calls ---- */

static loop_t *loop_of(lua_State *L) {
  lua_getglobal(L, "loop");
  loop_t *loop = boucle_lua_get(L)->to_loop(L, -1);
  lua_pop(L, 1);
  return loop;
}

static int give_future(lua_State *L, future_t *future) {
  boucle_lua_get(L)->push_future(L, future);
  future_unref(future);
  return 1;
}

/* go(name): the task that Go starts. */
static int call_go(lua_State *L) {
  boucle_lua_get(L)->push_future(L, goStart((char *)luaL_checkstring(L, 1)));
  return 1;
}

/* call(): whatever the test is about. */
static int call_called(lua_State *L) {
  (void)L;
  goCall();
  return 0;
}

/* later(delay, value): a future of C's. */
static int call_later(lua_State *L) {
  double delay = luaL_checknumber(L, 1);
  value_t *value = boucle_lua_get(L)->to_value(L, 2);
  future_t *future = c_later(loop_of(L), delay, NULL, value);
  value_unref(value);
  return give_future(L, future);
}

/* fail(delay, kind): a future of C's that fails. */
static int call_fail(lua_State *L) {
  return give_future(L, c_later(loop_of(L), luaL_checknumber(L, 1), luaL_checkstring(L, 2), NULL));
}

/* c(future): a task of C's that awaits it. */
static int call_await(lua_State *L) {
  return give_future(L, c_await(loop_of(L), boucle_lua_get(L)->to_future(L, 1)));
}

static int call_note(lua_State *L) {
  note("Lua", luaL_tolstring(L, 1, NULL));
  return 0;
}

/* ---- what Go calls ---- */

struct call {
  loop_t *loop;
  const char *code;
  future_t *future;
  value_t *value;
  future_t *task;
};

static int protect(lua_State *L, lua_CFunction fn, void *argument) {
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, argument);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 0;
  note("Lua", luaL_tolstring(L, -1, NULL));
  lua_pop(L, 2);
  return -1;
}

static int prepare(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"go", call_go},  {"call", call_called}, {"later", call_later}, {"fail", call_fail},
      {"c", call_await}, {"note", call_note},   {NULL, NULL},
  };
  luaL_openlibs(L);
  lua_pushglobaltable(L);
  luaL_setfuncs(L, functions, 0);
  if (luaL_dostring(L, "boucle = require 'boucle'")) return lua_error(L);
  boucle_lua_get(L)->push_loop(L, lua_touserdata(L, 1));
  lua_setglobal(L, "loop");
  return 0;
}

lua_State *lua_open(loop_t *loop) {
  lua_State *L = luaL_newstate();
  if (protect(L, prepare, loop) == 0) return L;
  fputs(take_notes(), stderr);
  lua_close(L);
  return NULL;
}

static int start(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  const boucle_lua_t *lua = boucle_lua_get(L);
  if (luaL_loadstring(L, call->code) != LUA_OK) return lua_error(L);
  if (call->future != NULL) lua->push_future(L, call->future);
  lua->push_value(L, call->value);
  call->task = lua->ensure_future(L, call->loop, 2);
  return 0;
}

future_t *lua_start(lua_State *L, loop_t *loop, const char *code, future_t *future, value_t *value) {
  struct call call = {loop, code, future, value, NULL};
  protect(L, start, &call);
  return call.task;
}

static int run(lua_State *L) {
  struct call *call = lua_touserdata(L, 1);
  if (luaL_loadstring(L, call->code) != LUA_OK) return lua_error(L);
  lua_call(L, 0, 1);
  call->value = boucle_lua_get(L)->to_value(L, -1);
  return 0;
}

int lua_run(lua_State *L, const char *code, value_t **ret_value) {
  struct call call = {NULL, code, NULL, NULL, NULL};
  int status = protect(L, run, &call);
  *ret_value = call.value;
  return status;
}
