#include "await.h"

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "lua_task.h"
#include "values.h"

static const char resumed_by_user_message[] =
    "the coroutine of a waiting task was resumed by other code: only its loop may resume it";

static void remember_raised(struct lua_task *task, exception_t *exception) {
  exception_unref(task->last_raised);
  task->last_raised = exception_ref(exception);
}

/* Pushes the outcome of what was awaited, or raises it. */
static int push_outcome(lua_State *L, struct lua_task *task) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  if (task_awaited(task->task, &value) == 0) {
    value_push_owned(L, value);
    return 1;
  }
  int status = task_awaited_exception(task->task, &exception);
  if (exception == NULL) return raise_status(L, status, "await");
  remember_raised(task, exception);
  return error_raise(L, exception);
}

/* The same for a future that is done already. Gives up the caller's reference to it. */
static int push_done(lua_State *L, struct lua_task *task, future_t *future) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  int failed = future_result(future, &value);
  if (failed) exception_of_done(future, &exception);
  future_unref(future);
  if (!failed) {
    value_push_owned(L, value);
    return 1;
  }
  remember_raised(task, exception);
  return error_raise(L, exception);
}

/* ---- coroutines that the user's code resumes ---- */

static int is_running_task(lua_State *L) {
  const struct lua_task *task = interpreter_of(L)->task;
  return task != NULL && task->thread == L;
}

/* Calls the loop's exception handler; the task keeps waiting. coroutine.resume cannot raise an error for it, because an
 * error inside the coroutine would end it, and its results are seldom looked at. */
static void report_resumed_by_user(lua_State *L) {
  struct interpreter *interpreter = interpreter_of(L);
  struct held_value *held = interpreter->tasks;
  exception_t *exception = NULL;
  while (held != NULL && ((struct lua_task *)held)->thread != L) held = held->next;
  struct lua_task *task = (struct lua_task *)held;
  if (task == NULL || task->task == NULL || exception_new("RuntimeError", resumed_by_user_message, &exception) != 0)
    return;
  lua_State *before = interpreter_enter(interpreter, L);
  future_t *future = task_as_future(task->task);
  loop_call_exception_handler(future_get_loop(future), resumed_by_user_message, exception, future);
  interpreter_leave(interpreter, before);
  exception_unref(exception);
}

/* Leaves on the stack what coroutine.resume returns after `true`. */
static void push_resume_error(lua_State *L) {
  lua_settop(L, 0);
  report_resumed_by_user(L);
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_pushstring(L, resumed_by_user_message);
}

#ifdef BOUCLE_LUA_51

/* LuaJIT has no continuations, so base.lua wraps the functions that wait. The addresses of these two, which equal no
 * value of a user, tell the wrapper that the outcome is there already, or that the user's code resumed
 * the coroutine. */
static const char already_done, resumed_by_user;

static int outcome(lua_State *L) {
  if (is_running_task(L)) return push_outcome(L, interpreter_of(L)->task);
  push_resume_error(L);
  lua_pushlightuserdata(L, (void *)&resumed_by_user);
  lua_insert(L, 1);
  return 3;
}

static int suspend(lua_State *L) {
  lua_settop(L, 0);
  return lua_yield(L, 0);
}

static int return_done(lua_State *L, struct lua_task *task, future_t *future) {
  lua_pushlightuserdata(L, (void *)&already_done);
  return 1 + push_done(L, task, future);
}

static void register_outcome(lua_State *L) {
  lua_pushcfunction(L, outcome);
  lua_setfield(L, -2, "outcome");
  lua_pushlightuserdata(L, (void *)&already_done);
  lua_setfield(L, -2, "ALREADY_DONE");
  lua_pushlightuserdata(L, (void *)&resumed_by_user);
  lua_setfield(L, -2, "RESUMED_BY_USER");
}

#else

static void register_outcome(lua_State *L) { (void)L; }

static int resumed(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  if (is_running_task(L)) return push_outcome(L, interpreter_of(L)->task);
  push_resume_error(L);
  return lua_yieldk(L, 2, 0, resumed);
}

/* The arguments must not stay on the stack: a task must not keep alive what it waits for. */
static int suspend(lua_State *L) {
  lua_settop(L, 0);
  return lua_yieldk(L, 0, 0, resumed);
}

static int return_done(lua_State *L, struct lua_task *task, future_t *future) { return push_done(L, task, future); }

#endif

/* ---- the functions of await.h ---- */

void check_can_wait(lua_State *L, const char *name) {
  const struct lua_task *task = interpreter_of(L)->task;
  if (task == NULL)
    raise_message(L, lua_pushfstring(L, "%s: no task is running here: only a task can wait", name));
  else if (task->thread != L)
    raise_message(L, lua_pushfstring(
                         L, "%s: called in a coroutine inside the task: only the task's own coroutine can wait", name));
}

void check_can_suspend(lua_State *L, const char *name) {
  check_can_wait(L, name);
  if (!lua_isyieldable(L))
    raise_message(L, lua_pushfstring(L,
                                     "%s: attempt to yield across a C-call boundary: no task can wait inside a "
                                     "function that C calls, a debug hook or a finalizer",
                                     name));
}

/* No error may happen between writing down what is awaited and the yield: the next yield would await it. */
int wait_for_future(lua_State *L, future_t *future) {
  if (!future_done(future)) check_can_suspend(L, "await");
  return wait_for_owned_future(L, future_ref(future));
}

int wait_for_owned_future(lua_State *L, future_t *future) {
  struct lua_task *task = interpreter_of(L)->task;
  if (future_done(future)) return return_done(L, task, future);
  task->awaited_kind = AWAITED_FUTURE;
  task->awaited.future = future;
  return suspend(L);
}

int wait_for_coroutine(lua_State *L, coroutine_t *coroutine) {
  struct lua_task *task = interpreter_of(L)->task;
  task->awaited_kind = AWAITED_COROUTINE;
  task->awaited.coroutine = coroutine;
  return suspend(L);
}

int wait_for_time(lua_State *L, double seconds) {
  struct lua_task *task = interpreter_of(L)->task;
  task->awaited_kind = AWAITED_SLEEP;
  task->awaited.seconds = seconds;
  return suspend(L);
}

/* check_can_wait(name): called by functions in Lua that will wait. */
static int can_wait(lua_State *L) {
  check_can_suspend(L, lua_tostring(L, 1));
  return 0;
}

void await_register(lua_State *L) {
  lua_pushcfunction(L, can_wait);
  lua_setfield(L, -2, "check_can_wait");
  register_outcome(L);
}
