#include "values.h"

#include <math.h>
#include <string.h>

#include "errors.h"
#include "handles.h"
#include "interpreter.h"
#include "utf8.h"

/* ---- from Lua ---- */

static int number_from_lua(lua_State *L, int index, value_t **ret_value) {
  double number = lua_tonumber(L, index);
#ifdef BOUCLE_LUA_51
  /* LuaJIT has one type of numbers. Whole numbers up to 2^53 become integers, as other languages expect. */
  if (number == floor(number) && fabs(number) <= 9007199254740992.0 && !(number == 0 && signbit(number)))
    return value_new_int((int64_t)number, ret_value);
#else
  if (lua_isinteger(L, index)) return value_new_int(lua_tointeger(L, index), ret_value);
#endif
  return value_new_double(number, ret_value);
}

/* UTF-8 becomes a text, all else bytes: other languages distinguish them. */
static int string_from_lua(lua_State *L, int index, value_t **ret_value) {
  size_t size = 0;
  const char *data = lua_tolstring(L, index, &size);
  return utf8_is_valid(data, size) ? value_new_text_sized(data, size, ret_value)
                                   : value_new_bytes(data, size, ret_value);
}

static int other_from_lua(lua_State *L, int index, value_t **ret_value) {
  exception_t *exception = handle_test(L, index, HANDLE_EXCEPTION);
  value_t *value = handle_test(L, index, HANDLE_VALUE);
  if (value == NULL) value = handle_test(L, index, HANDLE_ADDRESS);
  if (exception != NULL) return value_new_exception(exception, ret_value);
  if (value != NULL) {
    *ret_value = value_ref(value);
    return 0;
  }
  return value_new_foreign(foreign_tag, foreign_new(L, index), foreign_destroy, ret_value);
}

int value_from_simple(lua_State *L, int index, value_t **ret_value) {
  switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL: *ret_value = NULL; return 0;
    case LUA_TBOOLEAN: return value_new_bool(lua_toboolean(L, index), ret_value);
    case LUA_TNUMBER: return number_from_lua(L, index, ret_value);
    case LUA_TSTRING: return string_from_lua(L, index, ret_value);
    default: return LOOP_EKIND;
  }
}

value_t *value_from_lua(lua_State *L, int index) {
  value_t *value = NULL;
  int status = value_from_simple(L, index, &value);
  if (status == LOOP_EKIND) status = other_from_lua(L, index, &value);
  if (status != 0) luaL_error(L, "not enough memory");
  return value;
}

/* ---- to Lua ---- */

static void push_int(lua_State *L, int64_t integer) {
#ifdef BOUCLE_LUA_51
  lua_pushnumber(L, (lua_Number)integer);
#else
  lua_pushinteger(L, integer);
#endif
}

static void push_list(lua_State *L, const value_t *list) {
  size_t count = 0;
  value_get_size(list, &count);
  luaL_checkstack(L, 3, "lists");
  lua_createtable(L, (int)count, 1);
  for (size_t i = 0; i < count; i++) {
    value_t *item = NULL;
    value_get_item(list, i, &item);
    value_push(L, item);
    lua_rawseti(L, -2, (int)i + 1);
  }
  push_int(L, (int64_t)count);
  lua_setfield(L, -2, "n");
}

static void push_foreign(lua_State *L, const value_t *value) {
  void *foreign = NULL;
  if (value_get_foreign(value, foreign_tag, &foreign) != 0 || !foreign_push(L, foreign))
    handle_push(L, HANDLE_VALUE, (void *)value);
}

void value_push(lua_State *L, const value_t *value) {
  int boolean = 0;
  int64_t integer = 0;
  double number = 0;
  const char *text = NULL;
  const void *data = NULL;
  size_t size = 0;
  exception_t *exception = NULL;
  switch (value_kind(value)) {
    case VALUE_NIL: lua_pushnil(L); break;
    case VALUE_BOOL: value_get_bool(value, &boolean), lua_pushboolean(L, boolean); break;
    case VALUE_INT: value_get_int(value, &integer), push_int(L, integer); break;
    case VALUE_DOUBLE: value_get_double(value, &number), lua_pushnumber(L, number); break;
    case VALUE_TEXT: value_get_text(value, &text, &size), lua_pushlstring(L, text, size); break;
    case VALUE_BYTES: value_get_bytes(value, &data, &size), lua_pushlstring(L, data, size); break;
    case VALUE_LIST: push_list(L, value); break;
    case VALUE_FOREIGN: push_foreign(L, value); break;
    case VALUE_EXCEPTION: value_get_exception(value, &exception), error_push(L, exception); break;
    case VALUE_ADDRESS: handle_push(L, HANDLE_ADDRESS, (void *)value); break;
  }
}

static void push_protected(lua_State *L, void *argument) { value_push(L, argument); }

void value_push_owned(lua_State *L, value_t *value) {
  value_kind_t kind = value_kind(value);
  int is_small = kind == VALUE_NIL || kind == VALUE_BOOL || kind == VALUE_INT || kind == VALUE_DOUBLE;
  int status = LUA_OK;
  if (is_small)
    value_push(L, value); /* does not allocate, so it cannot fail */
  else
    status = cpcall(L, push_protected, value);
  value_unref(value);
  if (status != LUA_OK) lua_error(L);
}
