/* Locks, events, conditions, semaphores, barriers, queues, timeouts: the operations that do not wait. */
#include "arguments.h"
#include "blocks.h"
#include "errors.h"
#include "operations.h"

/* ---- making them ---- */

static void made(struct frame *frame, int status, enum val_kind kind, void *object, struct val *ret_val) {
  if (frame_check(frame, status)) *ret_val = val_object(kind, object);
}

static void op_lock(struct frame *frame, const struct node *node, struct val *ret_val) {
  lock_t *lock = NULL;
  int status = lock_new(frame->env->loop, &lock);
  (void)node;
  made(frame, status, VAL_LOCK, lock, ret_val);
}

static void op_event(struct frame *frame, const struct node *node, struct val *ret_val) {
  event_t *event = NULL;
  int status = event_new(frame->env->loop, &event);
  (void)node;
  made(frame, status, VAL_EVENT, event, ret_val);
}

static void op_condition(struct frame *frame, const struct node *node, struct val *ret_val) {
  condition_t *condition = NULL;
  lock_t *lock = node->word_count > 0 ? word_object(frame, &node->words[0], VAL_LOCK) : NULL;
  if (frame_raised(frame)) return;
  int status = condition_new(frame->env->loop, lock, &condition);
  made(frame, status, VAL_CONDITION, condition, ret_val);
}

static void make_semaphore(struct frame *frame, const struct node *node, bool bounded, struct val *ret_val) {
  semaphore_t *semaphore = NULL;
  int64_t value = 1;
  if (node->word_count > 0 && !word_int(frame, &node->words[0], &value)) return;
  int status = bounded ? semaphore_new_bounded(frame->env->loop, value, &semaphore)
                       : semaphore_new(frame->env->loop, value, &semaphore);
  made(frame, status, VAL_SEMAPHORE, semaphore, ret_val);
}

static void op_semaphore(struct frame *frame, const struct node *node, struct val *ret_val) {
  make_semaphore(frame, node, false, ret_val);
}

static void op_bounded_semaphore(struct frame *frame, const struct node *node, struct val *ret_val) {
  make_semaphore(frame, node, true, ret_val);
}

static void op_barrier(struct frame *frame, const struct node *node, struct val *ret_val) {
  barrier_t *barrier = NULL;
  int64_t parties = 0;
  if (!word_int(frame, &node->words[0], &parties)) return;
  int status = barrier_new(frame->env->loop, parties > 0 ? (size_t)parties : 0, &barrier);
  made(frame, status, VAL_BARRIER, barrier, ret_val);
}

enum order { FIFO, LIFO, PRIORITY };

static void make_queue(struct frame *frame, const struct node *node, enum order order, struct val *ret_val) {
  loop_t *loop = frame->env->loop;
  queue_t *queue = NULL;
  int64_t limit = 0;
  int status = 0;
  if (node->word_count > 0 && !word_int(frame, &node->words[0], &limit)) return;
  size_t maxsize = limit > 0 ? (size_t)limit : 0;
  switch (order) {
    case FIFO: status = queue_new(loop, maxsize, &queue); break;
    case LIFO: status = queue_new_lifo(loop, maxsize, &queue); break;
    case PRIORITY: status = queue_new_priority(loop, maxsize, NULL, NULL, NULL, &queue); break;
  }
  made(frame, status, VAL_QUEUE, queue, ret_val);
}

static void op_queue(struct frame *frame, const struct node *node, struct val *ret_val) {
  make_queue(frame, node, FIFO, ret_val);
}

static void op_lifo_queue(struct frame *frame, const struct node *node, struct val *ret_val) {
  make_queue(frame, node, LIFO, ret_val);
}

static void op_priority_queue(struct frame *frame, const struct node *node, struct val *ret_val) {
  make_queue(frame, node, PRIORITY, ret_val);
}

/* ---- locks, conditions, semaphores ---- */

static void op_release(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct val *object = word_variable(frame, &node->words[0]);
  (void)ret_val;
  if (object != NULL) release_object(frame, *object);
}

static void op_locked(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct val *object = word_variable(frame, &node->words[0]);
  if (object == NULL) return;
  switch (object->kind) {
    case VAL_LOCK: *ret_val = val_bool(lock_locked(object->of.object)); break;
    case VAL_CONDITION: *ret_val = val_bool(lock_locked(condition_lock(object->of.object))); break;
    case VAL_SEMAPHORE: *ret_val = val_bool(semaphore_locked(object->of.object)); break;
    default: frame_raise_text(frame, "AttributeError", "locked");
  }
}

static void notified(struct frame *frame, int status) {
  if (status == LOOP_ENOTLOCKED)
    frame_raise_text(frame, "RuntimeError", "cannot notify on un-acquired lock");
  else
    frame_check(frame, status);
}

static void op_notify(struct frame *frame, const struct node *node, struct val *ret_val) {
  condition_t *condition = word_object(frame, &node->words[0], VAL_CONDITION);
  int64_t count = 1;
  (void)ret_val;
  if (condition != NULL && (node->word_count < 2 || word_int(frame, &node->words[1], &count)))
    notified(frame, condition_notify(condition, count > 0 ? (size_t)count : 0));
}

