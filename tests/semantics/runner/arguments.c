#include "arguments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "body_task.h"
#include "errors.h"

bool word_val(struct frame *frame, const struct word *word, struct val *ret_val) {
  const struct val *found = NULL;
  switch (word->kind) {
    case WORD_NONE: *ret_val = (struct val){0}; return true;
    case WORD_INT: *ret_val = val_int(word->integer); return true;
    case WORD_TEXT:
    case WORD_CALL: *ret_val = val_text(word->text); return true;
    case WORD_VARIABLE: found = frame_find(frame, word->name); break;
  }
  if (found == NULL) return false;
  *ret_val = val_copy(*found);
  return true;
}

bool word_int(struct frame *frame, const struct word *word, int64_t *ret_integer) {
  struct val val = {0};
  if (!word_val(frame, word, &val)) return false;
  bool good = val.kind == VAL_INT || val.kind == VAL_BOOL;
  if (good)
    *ret_integer = val.of.integer;
  else
    frame_raise_text(frame, "TypeError", "an integer is required");
  val_release(val);
  return good;
}

static bool is_none(struct frame *frame, const struct word *word, bool *ret_none) {
  struct val val = {0};
  if (!word_val(frame, word, &val)) return false;
  *ret_none = val.kind == VAL_NONE;
  val_release(val);
  return true;
}

bool word_delay(struct frame *frame, const struct word *word, double none, double *ret_seconds) {
  bool nothing = false;
  int64_t milliseconds = 0;
  if (!is_none(frame, word, &nothing) || (!nothing && !word_int(frame, word, &milliseconds))) return false;
  *ret_seconds = nothing ? none : (double)milliseconds / 1000.0;
  return true;
}

bool word_deadline(struct frame *frame, const struct word *word, double *ret_when) {
  bool nothing = false;
  int64_t milliseconds = 0;
  if (!is_none(frame, word, &nothing) || (!nothing && !word_int(frame, word, &milliseconds))) return false;
  *ret_when = nothing ? INFINITY : env_seconds(frame->env, env_now(frame->env) + milliseconds);
  return true;
}

struct val *word_variable(struct frame *frame, const struct word *word) {
  return frame_find(frame, word->text);
}

void *word_object(struct frame *frame, const struct word *word, enum val_kind kind) {
  const struct val *found = word_variable(frame, word);
  if (found != NULL && found->kind == kind) return found->of.object;
  if (found != NULL) frame_raise_text(frame, "AttributeError", "the object is of another type");
  return NULL;
}

future_t *word_operand(struct frame *frame, const struct word *word, const char *label) {
  future_t *future = NULL;
  if (word->kind != WORD_CALL) return future_ref(word_object(frame, word, VAL_FUTURE));
  struct frame *invocation = word_invocation(frame, word, label);
  if (invocation == NULL || !frame_check(frame, body_task_spawn(invocation, NULL, &future))) return NULL;
  return future;
}

future_t **word_futures(struct frame *frame, const struct word *words, size_t count) {
  future_t **futures = xcalloc(count, sizeof(future_t *));
  for (size_t i = 0; i < count; i++) {
    futures[i] = word_object(frame, &words[i], VAL_FUTURE);
    if (futures[i] == NULL) {
      free(futures);
      return NULL;
    }
  }
  return futures;
}

/* The definition that the CALL names, if it takes that many arguments. */
static const struct definition *called(struct frame *frame, const struct word *word, struct definition *first) {
  const struct definition *definition = definition_find(first, word->name ? word->name : word->text);
  if (definition != NULL && definition->parameter_count == word->argument_count) return definition;
  frame_raise_text(frame, "TypeError", "no such body or callback, or it takes other arguments");
  return NULL;
}

static bool evaluate(struct frame *frame, const struct word *word, struct val *arguments) {
  for (size_t i = 0; i < word->argument_count; i++)
    if (!word_val(frame, &word->arguments[i], &arguments[i])) return false;
  return true;
}

struct frame *word_invocation(struct frame *frame, const struct word *word, const char *label) {
  const struct definition *definition = called(frame, word, frame->env->scenario->bodies);
  if (definition == NULL) return NULL;
  struct frame *invocation = frame_new(frame->env, definition, label ? label : definition->label);
  if (evaluate(frame, word, invocation->locals)) return invocation;
  frame_free(invocation);
  return NULL;
}

struct call *word_call(struct frame *frame, const struct word *word) {
  const struct definition *definition = called(frame, word, frame->env->scenario->callbacks);
  if (definition == NULL) return NULL;
  struct call *call = xcalloc(1, sizeof *call + word->argument_count * sizeof call->arguments[0]);
  call->env = frame->env;
  call->definition = definition;
  call->count = word->argument_count;
  if (evaluate(frame, word, call->arguments)) return call;
  call_free(call);
  return NULL;
}

void call_free(void *userdata) {
  struct call *call = userdata;
  for (size_t i = 0; i < call->count; i++) val_release(call->arguments[i]);
  free(call);
}

exception_t *word_exception(struct frame *frame, const struct word *words, size_t count) {
  struct buffer message = {0};
  if (count > 1) {
    struct val val = {0};
    if (!word_val(frame, &words[1], &val)) return NULL;
    buffer_add(&message, "");
    env_print(frame->env, &message, val);
    val_release(val);
  }
  exception_t *exception = error_new(frame->env, words[0].text, message.text);
  buffer_free(&message);
  return exception;
}
