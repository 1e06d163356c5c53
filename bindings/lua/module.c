/* The module: SWIG's functions, the functions in C of this folder, and the parts in Lua (idiom/). */
#include <string.h>

#include "arguments.h"
#include "await.h"
#include "callbacks.h"
#include "embedding.h"
#include "errors.h"
#include "futures.h"
#include "handles.h"
#include "interpreter.h"
#include "loops.h"
#include "names.h"
#include "sources.h"
#include "tasks.h"
#include "waits.h"
#include "watchers.h"

int luaopen_boucle_raw(lua_State *L);

/* SWIG's initialization writes these globals. Another module's may be there: they are restored. */
static const char *const globals[] = {"swig_type", "swig_equals", "swig_runtime_data_type_pointer4boucle"};
enum { GLOBALS = sizeof globals / sizeof *globals };

static void open_raw(lua_State *L) {
  for (int i = 0; i < GLOBALS; i++) lua_getglobal(L, globals[i]);
  lua_pushcfunction(L, luaopen_boucle_raw);
  lua_call(L, 0, 1);
  lua_insert(L, -GLOBALS - 1);
  for (int i = GLOBALS - 1; i >= 0; i--) lua_setglobal(L, globals[i]);
}

/* Pushes a table with SWIG's methods of the class. */
static void push_methods(lua_State *L, const char *class) {
  lua_createtable(L, 0, 8);
  lua_getfield(L, LUA_REGISTRYINDEX, "SWIG");
  lua_pushfstring(L, "Boucle%s", class);
  lua_rawget(L, -2);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, ".fn");
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
      if (strncmp(lua_tostring(L, -2), "__", 2) == 0)
        continue; /* SWIG's own metamethods do not check their arguments */
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -8);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

/* raw.classes: class name -> table of methods, to which the parts in Lua add. */
static void register_classes(lua_State *L) {
  lua_createtable(L, 0, HANDLE_KINDS);
  for (int kind = 0; kind < HANDLE_KINDS; kind++) {
    push_methods(L, handle_name(kind));
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, handle_name(kind));
    handle_register(L, kind);
  }
  lua_setfield(L, -2, "classes");
}

/* Each part in Lua gets two arguments: the table of C functions, and the module, to which it adds functions. */
static void run_sources(lua_State *L, int raw, int module) {
  for (const struct source *source = sources; source->text != NULL; source++) {
    if (luaL_loadbuffer(L, source->text, source->size, "=" MODULE_SOURCE_NAME) != LUA_OK) lua_error(L);
    lua_pushvalue(L, raw);
    lua_pushvalue(L, module);
    lua_call(L, 2, 0);
  }
}

static int close_module(lua_State *L) {
  struct interpreter *interpreter = interpreter_close(L);
  if (interpreter == NULL) return 0;
  /* Lua 5.4 does not collect userdata that are created while the state is closed, as the exception of a report. */
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter->objects);
  if (lua_istable(L, -1)) handle_release_all(L);
  interpreter_unref(interpreter);
  return 0;
}

/* `require "boucle"` */
__attribute__((visibility("default"))) int luaopen_boucle(lua_State *L);

int luaopen_boucle(lua_State *L) {
  lua_settop(L, 0);
  interpreter_open(L, close_module);
  open_raw(L);
  register_classes(L);
  arguments_register(L);
  handles_register(L);
  errors_register(L);
  tasks_register(L);
  await_register(L);
  waits_register(L);
  futures_register(L);
  callbacks_register(L);
  watchers_register(L);
  loops_register(L);
  names_register(L);
  lua_createtable(L, 0, 64);
  run_sources(L, 1, 2);
  embedding_register(L);
  return 1;
}
