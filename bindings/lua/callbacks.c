#include "callbacks.h"

#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "values.h"

/* ---- creating and destroying ---- */

/* Calls a function with arguments, all of which are upvalues. */
static int call_bound(lua_State *L) {
  int count = (int)lua_tointeger(L, lua_upvalueindex(1));
  luaL_checkstack(L, count, "arguments");
  for (int i = 0; i < count; i++) lua_pushvalue(L, lua_upvalueindex(2 + i));
  lua_call(L, count - 1, 0);
  return 0;
}

static void bind(lua_State *L, int index) {
  int count = lua_gettop(L) - index + 1;
  if (count == 1) return;
  if (count > 250) luaL_error(L, "too many arguments");
  lua_pushinteger(L, count);
  lua_insert(L, index);
  lua_pushcclosure(L, call_bound, count + 1);
}

struct callback *callback_new(lua_State *L, int index, const loop_t *loop, const void *subject) {
  struct interpreter *interpreter = interpreter_of(L);
  bind(L, index);
  int reference = held_value_reference(L, index);
  lua_pop(L, 1);
  struct callback *callback = malloc(sizeof *callback);
  if (callback == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    luaL_error(L, "not enough memory");
  }
  *callback = (struct callback){.interpreter = interpreter_ref(interpreter), .subject = subject};
  held_value_add(&interpreter->callbacks, &callback->held, reference, loop);
  held_count_add(1);
  return callback;
}

void callback_destroy(void *userdata) {
  struct callback *callback = userdata;
  struct interpreter *interpreter = callback->interpreter;
  held_value_remove(&callback->held);
  if (interpreter->L != NULL) held_value_free(interpreter->L, &callback->held);
  interpreter_unref(interpreter);
  free(callback);
  held_count_add(-1);
}

void callback_push(lua_State *L, const struct callback *callback) { held_value_push(L, &callback->held); }

/* ---- calls from the loop ---- */

static void call(lua_State *L, void *argument) {
  const struct callback *callback = argument;
  callback_push(L, callback);
  lua_call(L, 0, 0);
}

static void call_with_future(lua_State *L, void *argument) {
  const struct callback *callback = argument;
  callback_push(L, callback);
  handle_push_future(L, (void *)callback->subject);
  lua_call(L, 1, 0);
}

static void call_protected(loop_t *loop, struct callback *callback, protected_fn fn) {
  struct interpreter *interpreter = callback->interpreter;
  struct lua_task *task = interpreter->task;
  if (interpreter->L == NULL) return;
  interpreter->task = NULL;
  exception_t *exception = call_from_loop(interpreter, fn, callback);
  interpreter->task = task;
  if (exception != NULL) loop_raise(loop, exception);
  exception_unref(exception);
}

void callback_call(loop_t *loop, void *userdata) { call_protected(loop, userdata, call); }

static void on_done(future_t *future, void *userdata) {
  call_protected(future_get_loop(future), userdata, call_with_future);
}

/* ---- the exception handler ---- */

struct handler_call {
  loop_t *loop;
  const report_t *report;
  struct callback *handler;
  int called;
};

/* Pushes the user's function that the report is about; nil if it is about something else. */
static void push_reported(lua_State *L, const struct interpreter *interpreter, const report_t *report) {
  const struct held_value *found = interpreter->callbacks;
  while (found != NULL && found != report_userdata(report)) found = found->next;
  if (found == NULL) {
    lua_pushnil(L);
    return;
  }
  held_value_push(L, found);
  if (lua_tocfunction(L, -1) != call_bound) return;
  lua_getupvalue(L, -1, 2);
  lua_remove(L, -2);
}

static void push_context(lua_State *L, const struct handler_call *handler_call) {
  const report_t *report = handler_call->report;
  exception_t *exception = report_exception(report);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, report_message(report));
  lua_setfield(L, -2, "message");
  if (exception != NULL) {
    error_push(L, exception);
    lua_setfield(L, -2, "exception");
    handle_push(L, HANDLE_EXCEPTION, exception);
    lua_setfield(L, -2, "details");
  }
  if (report_future(report) != NULL) {
    handle_push_future(L, report_future(report));
    lua_setfield(L, -2, report_task(report) != NULL ? "task" : "future");
  }
  push_reported(L, handler_call->handler->interpreter, report);
  lua_setfield(L, -2, "callback");
}

