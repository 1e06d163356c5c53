#include "operations.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"

static const struct operation *find_in(const struct operation *table, const char *name) {
  for (; table->name != NULL; table++)
    if (strcmp(table->name, name) == 0) return table;
  return NULL;
}

const struct operation *operation_find(const char *name) {
  const struct operation *const tables[] = {value_operations, await_operations, future_operations, sync_operations,
                                            loop_operations};
  const struct operation *found = NULL;
  for (size_t i = 0; i < sizeof tables / sizeof tables[0] && found == NULL; i++) found = find_in(tables[i], name);
  return found;
}

void statement_begin(struct frame *frame, const struct node *node) {
  struct val val = {0};
  frame->target = node->target;
  if (node->operation->is_async && frame->task == NULL) {
    frame_raise_text(frame, "RuntimeError", "await outside of a body");
    return;
  }
  node->operation->run(frame, node, &val);
  if (frame->signal.kind == SIGNAL_NONE && !node->operation->is_async)
    statement_finish(frame, node, val);
  else
    val_release(val);
}

static void show(struct frame *frame, const struct node *node, struct val val) {
  struct buffer text = {0};
  buffer_add(&text, node->operation->name);
  for (size_t i = 0; i < node->word_count; i++) {
    buffer_add(&text, " ");
    buffer_add(&text, node->words[i].text);
  }
  buffer_add(&text, " = ");
  env_print(frame->env, &text, val);
  env_log(frame->env, frame->label, text.text);
  buffer_free(&text);
}

void statement_finish(struct frame *frame, const struct node *node, struct val val) {
  if (node->show) show(frame, node, val);
  if (node->target != NULL)
    frame_assign(frame, node->target, val);
  else
    val_release(val);
}

struct val statement_awaited(struct frame *frame, value_t *value, exception_t *exception) {
  struct awaiting awaiting = frame->awaiting;
  struct val val = {0};
  frame->awaiting.kind = AWAIT_NOTHING;
  if (exception != NULL)
    frame_raise(frame, exception);
  else if (awaiting.finish != NULL)
    awaiting.finish(frame, value, &val);
  else
    val = val_from_value(value);
  awaiting_release(&frame->awaiting);
  return val;
}
