#include "arguments.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const char inserts_loop_key; /* registry: functions of the module -> true */

/* Finds the call by which the user's code entered this module. Writes its name and namewhat into `frame`, and how many
 * arguments stand in front of those that the user wrote: the object of a method, a loop that the module inserted.
 * Returns the level of the calling function. */
static int find_user_call(lua_State *L, lua_Debug *frame, int *ret_hidden) {
  lua_Debug caller;
  int level = 0;
  *ret_hidden = 0;
  if (!lua_getstack(L, 0, frame)) return 0;
  while (lua_getstack(L, level + 1, &caller)) {
    lua_getinfo(L, "S", &caller);
    if (strcmp(caller.short_src, MODULE_SOURCE_NAME) != 0) break;
    level++;
  }
  lua_getstack(L, level, frame);
  luaL_checkstack(L, 3, "messages");
  lua_rawgetp(L, LUA_REGISTRYINDEX, &inserts_loop_key);
  lua_getinfo(L, "nf", frame);
  if (lua_istable(L, -2)) {
    lua_rawget(L, -2);
    *ret_hidden = lua_toboolean(L, -1);
  }
  lua_pop(L, 2);
  if (frame->namewhat != NULL && strcmp(frame->namewhat, "method") == 0) ++*ret_hidden;
  return level + 1;
}

/* The names by which users know SWIG's constructors. */
static const struct {
  const char *name, *user_name;
} constructors[] = {
    {"lock_new", "lock"},
    {"event_new", "event"},
    {"condition_new", "condition"},
    {"semaphore_new", "semaphore"},
    {"barrier_new", "barrier"},
    {"queue_new", "queue"},
    {"queue_new_lifo", "lifo_queue"},
    {"semaphore_new_bounded", "bounded_semaphore"},
    {"context_var_new", "context_var"},
    {NULL, NULL},
};

const char *method_name(const char *name) {
  const char *end = strchr(name, '_');
  if (name[0] == 'B' && end != NULL) return end + 1;
  for (size_t i = 0; constructors[i].name != NULL; i++)
    if (strcmp(name, constructors[i].name) == 0) return constructors[i].user_name;
  return name;
}

int bad_argument(lua_State *L, int index, const char *name, const char *message) {
  lua_Debug frame;
  int hidden = 0, caller = find_user_call(L, &frame, &hidden);
  name = method_name(name);
  index -= hidden;
  luaL_where(L, caller);
  if (index <= 0)
    lua_pushfstring(L, "calling '%s' on bad self (%s)", name, message);
  else
    lua_pushfstring(L, "bad argument #%d to '%s' (%s)", index, name, message);
  lua_concat(L, 2);
  return lua_error(L);
}

int raise_message(lua_State *L, const char *message) {
  lua_Debug frame;
  int hidden = 0;
  luaL_where(L, find_user_call(L, &frame, &hidden));
  lua_pushstring(L, message);
  lua_concat(L, 2);
  return lua_error(L);
}

const char *type_name(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TLIGHTUSERDATA) return "light userdata";
  if (!luaL_getmetafield(L, index, "__name")) return luaL_typename(L, index);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index);
}

/* Raises a type error for the value at `index` of the stack, which is the given argument. */
static int bad_value(lua_State *L, int index, int argument, const char *name, const char *expected) {
  const char *got = type_name(L, index);
  return bad_argument(L, argument, name, lua_pushfstring(L, "%s expected, got %s", expected, got));
}

