#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"

struct frame *frame_new(struct env *env, const struct definition *definition, const char *label) {
  size_t count = definition != NULL ? definition->parameter_count : 0;
  struct frame *frame = xcalloc(1, sizeof *frame + count * sizeof frame->locals[0]);
  frame->env = env;
  frame->definition = definition;
  frame->label = label;
  return frame;
}

void frame_free(struct frame *frame) {
  size_t count = frame->definition != NULL ? frame->definition->parameter_count : 0;
  awaiting_release(&frame->awaiting);
  while (frame->scope != NULL) scope_close(frame);
  signal_release(frame_take_signal(frame));
  timeout_unref(frame->timeout);
  val_release(frame->kept);
  for (size_t i = 0; i < count; i++) val_release(frame->locals[i]);
  free(frame);
}

static struct val *find_local(struct frame *frame, const char *name) {
  size_t count = frame->definition != NULL ? frame->definition->parameter_count : 0;
  for (size_t i = 0; i < count; i++)
    if (strcmp(frame->definition->parameters[i], name) == 0) return &frame->locals[i];
  return NULL;
}

struct val *frame_find(struct frame *frame, const char *name) {
  struct val *found = find_local(frame, name);
  if (found == NULL) found = env_find(frame->env, name);
  if (found == NULL) frame_raise_text(frame, "NameError", name);
  return found;
}

void frame_assign(struct frame *frame, const char *name, struct val val) {
  struct val *local = find_local(frame, name);
  if (local != NULL)
    val_replace(local, val);
  else
    env_assign(frame->env, name, val);
}

/* ---- signals ---- */

struct signal frame_take_signal(struct frame *frame) {
  struct signal signal = frame->signal;
  frame->signal = (struct signal){0};
  return signal;
}

void signal_release(struct signal signal) {
  val_release(signal.value);
  exception_unref(signal.exception);
}

void frame_raise(struct frame *frame, exception_t *exception) {
  struct signal before = frame->signal;
  frame->signal = (struct signal){.kind = SIGNAL_RAISE, .exception = exception};
  signal_release(before);
}

void frame_raise_text(struct frame *frame, const char *kind, const char *message) {
  frame_raise(frame, error_new(frame->env, kind, message));
}

void frame_raise_status(struct frame *frame, int status) { frame_raise(frame, error_from_status(frame->env, status)); }

bool frame_check(struct frame *frame, int status) {
  if (status != 0) frame_raise_status(frame, status);
  return status == 0;
}

void frame_return(struct frame *frame, struct val value) {
  struct signal before = frame->signal;
  frame->signal = (struct signal){.kind = SIGNAL_RETURN, .value = value};
  signal_release(before);
}

/* ---- awaiting, scopes ---- */

void awaiting_release(struct awaiting *awaiting) {
  struct awaiting before = *awaiting;
  *awaiting = (struct awaiting){0};
  coroutine_unref(before.coroutine);
  val_release(before.operand);
  if (before.callee != NULL) frame_free(before.callee);
}

struct scope *scope_open(struct frame *frame, const struct node *node, const struct block *block) {
  struct scope *scope = xcalloc(1, sizeof *scope);
  scope->outer = frame->scope;
  scope->node = node;
  scope->block = block;
  return frame->scope = scope;
}

void scope_close(struct frame *frame) {
  struct scope *scope = frame->scope;
  frame->scope = scope->outer;
  exception_unref(scope->caught);
  signal_release(scope->held);
  val_release(scope->object);
  free(scope);
}
