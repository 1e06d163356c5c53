/* The loop: scheduling, running, and its getters. */
#include <stdlib.h>

#include "arguments.h"
#include "body_task.h"
#include "errors.h"
#include "interpret.h"
#include "operations.h"

/* ---- callbacks ---- */

enum when { SOON, POST, LATER, AT };

static void schedule(struct frame *frame, const struct node *node, enum when when, struct val *ret_val) {
  loop_t *loop = frame->env->loop;
  double delay = 0;
  int64_t at = 0;
  handle_t *handle = NULL, **ret_handle = node->target != NULL || node->show ? &handle : NULL;
  int status = 0;
  if ((when == LATER && !word_delay(frame, &node->words[0], 0, &delay)) ||
      (when == AT && !word_int(frame, &node->words[0], &at)))
    return;
  struct call *call = word_call(frame, &node->words[when == SOON || when == POST ? 0 : 1]);
  if (call == NULL) return;
  switch (when) {
    case SOON: status = loop_call_soon(loop, call_on_loop, call, call_free, ret_handle); break;
    case POST: status = loop_call_soon_threadsafe(loop, call_on_loop, call, call_free, ret_handle); break;
    case LATER: status = loop_call_later(loop, delay, call_on_loop, call, call_free, ret_handle); break;
    case AT: status = loop_call_at(loop, env_seconds(frame->env, at), call_on_loop, call, call_free, ret_handle); break;
  }
  if (frame_check(frame, status) && handle != NULL) *ret_val = val_object(VAL_HANDLE, handle);
}

static void op_call_soon(struct frame *frame, const struct node *node, struct val *ret_val) {
  schedule(frame, node, SOON, ret_val);
}

static void op_post(struct frame *frame, const struct node *node, struct val *ret_val) {
  schedule(frame, node, POST, ret_val);
}

static void op_call_later(struct frame *frame, const struct node *node, struct val *ret_val) {
  schedule(frame, node, LATER, ret_val);
}

static void op_call_at(struct frame *frame, const struct node *node, struct val *ret_val) {
  schedule(frame, node, AT, ret_val);
}

static void op_when(struct frame *frame, const struct node *node, struct val *ret_val) {
  handle_t *handle = word_object(frame, &node->words[0], VAL_HANDLE);
  if (handle != NULL) *ret_val = val_int(env_milliseconds(frame->env, handle_when(handle)));
}

/* ---- running ---- */

/* What leaves a run that ended with that status. A virtual clock's deadlock is logged, and stops the loop. */
static void run_ended(struct frame *frame, int status) {
  exception_t *exception = NULL;
  if (status == LOOP_EDEADLOCK) {
    env_log(frame->env, "loop", "deadlock");
    status = LOOP_ESTOPPED;
  }
  if (status == LOOP_ESTOPPED)
    frame_raise_text(frame, "RuntimeError", "Event loop stopped before Future completed.");
  else if (status == LOOP_EEXIT && loop_take_exit(frame->env->loop, &exception) == 0)
    frame_raise(frame, exception);
  else
    frame_check(frame, status);
}

static void run_future(struct frame *frame, future_t *future, bool made, struct val *ret_val) {
  value_t *value = NULL;
  int status = loop_run_until_complete(frame->env->loop, future, &value);
  if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED)
    frame_raise(frame, error_of_future(frame->env, future));
  else
    run_ended(frame, status);
  if (status == LOOP_EEXIT && made && future_done(future))
    future_result(future, NULL); /* its exception is the one that left the loop */
  if (status == 0) *ret_val = val_from_value(value);
  value_unref(value);
}

/* Lets go of the future; an exception's traceback would keep it until main has logged that. */
static void forget(struct frame *frame, future_t *future) {
  if (frame_raised(frame))
    val_replace(&frame->kept, val_object(VAL_FUTURE, future));
  else
    future_unref(future);
}

static bool may_run(struct frame *frame) {
  if (loop_is_closed(frame->env->loop)) return frame_check(frame, LOOP_ECLOSED);
  return !loop_is_running(frame->env->loop) || frame_check(frame, LOOP_ERUNNING);
}

static void op_run(struct frame *frame, const struct node *node, struct val *ret_val) {
  bool made = node->words[0].kind == WORD_CALL;
  future_t *future = may_run(frame) ? word_operand(frame, &node->words[0], NULL) : NULL;
  if (future == NULL) return;
  if (made) task_set_log_destroy_pending(future_as_task(future), 0);
  run_future(frame, future, made, ret_val);
  forget(frame, future);
}