static void call_handler(lua_State *L, void *argument) {
  struct handler_call *handler_call = argument;
  callback_push(L, handler_call->handler);
  if (lua_isnil(L, -1)) return; /* collected together with its loop */
  handler_call->called = 1;
  /* A loop that is being destroyed must not get a new reference. */
  if (loop_get_running() == handler_call->loop)
    handle_push(L, HANDLE_LOOP, handler_call->loop);
  else
    handle_push_existing(L, handler_call->loop);
  push_context(L, handler_call);
  lua_call(L, 2, 0);
}

/* The handler may set another handler, which destroys this one. */
static void on_report(loop_t *loop, const report_t *report, void *userdata) {
  struct handler_call handler_call = {loop, report, userdata, 0};
  struct interpreter *interpreter = handler_call.handler->interpreter;
  if (interpreter->L == NULL) {
    loop_default_exception_handler(loop, report);
    return;
  }
  struct lua_task *task = interpreter->task;
  interpreter->task = NULL;
  exception_t *exception = call_from_loop(interpreter, call_handler, &handler_call);
  interpreter->task = task;
  if (exception == NULL && handler_call.called) return;
  loop_default_exception_handler(loop, report);
  if (exception == NULL) return;
  const char *message = exception_message(exception);
  fprintf(stderr, "Unhandled error in exception handler: %s\n", message ? message : exception_kind(exception));
  exception_unref(exception);
}

static int set_exception_handler(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "set_exception_handler");
  int status = 0;
  if (lua_isnoneornil(L, 2)) {
    status = loop_set_exception_handler(loop, NULL, NULL, NULL);
  } else {
    check_function(L, 2, "set_exception_handler");
    lua_settop(L, 2);
    struct callback *handler = callback_new(L, 2, loop, loop);
    status = loop_set_exception_handler(loop, on_report, handler, callback_destroy);
  }
  return status != 0 ? raise_status(L, status, "set_exception_handler") : 0;
}

static int bad_field(lua_State *L, int index, const char *expected) {
  const char *got = type_name(L, index);
  return bad_argument(L, 2, "call_exception_handler", lua_pushfstring(L, "%s expected, got %s", expected, got));
}

static int call_exception_handler(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "call_exception_handler");
  if (!lua_istable(L, 2)) return bad_type(L, 2, "call_exception_handler", "table");
  lua_settop(L, 2);
  lua_getfield(L, 2, "message");
  lua_getfield(L, 2, "future");
  lua_getfield(L, 2, "exception");
  if (lua_type(L, 3) != LUA_TSTRING) return bad_field(L, 3, "message: string");
  const char *message = lua_tostring(L, 3);
  future_t *future = handle_test(L, 4, HANDLE_FUTURE);
  if (future == NULL && !lua_isnil(L, 4)) return bad_field(L, 4, "future: Future");
  exception_t *exception = lua_isnil(L, 5) ? NULL : exception_from_lua(L, 5, NULL);
  lua_State *before = interpreter_enter(interpreter_of(L), L);
  int status = loop_call_exception_handler(loop, message, exception, future);
  interpreter_leave(interpreter_of(L), before);
  exception_unref(exception);
  return status != 0 ? raise_status(L, status, "call_exception_handler") : 0;
}

/* ---- scheduled calls ---- */

static void cancel_call(void *handle) { handle_cancel(handle); }

static int push_call(lua_State *L, int status, handle_t *handle, const char *name) {
  if (status != 0) return raise_status(L, status, name);
  handle_push_owned_or_undo(L, HANDLE_CALL, handle, cancel_call);
  return 1;
}

static int call_soon(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "call_soon");
  handle_t *handle = NULL;
  check_function(L, 2, "call_soon");
  struct callback *callback = callback_new(L, 2, loop, loop);
  int status = loop_call_soon(loop, callback_call, callback, callback_destroy, &handle);
  return push_call(L, status, handle, "call_soon");
}

