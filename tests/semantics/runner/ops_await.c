/* The operations that may suspend the task: each prepares frame->awaiting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "blocks.h"
#include "body_task.h"
#include "operations.h"

static void await_coroutine_of(struct frame *frame, int status, coroutine_t *coroutine) {
  if (frame_check(frame, status)) frame->awaiting = (struct awaiting){.kind = AWAIT_COROUTINE, .coroutine = coroutine};
}

static void op_sleep(struct frame *frame, const struct node *node, struct val *ret_val) {
  double seconds = 0;
  (void)ret_val;
  if (word_delay(frame, &node->words[0], 0, &seconds))
    frame->awaiting = (struct awaiting){.kind = AWAIT_SLEEP, .seconds = seconds};
}

/* A body that is awaited runs inside this task, under the label of its caller. */
static void await_call(struct frame *frame, const struct word *word) {
  struct frame *callee = word_invocation(frame, word, frame->label);
  if (callee != NULL) frame->awaiting = (struct awaiting){.kind = AWAIT_CALL, .callee = callee};
}

static void op_await(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct word *word = &node->words[0];
  (void)ret_val;
  if (word->kind == WORD_CALL) {
    await_call(frame, word);
    return;
  }
  future_t *future = word_object(frame, word, VAL_FUTURE);
  if (future != NULL) frame->awaiting = (struct awaiting){.kind = AWAIT_FUTURE, .future = future};
}

static void op_wait_for(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct word *word = &node->words[1];
  coroutine_t *coroutine = NULL;
  double seconds = 0;
  (void)ret_val;
  if (!word_delay(frame, &node->words[0], INFINITY, &seconds)) return;
  if (word->kind == WORD_CALL && seconds > 0) {
    await_call(frame, word);
    if (frame->awaiting.kind == AWAIT_CALL) {
      double now = loop_time(frame->env->loop);
      timeout_begin(frame, now + seconds, &frame->awaiting.callee->timeout);
      if (frame_raised(frame)) awaiting_release(&frame->awaiting);
    }
    return;
  }
  future_t *future = word_operand(frame, word, frame->label);
  if (future == NULL) return;
  int status = loop_wait_for(frame->env->loop, future, seconds, &coroutine);
  await_coroutine_of(frame, status, coroutine);
  future_unref(future);
}

/* ---- wait ---- */

static struct val select_futures(const struct val_list *futures, bool done) {
  size_t count = 0;
  for (size_t i = 0; i < futures->count; i++) count += !!future_done(futures->items[i].of.object) == done;
  struct val list = val_list(count);
  for (size_t i = 0, next = 0; i < futures->count; i++)
    if (!!future_done(futures->items[i].of.object) == done) list.of.list->items[next++] = val_copy(futures->items[i]);
  return list;
}

static void wait_finished(struct frame *frame, value_t *value, struct val *ret_val) {
  const struct val_list *futures = frame->awaiting.operand.of.list;
  (void)value;
  *ret_val = val_list(2);
  ret_val->of.list->items[0] = select_futures(futures, true);
  ret_val->of.list->items[1] = select_futures(futures, false);
}

static size_t without_duplicates(future_t **futures, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    size_t j = 0;
    while (j < kept && futures[j] != futures[i]) j++;
    if (j == kept) futures[kept++] = futures[i];
  }
  return kept;
}

static wait_mode_t wait_mode(const char *text) {
  if (strcmp(text, "FIRST_COMPLETED") == 0) return WAIT_FIRST_COMPLETED;
  return strcmp(text, "FIRST_EXCEPTION") == 0 ? WAIT_FIRST_EXCEPTION : WAIT_ALL_COMPLETED;
}

static void op_wait(struct frame *frame, const struct node *node, struct val *ret_val) {
  double timeout = 0;
  coroutine_t *coroutine = NULL;
  (void)ret_val;
  if (!word_delay(frame, &node->words[1], INFINITY, &timeout)) return;
  timeout = timeout == INFINITY ? -1 : timeout < 0 ? 0 : timeout;
  future_t **futures = word_futures(frame, node->words + 2, node->word_count - 2);
  if (futures == NULL) return;
  size_t count = without_duplicates(futures, node->word_count - 2);
  wait_mode_t mode = wait_mode(node->words[0].text);
  int status = loop_wait(frame->env->loop, futures, count, mode, timeout, &coroutine);
  await_coroutine_of(frame, status, coroutine);
  if (!frame_raised(frame)) {
    frame->awaiting.finish = wait_finished;
    frame->awaiting.operand = val_list(count);
    for (size_t i = 0; i < count; i++)
      frame->awaiting.operand.of.list->items[i] = val_object(VAL_FUTURE, future_ref(futures[i]));
  }
  free(futures);
}

