#include "futures.h"

#include <math.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "interpreter.h"
#include "values.h"

static future_t *self_of(lua_State *L, const char *name) { return handle_check(L, 1, HANDLE_FUTURE, name); }

/* ---- outcomes ---- */

static int create_future(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "create_future");
  future_t *future = NULL;
  int status = loop_create_future(loop, &future);
  if (status != 0) return raise_status(L, status, "create_future");
  handle_push_owned(L, HANDLE_FUTURE, future);
  return 1;
}

static int result(lua_State *L) {
  future_t *future = self_of(L, "result");
  value_t *value = NULL;
  int status = future_result(future, &value);
  if (status == LOOP_EINVALIDSTATE) return raise_text(L, "InvalidStateError", "Result is not set.");
  if (status != 0) return raise_of_future(L, future);
  value_push_owned(L, value);
  return 1;
}

/* exception() returns what pcall returns; details() always returns an Exception, whose notes have the traceback. */
static int exception_as(lua_State *L, const char *name, int details) {
  future_t *future = self_of(L, name);
  exception_t *exception = NULL;
  int status = future_exception(future, &exception);
  if (status == LOOP_EINVALIDSTATE) return raise_text(L, "InvalidStateError", "Exception is not set.");
  if (status != 0) return raise_of_future(L, future);
  if (exception == NULL)
    lua_pushnil(L);
  else if (details)
    handle_push_owned(L, HANDLE_EXCEPTION, exception);
  else
    error_push_owned(L, exception);
  return 1;
}

static int exception(lua_State *L) { return exception_as(L, "exception", 0); }
static int details(lua_State *L) { return exception_as(L, "details", 1); }

static int finish_set(lua_State *L, int status, const char *name) {
  if (status == LOOP_ENOTSUPPORTED) {
    lua_pushfstring(L, "Task does not support %s operation", name);
    return raise_text(L, "RuntimeError", lua_tostring(L, -1));
  }
  return status != 0 ? raise_status(L, status, name) : 0;
}

static int set_result(lua_State *L) {
  future_t *future = self_of(L, "set_result");
  value_t *value = value_from_lua(L, 2);
  int status = future_set_result(future, value);
  value_unref(value);
  return finish_set(L, status, "set_result");
}

static int set_exception(lua_State *L) {
  future_t *future = self_of(L, "set_exception");
  if (lua_isnoneornil(L, 2)) return bad_type(L, 2, "set_exception", "error");
  exception_t *error = exception_from_lua(L, 2, NULL);
  int status = future_set_exception(future, error);
  exception_unref(error);
  return finish_set(L, status, "set_exception");
}

static int cancel(lua_State *L) {
  future_t *future = self_of(L, "cancel");
  const char *message = optional_text(L, 2, "cancel");
  int cancelled = 0, status = future_cancel(future, message, &cancelled);
  if (status != 0) return raise_status(L, status, "cancel");
  lua_pushboolean(L, cancelled);
  return 1;
}

static int get_loop(lua_State *L) {
  handle_push(L, HANDLE_LOOP, future_get_loop(self_of(L, "get_loop")));
  return 1;
}

static int future_tostring(lua_State *L) {
  future_t *future = self_of(L, "tostring");
  const task_t *task = future_as_task(future);
  const char *state = !future_done(future) ? "pending" : future_cancelled(future) ? "cancelled" : "finished";
  const char *name = task != NULL ? task_get_name(task) : "";
  lua_pushfstring(L, "boucle.%s: %p (%s%s%s)", task != NULL ? "Task" : "Future", (void *)future, name,
                  name[0] != '\0' ? ", " : "", state);
  return 1;
}

static int is_future(lua_State *L) {
  lua_pushboolean(L, handle_test(L, 1, HANDLE_FUTURE) != NULL);
  return 1;
}

/* ---- one future of several ---- */

future_t **check_futures(lua_State *L, int index, size_t *ret_count, const char *name) {
  if (!lua_istable(L, index)) bad_type(L, index, name, "table");
  size_t count = lua_rawlen(L, index);
  future_t **futures = lua_newuserdata(L, (count + 1) * sizeof *futures);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    futures[i] = handle_test(L, -1, HANDLE_FUTURE);
    if (futures[i] == NULL)
      bad_argument(L, index, name,
                   lua_pushfstring(L, "future expected at index %d, got %s", (int)i + 1, luaL_typename(L, -1)));
    lua_pop(L, 1);
  }
  *ret_count = count;
  return futures;
}

/* gather(loop, futures, return_exceptions) */
static int gather(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "gather");
  size_t count = 0;
  future_t **futures = check_futures(L, 2, &count, "gather"), *future = NULL;
  int status = loop_gather(loop, futures, count, lua_toboolean(L, 3), &future);
  if (status != 0) return raise_status(L, status, "gather");
  handle_push_owned(L, HANDLE_FUTURE, future);
  return 1;
}

static int shield(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "shield");
  future_t *inner = handle_check(L, 2, HANDLE_FUTURE, "shield"), *outer = NULL;
  int status = loop_shield(loop, inner, &outer);
  if (status != 0) return raise_status(L, status, "shield");
  handle_push_owned_future(L, outer);
  return 1;
}

/* as_completed(loop, futures, seconds): returns a completion, and the number of futures. */
static int as_completed(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "as_completed");
  size_t count = 0;
  lua_settop(L, 3);
  double seconds = optional_number(L, 3, INFINITY, "as_completed");
  future_t **futures = check_futures(L, 2, &count, "as_completed");
  completion_t *completion = NULL;
  seconds = isinf(seconds) ? -1 : seconds < 0 ? 0 : seconds;
  int status = loop_as_completed(loop, futures, count, seconds, &completion);
  if (status != 0) return raise_status(L, status, "as_completed");
  handle_push_owned(L, HANDLE_COMPLETION, completion);
  lua_pushinteger(L, (lua_Integer)count);
  return 2;
}

static void set_tostring(lua_State *L, enum handle_kind kind) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter_of(L)->metatables[kind]);
  lua_pushcfunction(L, future_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

void futures_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"create_future", create_future},
      {"result", result},
      {"exception_of_future", exception},
      {"details", details},
      {"set_result", set_result},
      {"set_exception", set_exception},
      {"cancel", cancel},
      {"get_loop", get_loop},
      {"is_future", is_future},
      {"gather", gather},
      {"shield", shield},
      {"as_completed", as_completed},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
  set_tostring(L, HANDLE_FUTURE);
  set_tostring(L, HANDLE_TASK);
}
