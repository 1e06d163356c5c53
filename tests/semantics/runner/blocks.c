#include "blocks.h"

#include "arguments.h"
#include "errors.h"

int64_t loop_rounds(struct frame *frame, const struct node *node) {
  int64_t rounds = 0;
  return word_int(frame, &node->words[0], &rounds) && rounds > 0 ? rounds : 0;
}

const struct block *if_block(struct frame *frame, const struct node *node) {
  struct val left = {0}, right = {0};
  const struct block *block = NULL;
  if (word_val(frame, &node->words[0], &left) && word_val(frame, &node->words[2], &right)) {
    bool wanted = node->words[1].text[0] == '=';
    block = val_equal(left, right) == wanted ? &node->body : &node->orelse;
  }
  val_release(left);
  val_release(right);
  return block;
}

/* ---- try ---- */

const struct block *try_catch(struct frame *frame) {
  struct scope *scope = frame->scope;
  const struct clause *clause = scope->node->clauses, *end = clause + scope->node->clause_count;
  while (clause < end && !exception_is_caught(frame->signal.exception, clause->kind)) clause++;
  if (clause == end) return NULL;
  scope->caught = frame_take_signal(frame).exception;
  struct buffer text = {0};
  buffer_add(&text, "except ");
  exception_print(&text, scope->caught);
  env_log(frame->env, frame->label, text.text);
  buffer_free(&text);
  return &clause->block;
}

void try_caught(struct frame *frame) {
  exception_t *caught = frame->scope->caught;
  frame->scope->caught = NULL;
  exception_unref(caught);
}

void scope_hold(struct frame *frame) { frame->scope->held = frame_take_signal(frame); }

void scope_resume(struct frame *frame) {
  struct signal held = frame->scope->held, now = frame->signal;
  frame->scope->held = (struct signal){0};
  if (now.kind == SIGNAL_RAISE || (now.kind == SIGNAL_RETURN && held.kind != SIGNAL_RAISE)) {
    signal_release(held);
  } else {
    frame->signal = held;
    signal_release(now);
  }
}

/* ---- timeout ---- */

bool timeout_begin(struct frame *frame, double when, timeout_t **ret_timeout) {
  timeout_t *timeout = NULL;
  if (!frame_check(frame, timeout_new(frame->env->loop, when, &timeout))) return false;
  if (!frame_check(frame, timeout_enter(timeout))) {
    timeout_unref(timeout);
    return false;
  }
  *ret_timeout = timeout;
  return true;
}

void timeout_end(struct frame *frame, timeout_t *timeout) {
  exception_t *ends = frame_raised(frame) ? frame->signal.exception : NULL, *goes_on = NULL;
  if (!frame_check(frame, timeout_exit(timeout, ends, &goes_on))) return;
  if (goes_on != NULL)
    frame_raise(frame, goes_on);
  else if (frame_raised(frame))
    signal_release(frame_take_signal(frame));
}

void timeout_open(struct frame *frame, const struct node *node) {
  timeout_t *timeout = NULL;
  double when = 0;
  if (!word_deadline(frame, &node->words[0], &when) || !timeout_begin(frame, when, &timeout)) return;
  frame->scope->object = val_object(VAL_TIMEOUT, timeout);
  if (node->word_count > 1) frame_assign(frame, node->words[1].text, val_copy(frame->scope->object));
}

void timeout_close(struct frame *frame) { timeout_end(frame, frame->scope->object.of.object); }

/* ---- taskgroup ---- */

void group_open(struct frame *frame, const struct node *node) {
  task_group_t *group = NULL;
  if (!frame_check(frame, task_group_new(frame->env->loop, &group))) return;
  frame->scope->object = val_object(VAL_GROUP, group);
  frame_assign(frame, node->words[0].text, val_copy(frame->scope->object));
  frame_check(frame, task_group_enter(group));
}

void group_leave(struct frame *frame) {
  exception_t *ends = frame_raised(frame) ? frame->signal.exception : NULL;
  coroutine_t *coroutine = NULL;
  if (!frame_check(frame, task_group_exit(frame->scope->object.of.object, ends, &coroutine))) return;
  struct signal signal = frame_take_signal(frame);
  if (signal.kind == SIGNAL_RAISE)
    signal_release(signal); /* the group has it */
  else
    frame->scope->held = signal;
  frame->awaiting = (struct awaiting){.kind = AWAIT_COROUTINE, .coroutine = coroutine};
}

/* ---- with ---- */

void acquire_prepare(struct frame *frame, struct val object) {
  coroutine_t *coroutine = NULL;
  int status = 0;
  switch (object.kind) {
    case VAL_LOCK: status = lock_acquire(object.of.object, &coroutine); break;
    case VAL_CONDITION: status = lock_acquire(condition_lock(object.of.object), &coroutine); break;
    case VAL_SEMAPHORE: status = semaphore_acquire(object.of.object, &coroutine); break;
    default: frame_raise_text(frame, "AttributeError", "the object has no acquire"); return;
  }
  if (frame_check(frame, status)) frame->awaiting = (struct awaiting){.kind = AWAIT_COROUTINE, .coroutine = coroutine};
}

void release_object(struct frame *frame, struct val object) {
  int status = 0;
  switch (object.kind) {
    case VAL_LOCK: status = lock_release(object.of.object); break;
    case VAL_CONDITION: status = lock_release(condition_lock(object.of.object)); break;
    case VAL_SEMAPHORE: status = semaphore_release(object.of.object); break;
    default: frame_raise_text(frame, "AttributeError", "the object has no release"); return;
  }
  if (status == LOOP_EOVERRELEASED)
    frame_raise_text(frame, "ValueError", "BoundedSemaphore released too many times");
  else
    frame_check(frame, status);
}

void with_open(struct frame *frame, const struct node *node) {
  const struct val *object = word_variable(frame, &node->words[0]);
  if (object == NULL) return;
  frame->scope->object = val_copy(*object);
  acquire_prepare(frame, frame->scope->object);
}

void with_close(struct frame *frame) { release_object(frame, frame->scope->object); }
