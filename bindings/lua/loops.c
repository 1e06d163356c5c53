#include "loops.h"

#include <math.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "held_values.h"
#include "interpreter.h"
#include "tasks.h"
#include "values.h"

static loop_t *self_of(lua_State *L, const char *name) { return handle_check(L, 1, HANDLE_LOOP, name); }

/* ---- tasks ---- */

/* Returns a new reference to the future at `index`; or to a new task of the coroutine, or of the function and its
 * arguments. */
static future_t *ensure(lua_State *L, loop_t *loop, int index, int *ret_created, const char *name) {
  future_t *future = handle_test(L, index, HANDLE_FUTURE);
  coroutine_t *coroutine = handle_test(L, index, HANDLE_COROUTINE);
  *ret_created = future == NULL;
  if (future != NULL) return future_ref(future);
  if (coroutine == NULL) return task_spawn(L, loop, NULL, index, name);
  task_t *task = NULL;
  int status = loop_ensure_coroutine(loop, coroutine, &task);
  if (status != 0) raise_status(L, status, name);
  return task_as_future(task);
}

/* A task that is cancelled before its first step never runs. */
static void cancel_task(void *task) { future_cancel(task, NULL, NULL); }

static void push_task(lua_State *L, future_t *task) { handle_push_owned_or_undo(L, HANDLE_TASK, task, cancel_task); }

static int ensure_future(lua_State *L) {
  int made = 0;
  loop_t *loop = self_of(L, "ensure_future");
  future_t *future = ensure(L, loop, 2, &made, "ensure_future");
  if (made)
    push_task(L, future);
  else
    handle_push_owned_future(L, future);
  return 1;
}

static int create_task(lua_State *L) {
  loop_t *loop = self_of(L, "create_task");
  push_task(L, task_spawn(L, loop, NULL, 2, "create_task"));
  return 1;
}

/* The same without a handle: only the loop has a reference to the task. */
static int spawn(lua_State *L) {
  loop_t *loop = self_of(L, "spawn");
  future_unref(task_spawn(L, loop, NULL, 2, "spawn"));
  return 0;
}

static int group_create_task(lua_State *L) {
  task_group_t *group = handle_check(L, 1, HANDLE_GROUP, "create_task");
  push_task(L, task_spawn(L, NULL, group, 2, "create_task"));
  return 1;
}

static int group_spawn(lua_State *L) {
  task_group_t *group = handle_check(L, 1, HANDLE_GROUP, "spawn");
  future_unref(task_spawn(L, NULL, group, 2, "spawn"));
  return 0;
}

static void release_tasks(task_t **tasks, size_t count) {
  for (size_t i = 0; i < count; i++) future_unref(task_as_future(tasks[i]));
}

struct task_list {
  task_t **tasks;
  size_t count;
};

