#include "arguments.h"

#include <math.h>
#include <string.h>

#include "module.h"

/* The first frame, from the function that runs, that is called from outside this module; its name and namewhat. */
static int outermost(lua_State *L, lua_Debug *frame) {
  lua_Debug caller;
  int level = 0;
  if (!lua_getstack(L, 0, frame)) return 0;
  while (lua_getstack(L, level + 1, &caller)) {
    lua_getinfo(L, "S", &caller);
    if (strcmp(caller.short_src, MODULE_SOURCE_NAME) != 0) break;
    level++;
  }
  lua_getstack(L, level, frame);
  lua_getinfo(L, "n", frame);
  return level + 1;
}

/* "BoucleLock_release", as SWIG names a method, is "release" to its users. */
const char *method_name(const char *name) {
  const char *end = strchr(name, '_');
  return name[0] == 'B' && end != NULL ? end + 1 : name;
}

int bad_argument(lua_State *L, int index, const char *name, const char *message) {
  lua_Debug frame;
  int caller = outermost(L, &frame);
  name = method_name(name);
  luaL_where(L, caller);
  if (caller > 0 && frame.namewhat != NULL && strcmp(frame.namewhat, "method") == 0) index--;
  if (index == 0)
    lua_pushfstring(L, "calling '%s' on bad self (%s)", name, message);
  else
    lua_pushfstring(L, "bad argument #%d to '%s' (%s)", index, name, message);
  lua_concat(L, 2);
  return lua_error(L);
}

int raise_message(lua_State *L, const char *message) {
  lua_Debug frame;
  luaL_where(L, outermost(L, &frame));
  lua_pushstring(L, message);
  lua_concat(L, 2);
  return lua_error(L);
}

static const char *type_name(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TUSERDATA && luaL_getmetafield(L, index, "__name")) {
    if (lua_type(L, -1) == LUA_TSTRING) return lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  if (lua_type(L, index) == LUA_TLIGHTUSERDATA) return "light userdata";
  return luaL_typename(L, index);
}

int bad_type(lua_State *L, int index, const char *name, const char *expected) {
  const char *got = type_name(L, index);
  return bad_argument(L, index, name, lua_pushfstring(L, "%s expected, got %s", expected, got));
}

double check_number(lua_State *L, int index, const char *name) {
  double number = lua_tonumber(L, index);
  if (number == 0 && !lua_isnumber(L, index)) bad_type(L, index, name, "number");
  if (isnan(number)) bad_argument(L, index, name, "not a number (NaN)");
  return number;
}

int64_t check_integer(lua_State *L, int index, const char *name) {
#ifdef BOUCLE_LUA_51
  double number = check_number(L, index, name);
  if (number != floor(number) || fabs(number) > 9007199254740992.0)
    bad_argument(L, index, name, "number has no integer representation");
  return (int64_t)number;
#else
  int is_integer = 0;
  lua_Integer integer = lua_tointegerx(L, index, &is_integer);
  if (is_integer) return integer;
  check_number(L, index, name);
  return bad_argument(L, index, name, "number has no integer representation");
#endif
}

size_t check_size(lua_State *L, int index, const char *name) {
  int64_t size = check_integer(L, index, name);
  if (size < 0) bad_argument(L, index, name, "must not be negative");
  return (size_t)size;
}

double optional_number(lua_State *L, int index, double otherwise, const char *name) {
  return lua_isnoneornil(L, index) ? otherwise : check_number(L, index, name);
}

size_t optional_size(lua_State *L, int index, size_t otherwise, const char *name) {
  return lua_isnoneornil(L, index) ? otherwise : check_size(L, index, name);
}

const char *check_text(lua_State *L, int index, const char *name) {
  size_t size = 0;
  if (lua_type(L, index) != LUA_TSTRING && lua_type(L, index) != LUA_TNUMBER) bad_type(L, index, name, "string");
  const char *text = lua_tolstring(L, index, &size);
  if (strlen(text) != size) bad_argument(L, index, name, "string contains zeros");
  return text;
}

const char *optional_text(lua_State *L, int index, const char *name) {
  return lua_isnoneornil(L, index) ? NULL : check_text(L, index, name);
}

void check_function(lua_State *L, int index, const char *name) {
  if (lua_type(L, index) == LUA_TFUNCTION) return;
  if (!luaL_getmetafield(L, index, "__call")) bad_type(L, index, name, "function");
  lua_pop(L, 1);
}