static void op_run_forever(struct frame *frame, const struct node *node, struct val *ret_val) {
  int status = loop_run_forever(frame->env->loop);
  (void)node;
  (void)ret_val;
  if (status == LOOP_EDEADLOCK)
    env_log(frame->env, "loop", "deadlock");
  else
    run_ended(frame, status);
}

/* ---- asyncio.run ---- */

static void idle_step(task_t *task, void *userdata) {
  (void)task;
  (void)userdata;
}

/* asyncio.run() runs two coroutines that have nothing to do here: shutdown_asyncgens, shutdown_default_executor. */
static void run_idle(struct frame *frame, const char *label) {
  task_t *task = NULL;
  struct val nothing = {0};
  if (!frame_check(frame, loop_ensure_future(frame->env->loop, idle_step, NULL, NULL, &task))) return;
  env_set_label(frame->env, task_as_future(task), label);
  task_set_log_destroy_pending(task, 0);
  run_future(frame, task_as_future(task), true, &nothing);
  task_unref(task);
}

static void op_shutdown(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  (void)ret_val;
  run_ended(frame, loop_shutdown(frame->env->loop));
}

static void end_asyncio_run(struct frame *frame, const struct node *node) {
  struct val nothing = {0};
  struct signal signal = frame_take_signal(frame);
  op_shutdown(frame, node, &nothing);
  if (!frame_raised(frame)) run_idle(frame, "shutdown_asyncgens");
  if (!frame_raised(frame)) run_idle(frame, "shutdown_default_executor");
  loop_close(frame->env->loop);
  if (frame_raised(frame))
    signal_release(signal);
  else
    frame->signal = signal;
}

static void op_asyncio_run(struct frame *frame, const struct node *node, struct val *ret_val) {
  if (!frame_check(frame, env_new_loop(frame->env))) return;
  future_t *future = word_operand(frame, &node->words[0], NULL);
  if (future != NULL) {
    run_future(frame, future, false, ret_val);
    forget(frame, future);
  }
  end_asyncio_run(frame, node);
}

/* ---- the rest ---- */

static void op_new_loop(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  (void)ret_val;
  frame_check(frame, env_new_loop(frame->env));
}

static void op_stop(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  (void)ret_val;
  frame_check(frame, loop_stop(frame->env->loop));
}

static void op_close(struct frame *frame, const struct node *node, struct val *ret_val) {
  int status = loop_close(frame->env->loop);
  (void)node;
  (void)ret_val;
  if (status == LOOP_ERUNNING)
    frame_raise_text(frame, "RuntimeError", "Cannot close a running event loop");
  else
    frame_check(frame, status);
}

static void op_is_running(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  *ret_val = val_bool(loop_is_running(frame->env->loop));
}

static void op_is_closed(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  *ret_val = val_bool(loop_is_closed(frame->env->loop));
}

static void op_current(struct frame *frame, const struct node *node, struct val *ret_val) {
  task_t *task = task_get_current(frame->env->loop);
  (void)node;
  if (task != NULL)
    *ret_val = val_text(env_label(frame->env, task_as_future(task)));
  else
    frame_raise_text(frame, "AttributeError", "no task is running");
}

static void op_all_tasks(struct frame *frame, const struct node *node, struct val *ret_val) {
  size_t count = 0, capacity = 0;
  task_t **tasks = NULL;
  (void)node;
  if (!frame_check(frame, loop_all_tasks(frame->env->loop, NULL, 0, &capacity))) return;
  tasks = xcalloc(capacity, sizeof(task_t *));
  if (frame_check(frame, loop_all_tasks(frame->env->loop, tasks, capacity, &count))) {
    *ret_val = val_list(count);
    for (size_t i = 0; i < count; i++) {
      ret_val->of.list->items[i] = val_text(env_label(frame->env, task_as_future(tasks[i])));
      task_unref(tasks[i]);
    }
  }
  free(tasks);
}

const struct operation loop_operations[] = {
    {"call_soon", op_call_soon, 1, false},
    {"post", op_post, 1, false},
    {"call_later", op_call_later, 2, false},
    {"call_at", op_call_at, 2, false},
    {"when", op_when, 1, false},
    {"run", op_run, 1, false},
    {"run_forever", op_run_forever, 0, false},
    {"asyncio_run", op_asyncio_run, 1, false},
    {"shutdown", op_shutdown, 0, false},
    {"new_loop", op_new_loop, 0, false},
    {"stop", op_stop, 0, false},
    {"close", op_close, 0, false},
    {"is_running", op_is_running, 0, false},
    {"is_closed", op_is_closed, 0, false},
    {"current", op_current, 0, false},
    {"all_tasks", op_all_tasks, 0, false},
    {NULL, NULL, 0, false},
};