static void push_task_list(lua_State *L, void *argument) {
  const struct task_list *list = argument;
  lua_createtable(L, (int)list->count, 0);
  for (size_t i = 0; i < list->count; i++) {
    handle_push(L, HANDLE_TASK, task_as_future(list->tasks[i]));
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* An allocation may run finalizers, which create and end tasks. So it tries again until all tasks had room. */
static int all_tasks(lua_State *L) {
  loop_t *loop = self_of(L, "all_tasks");
  size_t capacity = 0, count = 0;
  int status = loop_all_tasks(loop, NULL, 0, &count);
  struct task_list list = {NULL, 0};
  while (status == 0 && count > capacity) {
    capacity = count + 8;
    lua_settop(L, 1);
    list.tasks = lua_newuserdata(L, capacity * sizeof *list.tasks);
    status = loop_all_tasks(loop, list.tasks, capacity, &count);
    if (count > capacity) release_tasks(list.tasks, capacity);
  }
  if (status != 0) return raise_status(L, status, "all_tasks");
  list.count = count;
  int failed = cpcall(L, push_task_list, &list);
  release_tasks(list.tasks, count);
  return failed ? lua_error(L) : 1;
}

static int get_running_loop(lua_State *L) {
  handle_push(L, HANDLE_LOOP, loop_get_running());
  return 1;
}

/* get_event_loop(): returns the running loop, or else the one that was set in this thread. */
static int get_event_loop(lua_State *L) {
  handle_push(L, HANDLE_LOOP, loop_get_current());
  return 1;
}

static int set_event_loop(lua_State *L) {
  loop_t *loop = handle_optional(L, 1, HANDLE_LOOP, "set_event_loop");
  struct interpreter *interpreter = interpreter_of(L);
  lua_State *before = interpreter_enter(interpreter, L); /* the former loop may be destroyed now */
  int status = loop_set_current(loop);
  interpreter_leave(interpreter, before);
  return status != 0 ? raise_status(L, status, "set_event_loop") : 0;
}

/* ---- running ---- */

#ifdef BOUCLE_LUA_51

static void note_hook_called(lua_State *L, lua_Debug *event) {
  (void)event;
  interpreter_of(L)->hook_called = 1;
}

static int nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* LuaJIT crashes if any coroutine yields inside a finalizer or a debug hook: it takes the yield for one of the hook. It
 * does not say whether such code is running, but it calls no hooks then. Returns whether hooks are called. */
static int hooks_are_called(lua_State *L) {
  lua_Hook hook = lua_gethook(L);
  int mask = lua_gethookmask(L), count = lua_gethookcount(L);
  struct interpreter *interpreter = interpreter_of(L);
  interpreter->hook_called = 0;
  lua_pushcfunction(L, nothing);
  lua_sethook(L, note_hook_called, LUA_MASKCALL, 0);
  lua_call(L, 0, 0);
  lua_sethook(L, hook, mask, count);
  return interpreter->hook_called;
}

static void check_can_run(lua_State *L, const char *name) {
  luaL_checkstack(L, 1, "loops");
  if (!hooks_are_called(L))
    raise_message(L, lua_pushfstring(L, "%s: LuaJIT cannot suspend tasks inside a finalizer or a debug hook", name));
}

#else
static void check_can_run(lua_State *L, const char *name) { (void)L, (void)name; }
#endif

/* check_can_run(name) */
static int check_run(lua_State *L) {
  check_can_run(L, lua_tostring(L, 1));
  return 0;
}

static int raise_exit(lua_State *L, loop_t *loop) {
  exception_t *exception = NULL;
  int status = loop_take_exit(loop, &exception);
  return status != 0 ? raise_status(L, status, "run") : error_raise(L, exception);
}

static int run_until_complete(lua_State *L) {
  static const char name[] = "run_until_complete";
  loop_t *loop = self_of(L, name);
  struct interpreter *interpreter = interpreter_of(L);
  value_t *value = NULL;
  int made = 0;
  if (loop_is_closed(loop)) return raise_status(L, LOOP_ECLOSED, name);
  if (loop_is_running(loop) || loop_get_running() != NULL) return raise_status(L, LOOP_ERUNNING, name);
  check_can_run(L, name);
  future_t *future = ensure(L, loop, 2, &made, name);
  if (made) task_set_log_destroy_pending(future_as_task(future), 0);
  lua_State *before = interpreter_enter(interpreter, L);
  int status = loop_run_until_complete(loop, future, &value);
  interpreter_leave(interpreter, before);
  if (status == LOOP_EEXIT && made && future_done(future))
    future_result(future, NULL); /* marks the exception as retrieved: it is raised here */
  exception_t *exception = NULL;
  int failed = status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED;
  if (failed) failed = exception_of_done(future, &exception);
  future_unref(future);
  if (exception != NULL) return error_raise(L, exception);
  if (status == 0) return value_push_owned(L, value), 1;
  if (status == LOOP_EEXIT) return raise_exit(L, loop);
  if (failed) return raise_status(L, failed, "await");
  if (status == LOOP_ESTOPPED) return raise_text(L, "RuntimeError", "Event loop stopped before Future completed.");
  return raise_status(L, status, name);
}

static int finish_run(lua_State *L, loop_t *loop, int status, const char *name) {
  if (status == LOOP_EEXIT) return raise_exit(L, loop);
  return status != 0 ? raise_status(L, status, name) : 0;
}

static int run_forever(lua_State *L) {
  loop_t *loop = self_of(L, "run_forever");
  struct interpreter *interpreter = interpreter_of(L);
  check_can_run(L, "run_forever");
  lua_State *before = interpreter_enter(interpreter, L);
  int status = loop_run_forever(loop);
  interpreter_leave(interpreter, before);
  return finish_run(L, loop, status, "run_forever");
}

static int run_once(lua_State *L) {
  loop_t *loop = self_of(L, "run_once");
  double timeout = optional_number(L, 2, INFINITY, "run_once");
  struct interpreter *interpreter = interpreter_of(L);
  check_can_run(L, "run_once");
  lua_State *before = interpreter_enter(interpreter, L);
  int status = loop_run_once(loop, isinf(timeout) ? -1 : timeout);
  interpreter_leave(interpreter, before);
  return finish_run(L, loop, status, "run_once");
}

static int shutdown_loop(lua_State *L) {
  loop_t *loop = self_of(L, "shutdown");
  struct interpreter *interpreter = interpreter_of(L);
  check_can_run(L, "shutdown");
  lua_State *before = interpreter_enter(interpreter, L);
  int status = loop_shutdown(loop);
  interpreter_leave(interpreter, before);
  return finish_run(L, loop, status, "shutdown");
}

static int close_loop(lua_State *L) {
  loop_t *loop = self_of(L, "close");
  struct interpreter *interpreter = interpreter_of(L);
  lua_State *before = interpreter_enter(interpreter, L);
  int status = loop_close(loop);
  interpreter_leave(interpreter, before);
  if (status == LOOP_ERUNNING) return raise_text(L, "RuntimeError", "Cannot close a running event loop");
  if (status != 0) return raise_status(L, status, "close");
  held_values_attach(L, 1, loop);
  return 0;
}

/* timeout_exit(timeout, failed, error): returns whether the block still fails, and the error that is propagated. */
static int exit_timeout(lua_State *L) {
  timeout_t *timeout = handle_check(L, 1, HANDLE_TIMEOUT, "timeout");
  exception_t *exception = lua_toboolean(L, 2) ? exception_from_lua(L, 3, NULL) : NULL, *propagated = NULL;
  int status = timeout_exit(timeout, exception, &propagated);
  exception_unref(exception);
  if (status != 0) return raise_status(L, status, "timeout");
  lua_pushboolean(L, propagated != NULL);
  if (propagated == NULL) return 1;
  error_push_owned(L, propagated);
  return 2;
}

static int reschedule_timeout(lua_State *L) {
  timeout_t *timeout = handle_check(L, 1, HANDLE_TIMEOUT, "reschedule");
  int status = timeout_reschedule(timeout, optional_number(L, 2, INFINITY, "reschedule"));
  if (status == LOOP_EEXPIRED) {
    lua_pushfstring(L, "Cannot change state of %s Timeout", timeout_state(timeout));
    return raise_text(L, "RuntimeError", lua_tostring(L, -1));
  }
  return status != 0 ? raise_status(L, status, "reschedule") : 0;
}

/* ---- for tests ---- */

static int live_objects(lua_State *L) {
  foreign_release_deferred(interpreter_of(L));
  lua_pushinteger(L, (lua_Integer)loop_live_objects());
  lua_pushinteger(L, (lua_Integer)held_count());
  return 2;
}

void loops_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"ensure_future", ensure_future},
      {"create_task", create_task},
      {"spawn", spawn},
      {"group_create_task", group_create_task},
      {"group_spawn", group_spawn},
      {"all_tasks", all_tasks},
      {"get_running_loop", get_running_loop},
      {"get_event_loop", get_event_loop},
      {"set_event_loop", set_event_loop},
      {"run_until_complete", run_until_complete},
      {"run_forever", run_forever},
      {"run_once", run_once},
      {"shutdown", shutdown_loop},
      {"close", close_loop},
      {"check_can_run", check_run},
      {"timeout_exit", exit_timeout},
      {"timeout_reschedule", reschedule_timeout},
      {"live_objects", live_objects},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
