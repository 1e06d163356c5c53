/* Futures, tasks, callbacks, and the combinators that make a future. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "body_task.h"
#include "errors.h"
#include "interpret.h"
#include "operations.h"

static struct val name_future(struct frame *frame, future_t *future, const char *kind) {
  env_set_label(frame->env, future, frame->target ? frame->target : kind);
  return val_object(VAL_FUTURE, future);
}

static void op_future(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = NULL;
  (void)node;
  if (frame_check(frame, loop_create_future(frame->env->loop, &future)))
    *ret_val = name_future(frame, future, "future");
}

static void op_spawn(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_operand(frame, &node->words[0], frame->target);
  if (future != NULL) *ret_val = val_object(VAL_FUTURE, future);
}

static void refuse_child(struct frame *frame, task_group_t *group, int status) {
  if (status == LOOP_ESHUTTINGDOWN)
    frame_raise_text(
        frame, "RuntimeError",
        strcmp(task_group_state(group), "finished") == 0 ? "TaskGroup is finished" : "TaskGroup is shutting down");
  else if (status == LOOP_EINVALIDSTATE)
    frame_raise_text(frame, "RuntimeError", "TaskGroup has not been entered");
  else
    frame_raise_status(frame, status);
}

static void op_spawn_in(struct frame *frame, const struct node *node, struct val *ret_val) {
  task_group_t *group = word_object(frame, &node->words[0], VAL_GROUP);
  struct frame *invocation = group != NULL ? word_invocation(frame, &node->words[1], frame->target) : NULL;
  future_t *future = NULL;
  if (invocation == NULL) return;
  int status = body_task_spawn(invocation, group, &future);
  if (status == 0)
    *ret_val = val_object(VAL_FUTURE, future);
  else
    refuse_child(frame, group, status);
}

/* ---- their outcome ---- */

static void refuse_outcome(struct frame *frame, int status, const char *message) {
  if (status == LOOP_ENOTSUPPORTED)
    frame_raise_text(frame, "RuntimeError", message);
  else
    frame_check(frame, status);
}

static void op_set_result(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  struct val val = {0};
  value_t *value = NULL;
  (void)ret_val;
  if (future == NULL || !word_val(frame, &node->words[1], &val)) return;
  if (frame_check(frame, val_to_value(val, &value)))
    refuse_outcome(frame, future_set_result(future, value), "Task does not support set_result operation");
  value_unref(value);
  val_release(val);
}

static void op_set_exception(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  exception_t *exception = future != NULL ? word_exception(frame, node->words + 1, node->word_count - 1) : NULL;
  (void)ret_val;
  if (exception == NULL) return;
  refuse_outcome(frame, future_set_exception(future, exception), "Task does not support set_exception operation");
  exception_unref(exception);
}

static void op_result(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  value_t *value = NULL;
  if (future == NULL) return;
  int status = future_result(future, &value);
  if (status == LOOP_EINVALIDSTATE)
    frame_raise_text(frame, "InvalidStateError", "Result is not set.");
  else if (status != 0)
    frame_raise(frame, error_of_future(frame->env, future));
  else
    *ret_val = val_from_value(value);
  value_unref(value);
}

static void op_exception(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  exception_t *exception = NULL;
  if (future == NULL) return;
  int status = future_exception(future, &exception);
  if (status == LOOP_EINVALIDSTATE)
    frame_raise_text(frame, "InvalidStateError", "Exception is not set.");
  else if (status != 0)
    frame_raise(frame, error_of_future(frame->env, future));
  else if (exception != NULL)
    *ret_val = exception_text(exception);
  exception_unref(exception);
}

static void op_done(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  if (future != NULL) *ret_val = val_bool(future_done(future));
}

static void op_cancelled(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct val *object = word_variable(frame, &node->words[0]);
  if (object == NULL) return;
  if (object->kind == VAL_FUTURE)
    *ret_val = val_bool(future_cancelled(object->of.object));
  else if (object->kind == VAL_HANDLE)
    *ret_val = val_bool(handle_cancelled(object->of.object));
  else
    frame_raise_text(frame, "AttributeError", "cancelled");
}

static void op_cancel(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct val *object = word_variable(frame, &node->words[0]);
  const char *message = node->word_count > 1 ? node->words[1].text : NULL;
  int cancelled = 0;
  if (object == NULL) return;
  if (object->kind == VAL_HANDLE)
    frame_check(frame, handle_cancel(object->of.object));
  else if (object->kind != VAL_FUTURE)
    frame_raise_text(frame, "AttributeError", "cancel");
  else if (frame_check(frame, future_cancel(object->of.object, message, &cancelled)))
    *ret_val = val_bool(cancelled);
}

static task_t *word_task(struct frame *frame, const struct word *word) {
  future_t *future = word_object(frame, word, VAL_FUTURE);
  task_t *task = future != NULL ? future_as_task(future) : NULL;
  if (future != NULL && task == NULL) frame_raise_text(frame, "AttributeError", "the future is no task");
  return task;
}

