#include "errors.h"

#include <errno.h>
#include <string.h>

#include "arguments.h"
#include "handles.h"
#include "lua_task.h"

/* ---- from Lua ---- */

static int tostring_protected(lua_State *L) {
  lua_getglobal(L, "tostring");
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/* Pushes a text for an error value, even if its __tostring raises an error. */
static const char *error_text(lua_State *L, int index) {
  index = lua_absindex(L, index);
  if (lua_type(L, index) == LUA_TSTRING) {
    lua_pushvalue(L, index);
    return lua_tostring(L, -1);
  }
  lua_pushcfunction(L, tostring_protected);
  lua_pushvalue(L, index);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) return lua_tostring(L, -1);
  lua_pop(L, 1);
  return lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, index));
}

static exception_t *with_note(exception_t *exception, const char *note) {
  exception_t *noted = NULL;
  if (exception_new_with_note(exception, note, &noted) != 0) return exception;
  exception_unref(exception);
  return noted;
}

/* If the error at `index` is what the task's last await raised, returns a new reference to that exception, which has
 * the first traceback; else NULL. */
static exception_t *raised_again(lua_State *L, int index) {
  const struct interpreter *interpreter = interpreter_of(L);
  exception_t *raised = interpreter->task != NULL ? interpreter->task->last_raised : NULL;
  void *foreign = NULL;
  if (raised == NULL || exception_get_foreign(raised, foreign_tag, &foreign) != 0 || !foreign_push(L, foreign))
    return NULL;
  int same = lua_rawequal(L, -1, index);
  lua_pop(L, 1);
  return same ? exception_ref(raised) : NULL;
}

exception_t *exception_from_lua(lua_State *L, int index, lua_State *thread) {
  index = lua_absindex(L, index);
  exception_t *exception = handle_test(L, index, HANDLE_EXCEPTION);
  if (exception != NULL) return exception_ref(exception);
  luaL_checkstack(L, 8, "errors");
  exception = raised_again(L, index);
  if (exception != NULL) return exception;
  /* Calls that may raise an error come first, while nothing is owned. */
  const char *message = error_text(L, index);
  luaL_traceback(L, thread != NULL ? thread : L, NULL, thread != NULL ? 0 : 1);
  struct foreign *foreign = foreign_new(L, index);
  if (exception_new_foreign("LuaError", message, foreign_tag, foreign, foreign_destroy, &exception) != 0)
    luaL_error(L, "not enough memory");
  exception = with_note(exception, lua_tostring(L, -1));
  lua_pop(L, 2);
  return exception;
}

/* The message handler of call_from_loop. */
static int message_handler(lua_State *L) {
  struct interpreter *interpreter = interpreter_of(L);
  exception_t *exception = exception_from_lua(L, 1, NULL);
  exception_unref(interpreter->caught);
  interpreter->caught = exception;
  return 0;
}

/* ---- to Lua ---- */

void error_push(lua_State *L, exception_t *exception) {
  void *foreign = NULL;
  luaL_checkstack(L, 4, "errors");
  if (exception_get_foreign(exception, foreign_tag, &foreign) != 0 || !foreign_push(L, foreign))
    handle_push(L, HANDLE_EXCEPTION, exception);
}

static void push_protected(lua_State *L, void *argument) { error_push(L, argument); }

void error_push_owned(lua_State *L, exception_t *exception) {
  int status = cpcall(L, push_protected, exception);
  exception_unref(exception);
  if (status != LUA_OK) lua_error(L);
}

int error_raise(lua_State *L, exception_t *exception) {
  error_push_owned(L, exception);
  return lua_error(L);
}

int raise_text(lua_State *L, const char *kind, const char *message) {
  exception_t *exception = NULL;
  if (exception_new(kind, message, &exception) != 0) return luaL_error(L, "not enough memory");
  return error_raise(L, exception);
}

/* Functions for which asyncio's message says more than the status. */
static const struct {
  int status;
  const char *name, *kind, *message;
} texts[] = {
    {LOOP_EOVERRELEASED, "BoucleSemaphore_release", "ValueError", "BoundedSemaphore released too many times"},
    {LOOP_EOVERRELEASED, "BoucleQueue_task_done", "ValueError", "task_done() called too many times"},
    {LOOP_ENOTLOCKED, "BoucleCondition_notify", "RuntimeError", "cannot notify on un-acquired lock"},
    {LOOP_ENOTLOCKED, "BoucleCondition_notify_all", "RuntimeError", "cannot notify on un-acquired lock"},
};

static int exception_for_status(int status, const char *name, exception_t **ret_exception) {
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (status == texts[i].status && strcmp(name, texts[i].name) == 0)
      return exception_new(texts[i].kind, texts[i].message, ret_exception);
  return exception_new_from_status(status, ret_exception);
}

struct failure {
  int status;
  const char *name;
};

static void push_failure(lua_State *L, void *argument) {
  const struct failure *failure = argument;
  exception_t *exception = NULL;
  if (failure->status == -ENOMEM || exception_for_status(failure->status, failure->name, &exception) != 0)
    luaL_error(L, "not enough memory");
  handle_push_owned(L, HANDLE_EXCEPTION, exception);
}

void status_push(lua_State *L, int status, const char *name) {
  struct failure failure = {status, name};
  cpcall(L, push_failure, &failure);
}

int raise_status(lua_State *L, int status, const char *name) {
  status_push(L, status, name);
  return lua_error(L);
}