int bad_type(lua_State *L, int index, const char *name, const char *expected) {
  return bad_value(L, index, index, name, expected);
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

int check_int(lua_State *L, int index, const char *name) {
  int64_t integer = check_integer(L, index, name);
  if (integer < INT_MIN || integer > INT_MAX) bad_argument(L, index, name, "out of range");
  return (int)integer;
}

size_t check_size(lua_State *L, int index, const char *name) {
  int64_t size = check_integer(L, index, name);
  if (size < 0) bad_argument(L, index, name, "must not be negative");
  return (size_t)size;
}

double optional_number(lua_State *L, int index, double default_value, const char *name) {
  return lua_isnoneornil(L, index) ? default_value : check_number(L, index, name);
}

size_t optional_size(lua_State *L, int index, size_t default_value, const char *name) {
  return lua_isnoneornil(L, index) ? default_value : check_size(L, index, name);
}

const char *check_bytes(lua_State *L, int index, size_t *ret_size, const char *name) {
  if (lua_type(L, index) != LUA_TSTRING && lua_type(L, index) != LUA_TNUMBER) bad_type(L, index, name, "string");
  return lua_tolstring(L, index, ret_size);
}

const char *check_text(lua_State *L, int index, const char *name) {
  size_t size = 0;
  const char *text = check_bytes(L, index, &size, name);
  if (strlen(text) != size) bad_argument(L, index, name, "string contains zeros");
  return text;
}

const char *optional_text(lua_State *L, int index, const char *name) {
  return lua_isnoneornil(L, index) ? NULL : check_text(L, index, name);
}

static int is_callable(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TFUNCTION) return 1;
  if (!luaL_getmetafield(L, index, "__call")) return 0;
  lua_pop(L, 1);
  return 1;
}

void check_function(lua_State *L, int index, const char *name) {
  if (!is_callable(L, index)) bad_type(L, index, name, "function");
}

/* ---- checks for the parts in Lua ----
 *
 * `index` is the number of the argument, counted as if the loop or the object were always the first one; `name` is the
 * name of the called function. */

static int argument_of(lua_State *L) { return (int)lua_tointeger(L, 1); }

/* bad_argument(index, name, message) */
static int bad_argument_of(lua_State *L) {
  return bad_argument(L, argument_of(L), lua_tostring(L, 2), lua_tostring(L, 3));
}

/* bad_type(index, name, expected, value) */
static int bad_type_of(lua_State *L) { return bad_value(L, 4, argument_of(L), lua_tostring(L, 2), lua_tostring(L, 3)); }

/* check_callable(index, name, value) */
static int check_callable(lua_State *L) {
  lua_settop(L, 3);
  return is_callable(L, 3) ? 0 : bad_value(L, 3, argument_of(L), lua_tostring(L, 2), "function");
}

/* check_seconds(index, name, value): returns the value as a number; nil for nil. */
static int check_seconds(lua_State *L) {
  lua_settop(L, 3);
  if (lua_isnil(L, 3)) return 1;
  if (!lua_isnumber(L, 3)) return bad_value(L, 3, argument_of(L), lua_tostring(L, 2), "number");
  double number = lua_tonumber(L, 3);
  if (isnan(number)) return bad_argument(L, argument_of(L), lua_tostring(L, 2), "not a number (NaN)");
  lua_pushnumber(L, number);
  return 1;
}

/* raise_message(text) */
static int raise_message_of(lua_State *L) { return raise_message(L, lua_tostring(L, 1)); }

static int callable(lua_State *L) {
  lua_settop(L, 1);
  lua_pushboolean(L, is_callable(L, 1));
  return 1;
}

static int type_name_of(lua_State *L) {
  lua_settop(L, 1);
  lua_pushstring(L, type_name(L, 1));
  return 1;
}

/* mark_inserts_loop(fn): fn passes its arguments on with the running loop in front. */
static int mark_inserts_loop(lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &inserts_loop_key);
  lua_pushvalue(L, 1);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  return 0;
}

void arguments_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"bad_argument", bad_argument_of},
      {"bad_type", bad_type_of},
      {"check_callable", check_callable},
      {"check_seconds", check_seconds},
      {"raise_message", raise_message_of},
      {"is_callable", callable},
      {"type_name", type_name_of},
      {"mark_inserts_loop", mark_inserts_loop},
      {NULL, NULL},
  };
  lua_createtable(L, 0, 32);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &inserts_loop_key);
  luaL_setfuncs(L, functions, 0);
}
