/* Checks of arguments, with Lua's messages: "bad argument #1 to 'sleep' (number expected, got nil)".
 *
 * Unlike luaL_argerror, these functions know the name of the called function even where Lua does not, and the message
 * points to the line of the module's user, not to one of the module. Each raises a Lua error on failure: check the
 * arguments before anything is owned. `index` counts from 1; `name` is the name of the called function. */
#ifndef BOUCLE_LUA_ARGUMENTS_H
#define BOUCLE_LUA_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "compat.h"

/* The chunk name of the module's own Lua code, as debug.getinfo shows it. */
#define MODULE_SOURCE_NAME "boucle.lua"

/* Raises "bad argument #index to 'name' (message)". */
int bad_argument(lua_State *L, int index, const char *name, const char *message);
/* The same; the message is "EXPECTED expected, got TYPE". */
int bad_type(lua_State *L, int index, const char *name, const char *expected);

/* Returns the name of the value's type, for messages; may push something. */
const char *type_name(lua_State *L, int index);
/* Returns the name that users know: "release" for SWIG's "BoucleLock_release". */
const char *method_name(const char *name);
/* Raises the message, with the line of the module's user in front. */
int raise_message(lua_State *L, const char *message);

double check_number(lua_State *L, int index, const char *name);
int check_int(lua_State *L, int index, const char *name);
int64_t check_integer(lua_State *L, int index, const char *name);
/* An integer that is not negative. */
size_t check_size(lua_State *L, int index, const char *name);
/* Return default_value if the argument is nil or missing. */
double optional_number(lua_State *L, int index, double default_value, const char *name);
size_t optional_size(lua_State *L, int index, size_t default_value, const char *name);
/* A string; it may have zero bytes inside. */
const char *check_bytes(lua_State *L, int index, size_t *ret_size, const char *name);
/* A string without zero bytes inside. */
const char *check_text(lua_State *L, int index, const char *name);
/* NULL if the argument is nil or missing. */
const char *optional_text(lua_State *L, int index, const char *name);
/* A function, or a value with a __call metamethod. */
void check_function(lua_State *L, int index, const char *name);

void arguments_register(lua_State *L);

#endif
