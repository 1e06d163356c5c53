/* Waiting, inside the coroutine of a task. */
#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "tasks.h"
#include "values.h"

static const char by_hand[] = "the coroutine of a waiting task was resumed by hand: only its loop resumes a task";

static void tell(struct lua_task *task, exception_t *exception) {
  exception_unref(task->told);
  task->told = exception_ref(exception);
}

/* Pushes the outcome of what was awaited, or raises it. */
static int push_outcome(lua_State *L, struct lua_task *task) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  if (task_awaited(task->task, &value) == 0) {
    value_give(L, value);
    return 1;
  }
  int status = task_awaited_exception(task->task, &exception);
  if (exception == NULL) return raise_status(L, status, "await");
  tell(task, exception);
  return error_raise(L, exception);
}

/* Of a future that is on the stack. */
static int push_done(lua_State *L, struct lua_task *task, future_t *future) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  if (future_result(future, &value) == 0) {
    value_give(L, value);
    return 1;
  }
  if (future_exception(future, &exception) == LOOP_ECANCELLED) future_cancelled_error(future, &exception);
  tell(task, exception);
  return error_raise(L, exception);
}

/* ---- resumed by others ---- */

static int is_stepped(lua_State *L) {
  const struct lua_task *task = interpreter_of(L)->task;
  return task != NULL && task->thread == L;
}

/* The task waits on, unharmed; the loop's exception handler is told, for whoever resumes seldom looks at what they get:
 * it cannot be an error there, as an error would end the coroutine. */
static void report_resumed(lua_State *L) {
  struct interpreter *interpreter = interpreter_of(L);
  struct lua_task *task = interpreter->tasks;
  exception_t *exception = NULL;
  while (task != NULL && task->thread != L) task = task->next;
  if (task == NULL || task->task == NULL || exception_new("RuntimeError", by_hand, &exception) != 0) return;
  lua_State *before = interpreter_enter(interpreter, L);
  loop_call_exception_handler(task->loop, by_hand, exception, task_as_future(task->task));
  interpreter_leave(interpreter, before);
  exception_unref(exception);
}

/* Leaves on the stack what coroutine.resume is to return after `true`. */
static void answer_by_hand(lua_State *L) {
  lua_settop(L, 0);
  report_resumed(L);
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_pushstring(L, by_hand);
}

#ifdef BOUCLE_LUA_51

/* Without continuations, the functions that wait are wrapped in Lua ones (see base.lua). They know by these two, which
 * no value of a user's is equal to, that there is an outcome already, and that somebody else has resumed them. */
static const char at_once, not_yet;

static int outcome(lua_State *L) {
  if (is_stepped(L)) return push_outcome(L, interpreter_of(L)->task);
  answer_by_hand(L);
  lua_pushlightuserdata(L, (void *)&not_yet);
  lua_insert(L, 1);
  return 3;
}

static int suspend(lua_State *L) {
  lua_settop(L, 0);
  return lua_yield(L, 0);
}

static int answer(lua_State *L, struct lua_task *task, future_t *future) {
  lua_pushlightuserdata(L, (void *)&at_once);
  return 1 + push_done(L, task, future);
}

void suspend_register(lua_State *L) {
  lua_pushcfunction(L, outcome);
  lua_setfield(L, -2, "outcome");
  lua_pushlightuserdata(L, (void *)&at_once);
  lua_setfield(L, -2, "AT_ONCE");
  lua_pushlightuserdata(L, (void *)&not_yet);
  lua_setfield(L, -2, "NOT_YET");
}

#else

static int resumed(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  if (is_stepped(L)) return push_outcome(L, interpreter_of(L)->task);
  answer_by_hand(L);
  return lua_yieldk(L, 2, 0, resumed);
}

/* The arguments must not stay on the stack: a task does not keep alive what it waits for. */
static int suspend(lua_State *L) {
  lua_settop(L, 0);
  return lua_yieldk(L, 0, 0, resumed);
}

static int answer(lua_State *L, struct lua_task *task, future_t *future) { return push_done(L, task, future); }

#endif

/* ---- what others call ---- */

void check_may_wait(lua_State *L, const char *name) {
  const struct lua_task *task = interpreter_of(L)->task;
  if (task == NULL)
    raise_message(L, lua_pushfstring(L, "%s: no task is running here: only a task can wait", name));
  else if (task->thread != L)
    raise_message(
        L, lua_pushfstring(L, "%s: called in a coroutine inside the task: only the task's own can wait", name));
}

void check_may_suspend(lua_State *L, const char *name) {
  check_may_wait(L, name);
  if (!lua_isyieldable(L))
    raise_message(L, lua_pushfstring(L, "%s: attempt to yield across a C-call boundary: no task can wait inside a "
                                        "function that C calls, a debug hook or a finalizer", name));
}

/* Nothing can fail between the wish and the yield: a wish that is not followed by one would be that of the next. */
int wait_for_future(lua_State *L, future_t *future) {
  struct lua_task *task = interpreter_of(L)->task;
  if (future_done(future)) return answer(L, task, future);
  check_may_suspend(L, "await");
  task->wish = WISH_FUTURE;
  task->what.future = future_ref(future);
  return suspend(L);
}

int wait_for_coroutine(lua_State *L, coroutine_t *coroutine) {
  struct lua_task *task = interpreter_of(L)->task;
  task->wish = WISH_COROUTINE;
  task->what.coroutine = coroutine;
  return suspend(L);
}

int wait_for_time(lua_State *L, double seconds) {
  struct lua_task *task = interpreter_of(L)->task;
  task->wish = WISH_SLEEP;
  task->what.seconds = seconds;
  return suspend(L);
}
