#include "tasks.h"

#include <stdlib.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "lua_task.h"
#include "values.h"

/* ---- destroying ---- */

static void clear_awaited(struct lua_task *task) {
  if (task->awaited_kind == AWAITED_FUTURE) future_unref(task->awaited.future);
  if (task->awaited_kind == AWAITED_COROUTINE) coroutine_unref(task->awaited.coroutine);
  task->awaited_kind = AWAITED_NOTHING;
}

/* For a coroutine that has not finished: runs its <close> variables, outside of any task. */
static void close_thread(struct lua_task *task) {
  struct interpreter *interpreter = task->interpreter;
  struct lua_task *outer = interpreter->task;
  interpreter->task = NULL;
  lua_State *before = interpreter_enter(interpreter, task->thread);
  reset_thread(task->thread);
  interpreter_leave(interpreter, before);
  interpreter->task = outer;
}

static void task_destroy(void *userdata) {
  struct lua_task *task = userdata;
  struct interpreter *interpreter = task->interpreter;
  clear_awaited(task);
  held_value_remove(&task->held);
  if (interpreter->L != NULL) {
    if (lua_status(task->thread) == LUA_YIELD) close_thread(task);
    held_value_free(interpreter->L, &task->held);
  }
  exception_unref(task->last_raised);
  interpreter_unref(interpreter);
  free(task);
  held_count_add(-1);
}

/* ---- one step ---- */

static void step(task_t *task, void *userdata);

static void raise_owned(task_t *task, exception_t *exception) {
  task_raise(task, exception);
  exception_unref(exception);
}

static void fail(task_t *task, struct interpreter *interpreter, const char *kind, const char *message) {
  exception_t *exception = NULL;
  if (exception_new(kind, message, &exception) != 0) exception = exception_ref(interpreter->memory_error);
  raise_owned(task, exception);
}

struct outcome {
  lua_State *thread;
  value_t *value;
  exception_t *exception;
};

/* Pushes onto L a copy of the value at `index` of the thread's stack. */
static void copy_from(lua_State *L, lua_State *thread, int index) {
  lua_pushvalue(thread, index);
  lua_xmove(thread, L, 1);
}

static void convert_result(lua_State *L, void *argument) {
  struct outcome *outcome = argument;
  copy_from(L, outcome->thread, 1);
  outcome->value = value_from_lua(L, -1);
}

static void convert_error(lua_State *L, void *argument) {
  struct outcome *outcome = argument;
  copy_from(L, outcome->thread, -1);
  outcome->exception = exception_from_lua(L, -1, outcome->thread);
}

static void finish_with_result(task_t *task, struct lua_task *lua) {
  struct outcome outcome = {lua->thread, NULL, NULL};
  int status = value_from_simple(lua->thread, lua_gettop(lua->thread) > 0 ? 1 : 0x7fff, &outcome.value);
  exception_t *exception = NULL;
  if (status == LOOP_EKIND)
    exception = call_from_loop(lua->interpreter, convert_result, &outcome);
  else if (status != 0)
    exception = exception_ref(lua->interpreter->memory_error);
  if (exception != NULL) {
    raise_owned(task, exception);
    return;
  }
  task_return(task, outcome.value);
  value_unref(outcome.value);
}

static exception_t *error_of(struct lua_task *lua) {
  struct outcome outcome = {lua->thread, NULL, NULL};
  exception_t *exception = call_from_loop(lua->interpreter, convert_error, &outcome);
  if (outcome.exception == NULL) return exception;
  exception_unref(exception);
  return outcome.exception;
}

/* A <close> variable may raise an error, which replaces the first one. */
static void finish_with_error(task_t *task, struct lua_task *lua) {
  exception_t *exception = error_of(lua);
#ifndef BOUCLE_LUA_51
  const void *before = lua_topointer(lua->thread, -1);
  if (lua_resetthread(lua->thread) != LUA_OK && lua_topointer(lua->thread, -1) != before) {
    exception_unref(exception);
    exception = error_of(lua);
  }
#endif
  raise_owned(task, exception);
}