static void op_cancelling(struct frame *frame, const struct node *node, struct val *ret_val) {
  task_t *task = word_task(frame, &node->words[0]);
  if (task != NULL) *ret_val = val_int(task_cancelling(task));
}

static void op_uncancel(struct frame *frame, const struct node *node, struct val *ret_val) {
  task_t *task = word_task(frame, &node->words[0]);
  unsigned left = 0;
  if (task != NULL && frame_check(frame, task_uncancel(task, &left))) *ret_val = val_int(left);
}

/* ---- done-callbacks: one identity for each callback ---- */

static struct call *word_done_callback(struct frame *frame, const struct word *word) {
  struct definition *definition = definition_find(frame->env->scenario->callbacks, word->text);
  if (definition == NULL) frame_raise_text(frame, "TypeError", "no such callback");
  return definition != NULL ? env_done_callback(frame->env, definition) : NULL;
}

static void op_add_done_callback(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  struct call *call = future != NULL ? word_done_callback(frame, &node->words[1]) : NULL;
  (void)ret_val;
  if (call != NULL) frame_check(frame, future_add_done_callback(future, call_when_done, call, NULL));
}

static void op_remove_done_callback(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *future = word_object(frame, &node->words[0], VAL_FUTURE);
  struct call *call = future != NULL ? word_done_callback(frame, &node->words[1]) : NULL;
  size_t removed = 0;
  if (call != NULL && frame_check(frame, future_remove_done_callback(future, call_when_done, call, &removed)))
    *ret_val = val_int((int64_t)removed);
}

/* ---- combinators ---- */

static void release_futures(future_t **futures, size_t count) {
  for (size_t i = 0; i < count; i++) future_unref(futures[i]);
  free(futures);
}

/* The operands in their order; the tasks that it makes are not reported when they are destroyed pending. */
static future_t **gather_operands(struct frame *frame, const struct node *node) {
  future_t **futures = xcalloc(node->word_count, sizeof(future_t *));
  for (size_t i = 0; i < node->word_count; i++) {
    futures[i] = word_operand(frame, &node->words[i], NULL);
    if (futures[i] == NULL) {
      release_futures(futures, i);
      return NULL;
    }
    if (node->words[i].kind == WORD_CALL) task_set_log_destroy_pending(future_as_task(futures[i]), 0);
  }
  return futures;
}

static void gather(struct frame *frame, const struct node *node, int return_exceptions, struct val *ret_val) {
  future_t **futures = gather_operands(frame, node), *future = NULL;
  if (futures == NULL) return;
  if (frame_check(frame, loop_gather(frame->env->loop, futures, node->word_count, return_exceptions, &future)))
    *ret_val = name_future(frame, future, "gather");
  release_futures(futures, node->word_count);
}

static void op_gather(struct frame *frame, const struct node *node, struct val *ret_val) {
  gather(frame, node, 0, ret_val);
}

static void op_gather_rx(struct frame *frame, const struct node *node, struct val *ret_val) {
  gather(frame, node, 1, ret_val);
}

static void op_shield(struct frame *frame, const struct node *node, struct val *ret_val) {
  future_t *inner = word_operand(frame, &node->words[0], NULL), *outer = NULL;
  if (inner == NULL) return;
  if (frame_check(frame, loop_shield(frame->env->loop, inner, &outer)))
    *ret_val = outer == inner ? val_object(VAL_FUTURE, outer) : name_future(frame, outer, "shield");
  future_unref(inner);
}

static void op_as_completed(struct frame *frame, const struct node *node, struct val *ret_val) {
  double timeout = 0;
  completion_t *completion = NULL;
  if (!word_delay(frame, &node->words[0], -1, &timeout)) return;
  if (node->words[0].kind != WORD_NONE && timeout < 0) timeout = 0;
  future_t **futures = word_futures(frame, node->words + 1, node->word_count - 1);
  if (futures == NULL) return;
  int status = loop_as_completed(frame->env->loop, futures, node->word_count - 1, timeout, &completion);
  if (frame_check(frame, status)) *ret_val = val_object(VAL_ITERATOR, completion);
  free(futures);
}

const struct operation future_operations[] = {
    {"future", op_future, 0, false},
    {"spawn", op_spawn, 1, false},
    {"spawn_in", op_spawn_in, 2, false},
    {"set_result", op_set_result, 2, false},
    {"set_exception", op_set_exception, 2, false},
    {"result", op_result, 1, false},
    {"exception", op_exception, 1, false},
    {"done", op_done, 1, false},
    {"cancelled", op_cancelled, 1, false},
    {"cancel", op_cancel, 1, false},
    {"cancelling", op_cancelling, 1, false},
    {"uncancel", op_uncancel, 1, false},
    {"add_done_callback", op_add_done_callback, 2, false},
    {"remove_done_callback", op_remove_done_callback, 2, false},
    {"gather", op_gather, 0, false},
    {"gather_rx", op_gather_rx, 0, false},
    {"shield", op_shield, 1, false},
    {"as_completed", op_as_completed, 1, false},
    {NULL, NULL, 0, false},
};