static void op_next(struct frame *frame, const struct node *node, struct val *ret_val) {
  completion_t *completion = word_object(frame, &node->words[0], VAL_ITERATOR);
  coroutine_t *coroutine = NULL;
  (void)ret_val;
  if (completion == NULL) return;
  int status = completion_next(completion, &coroutine);
  await_coroutine_of(frame, status, coroutine);
}

/* ---- locks, events, conditions, barriers ---- */

static void op_acquire(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct val *object = word_variable(frame, &node->words[0]);
  (void)ret_val;
  if (object != NULL) acquire_prepare(frame, *object);
}

static void op_wait_event(struct frame *frame, const struct node *node, struct val *ret_val) {
  event_t *event = word_object(frame, &node->words[0], VAL_EVENT);
  coroutine_t *coroutine = NULL;
  (void)ret_val;
  if (event == NULL) return;
  int status = event_wait(event, &coroutine);
  await_coroutine_of(frame, status, coroutine);
}

static void op_wait_condition(struct frame *frame, const struct node *node, struct val *ret_val) {
  condition_t *condition = word_object(frame, &node->words[0], VAL_CONDITION);
  coroutine_t *coroutine = NULL;
  (void)ret_val;
  if (condition == NULL) return;
  int status = condition_wait(condition, &coroutine);
  await_coroutine_of(frame, status, coroutine);
}

static int variable_equals(void *userdata) {
  struct frame *frame = userdata;
  const struct val *found = frame_find(frame, frame->awaiting.node->words[1].text);
  return found != NULL && val_equal(*found, frame->awaiting.operand);
}

static void op_wait_until(struct frame *frame, const struct node *node, struct val *ret_val) {
  condition_t *condition = word_object(frame, &node->words[0], VAL_CONDITION);
  coroutine_t *coroutine = NULL;
  struct val wanted = {0};
  (void)ret_val;
  if (condition == NULL || !word_val(frame, &node->words[2], &wanted)) return;
  int status = condition_wait_for(condition, variable_equals, frame, NULL, &coroutine);
  await_coroutine_of(frame, status, coroutine);
  if (status != 0) {
    val_release(wanted);
    return;
  }
  frame->awaiting.operand = wanted;
  frame->awaiting.node = node;
}

typedef int (*barrier_fn)(barrier_t *barrier, coroutine_t **ret_coroutine);

static void await_barrier(struct frame *frame, const struct node *node, barrier_fn fn) {
  barrier_t *barrier = word_object(frame, &node->words[0], VAL_BARRIER);
  coroutine_t *coroutine = NULL;
  if (barrier == NULL) return;
  int status = fn(barrier, &coroutine);
  await_coroutine_of(frame, status, coroutine);
}

static void op_wait_barrier(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  await_barrier(frame, node, barrier_wait);
}

static void op_reset(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  await_barrier(frame, node, barrier_reset);
}

static void op_abort(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  await_barrier(frame, node, barrier_abort);
}

/* ---- queues ---- */

static void op_put(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  coroutine_t *coroutine = NULL;
  struct val val = {0};
  value_t *value = NULL;
  (void)ret_val;
  if (queue == NULL || !word_val(frame, &node->words[1], &val)) return;
  int status = val_to_value(val, &value);
  if (status == 0) status = queue_put(queue, value, &coroutine);
  await_coroutine_of(frame, status, coroutine);
  value_unref(value);
  val_release(val);
}

typedef int (*queue_fn)(queue_t *queue, coroutine_t **ret_coroutine);

static void await_queue(struct frame *frame, const struct node *node, queue_fn fn) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  coroutine_t *coroutine = NULL;
  if (queue == NULL) return;
  int status = fn(queue, &coroutine);
  await_coroutine_of(frame, status, coroutine);
}

static void op_get(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  await_queue(frame, node, queue_get);
}

static void op_join(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  await_queue(frame, node, queue_join);
}

const struct operation await_operations[] = {
    {"sleep", op_sleep, 1, true},
    {"await", op_await, 1, true},
    {"wait_for", op_wait_for, 2, true},
    {"wait", op_wait, 3, true},
    {"next", op_next, 1, true},
    {"acquire", op_acquire, 1, true},
    {"wait_event", op_wait_event, 1, true},
    {"wait_condition", op_wait_condition, 1, true},
    {"wait_until", op_wait_until, 3, true},
    {"wait_barrier", op_wait_barrier, 1, true},
    {"reset", op_reset, 1, true},
    {"abort", op_abort, 1, true},
    {"put", op_put, 2, true},
    {"get", op_get, 1, true},
    {"join", op_join, 1, true},
    {NULL, NULL, 0, false},
};
