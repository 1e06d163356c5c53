/* log, val, add, time, raise, return, drop, context variables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "errors.h"
#include "operations.h"

static void op_log(struct frame *frame, const struct node *node, struct val *ret_val) {
  struct buffer text = {0};
  bool good = true;
  (void)ret_val;
  buffer_add(&text, "");
  for (size_t i = 0; i < node->word_count && good; i++) {
    const struct word *word = &node->words[i];
    struct val val = {0};
    buffer_add(&text, i > 0 ? " " : "");
    if (word->kind != WORD_VARIABLE)
      buffer_add(&text, word->text);
    else if ((good = word_val(frame, word, &val)))
      env_print(frame->env, &text, val);
    val_release(val);
  }
  if (good) env_log(frame->env, frame->label, text.text);
  buffer_free(&text);
}

static void op_val(struct frame *frame, const struct node *node, struct val *ret_val) {
  word_val(frame, &node->words[0], ret_val);
}

static struct val join_lists(const struct val_list *left, const struct val_list *right) {
  struct val list = val_list(left->count + right->count);
  for (size_t i = 0; i < left->count; i++) list.of.list->items[i] = val_copy(left->items[i]);
  for (size_t i = 0; i < right->count; i++) list.of.list->items[left->count + i] = val_copy(right->items[i]);
  return list;
}

static struct val join_texts(const char *left, const char *right) {
  struct buffer text = {0};
  buffer_add(&text, left);
  buffer_add(&text, right);
  struct val val = val_text(text.text);
  buffer_free(&text);
  return val;
}

static bool is_number(struct val val) { return val.kind == VAL_INT || val.kind == VAL_BOOL; }

static void op_add(struct frame *frame, const struct node *node, struct val *ret_val) {
  struct val left = {0}, right = {0};
  if (word_val(frame, &node->words[0], &left) && word_val(frame, &node->words[1], &right)) {
    if (is_number(left) && is_number(right))
      *ret_val = val_int(left.of.integer + right.of.integer);
    else if (left.kind == VAL_TEXT && right.kind == VAL_TEXT)
      *ret_val = join_texts(left.of.text->text, right.of.text->text);
    else if (left.kind == VAL_LIST && right.kind == VAL_LIST)
      *ret_val = join_lists(left.of.list, right.of.list);
    else
      frame_raise_text(frame, "TypeError", "unsupported operand type(s) for +");
  }
  val_release(left);
  val_release(right);
}

static void op_time(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)node;
  *ret_val = val_int(env_now(frame->env));
}

static void op_raise(struct frame *frame, const struct node *node, struct val *ret_val) {
  exception_t *exception = word_exception(frame, node->words, node->word_count);
  (void)ret_val;
  if (exception != NULL) frame_raise(frame, exception);
}

static void op_reraise(struct frame *frame, const struct node *node, struct val *ret_val) {
  const struct scope *scope = frame->scope;
  (void)node;
  (void)ret_val;
  while (scope != NULL && scope->caught == NULL) scope = scope->outer;
  if (scope != NULL)
    frame_raise(frame, exception_ref(scope->caught));
  else
    frame_raise_text(frame, "IndexError", "list index out of range");
}

static void op_return(struct frame *frame, const struct node *node, struct val *ret_val) {
  struct val val = {0};
  (void)ret_val;
  if (node->word_count == 0 || word_val(frame, &node->words[0], &val)) frame_return(frame, val);
}

static void op_drop(struct frame *frame, const struct node *node, struct val *ret_val) {
  (void)ret_val;
  env_drop(frame->env, node->words[0].text);
}

static void op_cvset(struct frame *frame, const struct node *node, struct val *ret_val) {
  struct val val = {0};
  value_t *value = NULL;
  context_var_t *var = env_context_var(frame->env, node->words[0].text);
  (void)ret_val;
  if (!frame_check(frame, var == NULL ? -ENOMEM : 0) || !word_val(frame, &node->words[1], &val)) return;
  if (frame_check(frame, val_to_value(val, &value))) frame_check(frame, context_var_set(var, frame->env->loop, value));
  value_unref(value);
  val_release(val);
}

static void op_cvget(struct frame *frame, const struct node *node, struct val *ret_val) {
  value_t *value = NULL;
  context_var_t *var = env_context_var(frame->env, node->words[0].text);
  if (!frame_check(frame, var == NULL ? -ENOMEM : 0)) return;
  if (frame_check(frame, context_var_get(var, frame->env->loop, &value))) *ret_val = val_from_value(value);
  value_unref(value);
}

const struct operation value_operations[] = {
    {"log", op_log, 0, false},       {"val", op_val, 1, false},     {"add", op_add, 2, false},
    {"time", op_time, 0, false},     {"raise", op_raise, 1, false}, {"reraise", op_reraise, 0, false},
    {"return", op_return, 0, false}, {"drop", op_drop, 1, false},   {"cvset", op_cvset, 2, false},
    {"cvget", op_cvget, 1, false},   {NULL, NULL, 0, false},
};
