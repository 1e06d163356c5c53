/* Arguments as Lua checks them, with Lua's messages: "bad argument #1 to 'sleep' (number expected, got nil)".
 *
 * Unlike luaL_argerror these know the function's name also where Lua does not, and blame the caller's line, not one of
 * this module's. Each raises a Lua error: check before taking ownership of anything. */
#ifndef BOUCLE_LUA_ARGUMENTS_H
#define BOUCLE_LUA_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "compat.h"

/* The chunk name of the module's own Lua code, as debug.getinfo shows it. */
#define MODULE_SOURCE_NAME "boucle.lua"

int bad_argument(lua_State *L, int index, const char *name, const char *message);
int bad_type(lua_State *L, int index, const char *name, const char *expected);

/* The type of the value, as messages name it. */
const char *type_name(lua_State *L, int index);
/* "release" of "BoucleLock_release". */
const char *method_name(const char *name);
/* Raises the message, blaming the caller's line. */
int raise_message(lua_State *L, const char *message);

double check_number(lua_State *L, int index, const char *name);
int check_int(lua_State *L, int index, const char *name);
int64_t check_integer(lua_State *L, int index, const char *name);
/* Not negative. */
size_t check_size(lua_State *L, int index, const char *name);
/* The default for nil, or for nothing. */
double optional_number(lua_State *L, int index, double default_value, const char *name);
size_t optional_size(lua_State *L, int index, size_t default_value, const char *name);
/* Without NULs inside. */
const char *check_text(lua_State *L, int index, const char *name);
const char *optional_text(lua_State *L, int index, const char *name);
/* A function, or what can be called as one. */
void check_function(lua_State *L, int index, const char *name);

void arguments_register(lua_State *L);

#endif
