#include "interpret.h"

#include "blocks.h"
#include "errors.h"
#include "operations.h"

static void run_statement(struct frame *frame, const struct node *node) {
  statement_begin(frame, node);
  if (frame->awaiting.kind == AWAIT_NOTHING) return;
  struct val val = await_here(frame);
  if (frame->signal.kind == SIGNAL_NONE)
    statement_finish(frame, node, val);
  else
    val_release(val);
}

static void run_loop(struct frame *frame, const struct node *node) {
  for (int64_t rounds = loop_rounds(frame, node); rounds > 0 && frame->signal.kind == SIGNAL_NONE; rounds--)
    interpret_block(frame, &node->body);
}

static void run_if(struct frame *frame, const struct node *node) {
  const struct block *block = if_block(frame, node);
  if (block != NULL) interpret_block(frame, block);
}

static void run_try(struct frame *frame, const struct node *node) {
  scope_open(frame, node, &node->body);
  interpret_block(frame, &node->body);
  const struct block *handler = frame_raised(frame) ? try_catch(frame) : NULL;
  if (handler != NULL) {
    interpret_block(frame, handler);
    try_caught(frame);
  } else if (frame->signal.kind == SIGNAL_NONE) {
    interpret_block(frame, &node->orelse);
  }
  scope_hold(frame);
  interpret_block(frame, &node->final);
  scope_resume(frame);
  scope_close(frame);
}

static void run_timeout(struct frame *frame, const struct node *node) {
  scope_open(frame, node, &node->body);
  timeout_open(frame, node);
  if (!frame_raised(frame)) {
    interpret_block(frame, &node->body);
    timeout_close(frame);
  }
  scope_close(frame);
}

static void run_group(struct frame *frame, const struct node *node) {
  scope_open(frame, node, &node->body);
  group_open(frame, node);
  if (!frame_raised(frame)) {
    interpret_block(frame, &node->body);
    group_leave(frame);
    if (frame->awaiting.kind != AWAIT_NOTHING) val_release(await_here(frame));
    scope_resume(frame);
  }
  scope_close(frame);
}

static void run_with(struct frame *frame, const struct node *node) {
  scope_open(frame, node, &node->body);
  with_open(frame, node);
  if (frame->awaiting.kind != AWAIT_NOTHING) val_release(await_here(frame));
  if (!frame_raised(frame)) {
    interpret_block(frame, &node->body);
    with_close(frame);
  }
  scope_close(frame);
}

void interpret_node(struct frame *frame, const struct node *node) {
  if (node->kind >= NODE_TIMEOUT && frame->task == NULL) {
    frame_raise_text(frame, "RuntimeError", "await outside of a body");
    return;
  }
  switch (node->kind) {
    case NODE_STATEMENT: run_statement(frame, node); break;
    case NODE_LOOP: run_loop(frame, node); break;
    case NODE_IF: run_if(frame, node); break;
    case NODE_TRY: run_try(frame, node); break;
    case NODE_TIMEOUT: run_timeout(frame, node); break;
    case NODE_GROUP: run_group(frame, node); break;
    case NODE_WITH: run_with(frame, node); break;
  }
}

void interpret_block(struct frame *frame, const struct block *block) {
  for (size_t i = 0; i < block->count && frame->signal.kind == SIGNAL_NONE; i++) interpret_node(frame, block->nodes[i]);
}

void interpret_main(struct env *env) {
  struct frame *frame = frame_new(env, NULL, "main");
  for (size_t i = 0; i < env->scenario->main.count; i++) {
    interpret_node(frame, env->scenario->main.nodes[i]);
    if (frame_raised(frame)) {
      struct buffer text = {0};
      buffer_add(&text, "raised ");
      exception_print(&text, frame->signal.exception);
      env_log(env, "main", text.text);
      buffer_free(&text);
    }
    signal_release(frame_take_signal(frame));
    val_replace(&frame->kept, (struct val){0});
  }
  frame_free(frame);
}

/* ---- callbacks ---- */

/* Runs the callback in the frame, which it frees; its exception becomes that of the loop's callback. */
static void run_callback(struct frame *frame) {
  loop_t *loop = loop_get_running();
  interpret_block(frame, &frame->definition->block);
  struct signal signal = frame_take_signal(frame);
  frame_free(frame);
  if (signal.kind == SIGNAL_RAISE) loop_raise(loop, signal.exception);
  signal_release(signal);
}

void call_on_loop(loop_t *loop, void *userdata) {
  struct call *call = userdata;
  struct frame *frame = frame_new(call->env, call->definition, call->definition->label);
  (void)loop;
  for (size_t i = 0; i < call->count; i++) frame->locals[i] = val_copy(call->arguments[i]);
  run_callback(frame);
}

void call_when_done(future_t *future, void *userdata) {
  struct call *call = userdata;
  struct frame *frame = frame_new(call->env, call->definition, call->definition->label);
  if (call->definition->parameter_count == 1)
    frame->locals[0] = val_object(VAL_FUTURE, future_ref(future));
  else
    frame_raise_text(frame, "TypeError", "a done callback takes the future");
  run_callback(frame);
}