static void op_notify_all(struct frame *frame, const struct node *node, struct val *ret_val) {
  condition_t *condition = word_object(frame, &node->words[0], VAL_CONDITION);
  (void)ret_val;
  if (condition != NULL) notified(frame, condition_notify_all(condition));
}

/* ---- events, barriers, timeouts ---- */

static void op_set(struct frame *frame, const struct node *node, struct val *ret_val) {
  event_t *event = word_object(frame, &node->words[0], VAL_EVENT);
  (void)ret_val;
  if (event != NULL) frame_check(frame, event_set(event));
}

static void op_clear(struct frame *frame, const struct node *node, struct val *ret_val) {
  event_t *event = word_object(frame, &node->words[0], VAL_EVENT);
  (void)ret_val;
  if (event != NULL) frame_check(frame, event_clear(event));
}

static void op_is_set(struct frame *frame, const struct node *node, struct val *ret_val) {
  event_t *event = word_object(frame, &node->words[0], VAL_EVENT);
  if (event != NULL) *ret_val = val_bool(event_is_set(event));
}

static void op_n_waiting(struct frame *frame, const struct node *node, struct val *ret_val) {
  barrier_t *barrier = word_object(frame, &node->words[0], VAL_BARRIER);
  if (barrier != NULL) *ret_val = val_int((int64_t)barrier_n_waiting(barrier));
}

static void op_broken(struct frame *frame, const struct node *node, struct val *ret_val) {
  barrier_t *barrier = word_object(frame, &node->words[0], VAL_BARRIER);
  if (barrier != NULL) *ret_val = val_bool(barrier_broken(barrier));
}

static void op_expired(struct frame *frame, const struct node *node, struct val *ret_val) {
  timeout_t *timeout = word_object(frame, &node->words[0], VAL_TIMEOUT);
  if (timeout != NULL) *ret_val = val_bool(timeout_expired(timeout));
}

static void op_reschedule(struct frame *frame, const struct node *node, struct val *ret_val) {
  timeout_t *timeout = word_object(frame, &node->words[0], VAL_TIMEOUT);
  double when = 0;
  (void)ret_val;
  if (timeout == NULL || !word_deadline(frame, &node->words[1], &when)) return;
  int status = timeout_reschedule(timeout, when);
  if (status != LOOP_EEXPIRED) {
    frame_check(frame, status);
    return;
  }
  struct buffer text = {0};
  buffer_add(&text, "Cannot change state of ");
  buffer_add(&text, timeout_state(timeout));
  buffer_add(&text, " Timeout");
  frame_raise_text(frame, "RuntimeError", text.text);
  buffer_free(&text);
}

/* ---- queues ---- */

static void op_put_nowait(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  struct val val = {0};
  value_t *value = NULL;
  (void)ret_val;
  if (queue == NULL || !word_val(frame, &node->words[1], &val)) return;
  if (frame_check(frame, val_to_value(val, &value))) frame_check(frame, queue_put_nowait(queue, value));
  value_unref(value);
  val_release(val);
}

static void op_get_nowait(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  value_t *value = NULL;
  if (queue != NULL && frame_check(frame, queue_get_nowait(queue, &value))) *ret_val = val_from_value(value);
  value_unref(value);
}

static void op_task_done(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  int status = queue != NULL ? queue_task_done(queue) : 0;
  (void)ret_val;
  if (status == LOOP_EOVERRELEASED)
    frame_raise_text(frame, "ValueError", "task_done() called too many times");
  else
    frame_check(frame, status);
}

static void op_qsize(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  if (queue != NULL) *ret_val = val_int((int64_t)queue_size(queue));
}

static void op_empty(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  if (queue != NULL) *ret_val = val_bool(queue_empty(queue));
}

static void op_full(struct frame *frame, const struct node *node, struct val *ret_val) {
  queue_t *queue = word_object(frame, &node->words[0], VAL_QUEUE);
  if (queue != NULL) *ret_val = val_bool(queue_full(queue));
}

const struct operation sync_operations[] = {
    {"lock", op_lock, 0, false},
    {"event", op_event, 0, false},
    {"condition", op_condition, 0, false},
    {"semaphore", op_semaphore, 0, false},
    {"bounded_semaphore", op_bounded_semaphore, 0, false},
    {"barrier", op_barrier, 1, false},
    {"queue", op_queue, 0, false},
    {"lifo_queue", op_lifo_queue, 0, false},
    {"priority_queue", op_priority_queue, 0, false},
    {"release", op_release, 1, false},
    {"locked", op_locked, 1, false},
    {"notify", op_notify, 1, false},
    {"notify_all", op_notify_all, 1, false},
    {"set", op_set, 1, false},
    {"clear", op_clear, 1, false},
    {"is_set", op_is_set, 1, false},
    {"n_waiting", op_n_waiting, 1, false},
    {"broken", op_broken, 1, false},
    {"expired", op_expired, 1, false},
    {"reschedule", op_reschedule, 2, false},
    {"put_nowait", op_put_nowait, 2, false},
    {"get_nowait", op_get_nowait, 1, false},
    {"task_done", op_task_done, 1, false},
    {"qsize", op_qsize, 1, false},
    {"empty", op_empty, 1, false},
    {"full", op_full, 1, false},
    {NULL, NULL, 0, false},
};