static int call_later(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "call_later");
  double delay = check_number(L, 2, "call_later");
  handle_t *handle = NULL;
  check_function(L, 3, "call_later");
  struct callback *callback = callback_new(L, 3, loop, loop);
  int status = loop_call_later(loop, delay, callback_call, callback, callback_destroy, &handle);
  return push_call(L, status, handle, "call_later");
}

static int call_at(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "call_at");
  double when = check_number(L, 2, "call_at");
  handle_t *handle = NULL;
  check_function(L, 3, "call_at");
  struct callback *callback = callback_new(L, 3, loop, loop);
  int status = loop_call_at(loop, when, callback_call, callback, callback_destroy, &handle);
  return push_call(L, status, handle, "call_at");
}

/* ---- done-callbacks ---- */

static int add_done_callback(lua_State *L) {
  future_t *future = handle_check(L, 1, HANDLE_FUTURE, "add_done_callback");
  check_function(L, 2, "add_done_callback");
  lua_settop(L, 2);
  struct callback *callback = callback_new(L, 2, future_get_loop(future), future);
  int status = future_add_done_callback(future, on_done, callback, callback_destroy);
  return status != 0 ? raise_status(L, status, "add_done_callback") : 0;
}

static struct callback *find_done_callback(lua_State *L, const future_t *future) {
  for (struct held_value *held = interpreter_of(L)->callbacks; held != NULL; held = held->next) {
    struct callback *found = (struct callback *)held;
    if (found->subject != future) continue;
    callback_push(L, found);
    int same = lua_rawequal(L, -1, 2);
    lua_pop(L, 1);
    if (same) return found;
  }
  return NULL;
}

static int remove_done_callback(lua_State *L) {
  future_t *future = handle_check(L, 1, HANDLE_FUTURE, "remove_done_callback");
  struct callback *callback = NULL;
  size_t removed = 0, more = 1;
  check_function(L, 2, "remove_done_callback");
  lua_settop(L, 2);
  while (more > 0 && (callback = find_done_callback(L, future)) != NULL) {
    int status = future_remove_done_callback(future, on_done, callback, &more);
    if (status != 0) return raise_status(L, status, "remove_done_callback");
    removed += more;
  }
  lua_pushinteger(L, (lua_Integer)removed);
  return 1;
}

/* ---- the order of a priority queue ---- */

struct comparison {
  const struct callback *less;
  const value_t *left, *right;
  int before;
};

static void call_less(lua_State *L, void *argument) {
  struct comparison *comparison = argument;
  callback_push(L, comparison->less);
  value_push(L, comparison->left);
  value_push(L, comparison->right);
  lua_call(L, 2, 1);
  comparison->before = lua_toboolean(L, -1);
}

/* An error in `less` goes to the exception handler: a comparison cannot fail. */
static int compare(const value_t *left, const value_t *right, void *userdata) {
  struct callback *less = userdata;
  struct comparison comparison = {less, left, right, 0};
  exception_t *exception = NULL;
  if (less->interpreter->L == NULL) return 0;
  exception = call_from_loop(less->interpreter, call_less, &comparison);
  if (exception != NULL)
    loop_call_exception_handler((loop_t *)less->subject, "Error in the comparison function of a priority queue",
                                exception, NULL);
  exception_unref(exception);
  return comparison.before ? -1 : 1;
}

static int priority_queue(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "priority_queue");
  size_t maxsize = optional_size(L, 2, 0, "priority_queue");
  queue_t *queue = NULL;
  int status = 0;
  if (lua_isnoneornil(L, 3)) {
    status = queue_new_priority(loop, maxsize, NULL, NULL, NULL, &queue);
  } else {
    check_function(L, 3, "priority_queue");
    lua_settop(L, 3);
    status = queue_new_priority(loop, maxsize, compare, callback_new(L, 3, loop, loop), callback_destroy, &queue);
  }
  if (status != 0) return raise_status(L, status, "priority_queue");
  handle_push_owned(L, HANDLE_QUEUE, queue);
  return 1;
}

void callbacks_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"call_soon", call_soon},
      {"call_later", call_later},
      {"call_at", call_at},
      {"set_exception_handler", set_exception_handler},
      {"call_exception_handler", call_exception_handler},
      {"add_done_callback", add_done_callback},
      {"remove_done_callback", remove_done_callback},
      {"priority_queue", priority_queue},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