static int await_requested(task_t *task, struct lua_task *lua) {
  switch (lua->awaited_kind) {
    case AWAITED_FUTURE: return task_await_catch(task, lua->awaited.future, step);
    case AWAITED_COROUTINE: return task_await_coroutine_catch(task, lua->awaited.coroutine, step);
    case AWAITED_SLEEP: return task_sleep_catch(task, lua->awaited.seconds, step);
    default: return LOOP_ENOTSUPPORTED;
  }
}

static void await_after_yield(task_t *task, struct lua_task *lua) {
  if (lua->awaited_kind == AWAITED_NOTHING) {
    reset_thread(lua->thread);
    fail(task, lua->interpreter, "RuntimeError", "a task called coroutine.yield: call boucle.await to suspend a task");
    return;
  }
  int status = await_requested(task, lua);
  exception_t *exception = NULL;
  if (status != 0) {
    reset_thread(lua->thread);
    if (exception_new_from_status(status, &exception) != 0) exception = exception_ref(lua->interpreter->memory_error);
    raise_owned(task, exception);
  }
  clear_awaited(lua);
}

static void step(task_t *task, void *userdata) {
  struct lua_task *lua = userdata, *outer = lua->interpreter->task;
  struct interpreter *interpreter = lua->interpreter;
  int arguments = lua->arguments;
  if (interpreter->L == NULL) {
    fail(task, interpreter, "RuntimeError", "the Lua state of the task is closed");
    return;
  }
  if (arguments < 0 && lua_status(lua->thread) != LUA_YIELD) {
    fail(task, interpreter, "RuntimeError", "the coroutine of the task was closed while the task waited");
    return;
  }
  lua->arguments = -1;
  lua_State *before = interpreter_enter(interpreter, lua->thread);
  interpreter->task = lua;
  int status = resume_thread(lua->thread, before, arguments > 0 ? arguments : 0);
  interpreter_leave(interpreter, before); /* the loop makes no calls on this thread any more, even if it has failed */
  if (status == LUA_YIELD)
    await_after_yield(task, lua);
  else if (status == LUA_OK)
    finish_with_result(task, lua);
  else
    finish_with_error(task, lua);
  interpreter->task = outer;
}

/* ---- creating ---- */

static struct lua_task *task_new(lua_State *L, int index) {
  struct interpreter *interpreter = interpreter_of(L);
  int count = lua_gettop(L) - index;
  lua_State *thread = lua_newthread(L);
  lua_insert(L, index);
  if (!lua_checkstack(thread, count + 1)) luaL_error(L, "too many arguments");
  lua_xmove(L, thread, count + 1);
  int reference = held_value_reference(L, index);
  struct lua_task *task = calloc(1, sizeof *task);
  if (task == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    luaL_error(L, "not enough memory");
  }
  *task = (struct lua_task){.interpreter = interpreter_ref(interpreter), .thread = thread, .arguments = count};
  held_value_add(&interpreter->tasks, &task->held, reference, NULL);
  held_count_add(1);
  return task;
}

future_t *task_spawn(lua_State *L, loop_t *loop, task_group_t *group, int index, const char *name) {
  task_t *task = NULL;
  check_function(L, index, name);
  struct lua_task *lua = task_new(L, index);
  int status = group != NULL ? task_group_ensure_future(group, step, lua, task_destroy, &task)
                             : loop_ensure_future(loop, step, lua, task_destroy, &task);
  lua_settop(L, index - 1);
  if (status == LOOP_ESHUTTINGDOWN) {
    lua_pushfstring(L, "TaskGroup is %s", task_group_state(group));
    raise_text(L, "RuntimeError", lua_tostring(L, -1));
  }
  if (group != NULL && status == LOOP_EINVALIDSTATE) raise_text(L, "RuntimeError", "TaskGroup has not been entered");
  if (status != 0) raise_status(L, status, name);
  lua->task = task;
  lua->held.loop = future_get_loop(task_as_future(task));
  return task_as_future(task);
}

/* ---- the running task ---- */

/* current_task(loop): of the running loop, if it is nil. */
static int current_task(lua_State *L) {
  loop_t *loop = handle_optional(L, 1, HANDLE_LOOP, "current_task");
  task_t *task = task_get_current(loop != NULL ? loop : loop_get_running());
  handle_push_future(L, task != NULL ? task_as_future(task) : NULL);
  return 1;
}

void tasks_register(lua_State *L) {
  lua_pushcfunction(L, current_task);
  lua_setfield(L, -2, "current_task");
}