int exception_of_done(future_t *future, exception_t **ret_exception) {
  int status = future_exception(future, ret_exception);
  return status == LOOP_ECANCELLED ? future_cancelled_error(future, ret_exception) : status;
}

int raise_of_future(lua_State *L, future_t *future) {
  exception_t *exception = NULL;
  int status = exception_of_done(future, &exception);
  return exception != NULL ? error_raise(L, exception) : raise_status(L, status, "await");
}

/* ---- the class Exception ---- */

/* exception(kind, message, cause) */
static exception_t *check_exception(lua_State *L, const char *name) {
  exception_t *exception = NULL;
  const char *kind = check_text(L, 1, name), *message = optional_text(L, 2, name);
  exception_t *cause = lua_isnoneornil(L, 3) ? NULL : exception_from_lua(L, 3, NULL);
  int status = exception_new(kind, message, &exception);
  if (status == 0 && cause != NULL) {
    exception_t *caused = NULL;
    status = exception_new_with_cause(exception, cause, &caused);
    exception_unref(exception);
    exception = caused;
  }
  exception_unref(cause);
  if (status != 0) luaL_error(L, "not enough memory");
  return exception;
}

static int exception_make(lua_State *L) {
  handle_push_owned(L, HANDLE_EXCEPTION, check_exception(L, "exception"));
  return 1;
}

static int exception_raise(lua_State *L) { return error_raise(L, check_exception(L, "raise")); }

static int exception_group(lua_State *L) {
  exception_t *group = NULL, **members = NULL;
  const char *message = check_text(L, 1, "exception_group");
  if (!lua_istable(L, 2)) return bad_type(L, 2, "exception_group", "table");
  size_t count = lua_rawlen(L, 2);
  if (count == 0) return bad_argument(L, 2, "exception_group", "no exceptions");
  members = lua_newuserdata(L, count * sizeof *members);
  lua_createtable(L, (int)count, 0); /* their handles, which own them */
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (int)i + 1);
    handle_push_owned(L, HANDLE_EXCEPTION, exception_from_lua(L, -1, NULL));
    members[i] = handle_test(L, -1, HANDLE_EXCEPTION);
    lua_rawseti(L, -3, (int)i + 1);
    lua_pop(L, 1);
  }
  int status = exception_new_group(message, members, count, &group);
  if (status != 0) return luaL_error(L, "not enough memory");
  handle_push_owned(L, HANDLE_EXCEPTION, group);
  return 1;
}

static int exception_matches_kind(lua_State *L) {
  const char *kind = check_text(L, 2, "matches");
  exception_t *exception = handle_test(L, 1, HANDLE_EXCEPTION);
  int matches = exception != NULL ? exception_matches(exception, kind)
                                  : strcmp(kind, "LuaError") == 0 || strcmp(kind, "Exception") == 0 ||
                                        strcmp(kind, "BaseException") == 0;
  lua_pushboolean(L, matches);
  return 1;
}

static void push_members(lua_State *L, const exception_t *exception) {
  size_t count = exception_member_count(exception);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    error_push(L, exception_member(exception, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_notes(lua_State *L, const exception_t *exception) {
  size_t count = exception_note_count(exception);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushstring(L, exception_note(exception, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static int exception_index(lua_State *L) {
  exception_t *exception = handle_check(L, 1, HANDLE_EXCEPTION, "__index");
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  int status = exception_status(exception);
  int64_t code = 0;
  if (strcmp(key, "kind") == 0)
    lua_pushstring(L, exception_kind(exception));
  else if (strcmp(key, "message") == 0)
    lua_pushstring(L, exception_message(exception)); /* nil for NULL */
  else if (strcmp(key, "cause") == 0 && exception_cause(exception) != NULL)
    error_push(L, exception_cause(exception));
  else if (strcmp(key, "members") == 0 && exception_member_count(exception) > 0)
    push_members(L, exception);
  else if (strcmp(key, "notes") == 0)
    push_notes(L, exception);
  else if (strcmp(key, "status") == 0 && status != 0)
    lua_pushstring(L, loop_status_name(status));
  else if (strcmp(key, "code") == 0 && value_get_int(exception_value(exception), &code) == 0)
    lua_pushinteger(L, (lua_Integer)code);
  else if (strcmp(key, "matches") == 0)
    lua_pushcfunction(L, exception_matches_kind);
  else
    lua_pushnil(L);
  return 1;
}

static int exception_tostring(lua_State *L) {
  exception_t *exception = handle_check(L, 1, HANDLE_EXCEPTION, "tostring");
  const char *message = exception_message(exception);
  size_t members = exception_member_count(exception);
  lua_pushstring(L, exception_kind(exception));
  if (message != NULL && message[0] != '\0') lua_pushfstring(L, ": %s", message);
  if (members > 0) lua_pushfstring(L, " (%d sub-exception%s)", (int)members, members == 1 ? "" : "s");
  lua_concat(L, lua_gettop(L) - 1);
  return 1;
}

/* exception_of(error): returns the exception for a Lua error, which has the traceback; an exception itself. */
static int exception_of(lua_State *L) {
  handle_push_owned(L, HANDLE_EXCEPTION, exception_from_lua(L, 1, NULL));
  return 1;
}

void errors_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"exception", exception_make},  {"exception_group", exception_group}, {"matches", exception_matches_kind},
      {"exception_of", exception_of}, {"raise", exception_raise},           {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
  lua_pushcfunction(L, message_handler);
  interpreter_of(L)->message_handler = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter_of(L)->metatables[HANDLE_EXCEPTION]);
  lua_pushcfunction(L, exception_index);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, exception_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}
