/* What the parts of the module share with its root. */
#ifndef BOUCLE_LUA_MODULE_H
#define BOUCLE_LUA_MODULE_H

#include "compat.h"

/* The chunk name of the module's own Lua code, as debug.getinfo shows it. */
#define MODULE_SOURCE_NAME "boucle.lua"
#define MODULE_CHUNK_NAME "=" MODULE_SOURCE_NAME

/* Each puts its functions into the table on the top of the stack. */
void arguments_register(lua_State *L);
void handles_register(lua_State *L);
void errors_register(lua_State *L);
void tasks_register(lua_State *L);
void waits_register(lua_State *L);
void futures_register(lua_State *L);
void callbacks_register(lua_State *L);
void watchers_register(lua_State *L);
void loops_register(lua_State *L);
/* Only this one wants the module's table there. */
void boucle_lua_register(lua_State *L);

/* `require "boucle"` */
__attribute__((visibility("default"))) int luaopen_boucle(lua_State *L);

#endif
