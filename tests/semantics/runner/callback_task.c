/* Bodies as tasks of steps: the interpreter keeps its place in the frames and scopes, so that a step can return to the loop
 * wherever the body waits, and the next step continues there. */
#include "blocks.h"
#include "body_task.h"
#include "errors.h"
#include "operations.h"

static void run(task_t *task, struct body_task *body);

/* ---- the beginning of each kind of block ---- */

static void enter(struct frame *frame, const struct node *node, const struct block *block) {
  if (block != NULL) scope_open(frame, node, block);
}

static void begin_loop(struct frame *frame, const struct node *node) {
  int64_t rounds = loop_rounds(frame, node);
  if (rounds > 0) scope_open(frame, node, &node->body)->remaining = rounds;
}

static void begin_node(struct frame *frame, const struct node *node) {
  switch (node->kind) {
    case NODE_STATEMENT: statement_begin(frame, node); return;
    case NODE_LOOP: begin_loop(frame, node); return;
    case NODE_IF: enter(frame, node, if_block(frame, node)); return;
    default: scope_open(frame, node, &node->body);
  }
  if (node->kind == NODE_TIMEOUT)
    timeout_open(frame, node);
  else if (node->kind == NODE_GROUP)
    group_open(frame, node);
  else if (node->kind == NODE_WITH)
    with_open(frame, node);
  if (frame_raised(frame)) scope_close(frame);
}

/* ---- the end of each kind of block: normally, or by the frame's signal ---- */

static void go_on(struct scope *scope, enum phase phase, const struct block *block) {
  scope->phase = phase;
  scope->block = block;
  scope->position = 0;
}

static void end_try(struct frame *frame, struct scope *scope) {
  const struct block *handler = NULL;
  switch (scope->phase) {
    case PHASE_BODY:
      if (frame_raised(frame) && (handler = try_catch(frame)) != NULL) {
        go_on(scope, PHASE_HANDLER, handler);
        return;
      }
      if (frame->signal.kind == SIGNAL_NONE) {
        go_on(scope, PHASE_ELSE, &scope->node->orelse);
        return;
      }
      break;
    case PHASE_HANDLER: try_caught(frame); break;
    case PHASE_ELSE: break;
    case PHASE_FINALLY:
      scope_resume(frame);
      scope_close(frame);
      return;
  }
  scope_hold(frame);
  go_on(scope, PHASE_FINALLY, &scope->node->final);
}

static void end_loop(struct frame *frame, struct scope *scope) {
  if (frame->signal.kind == SIGNAL_NONE && --scope->remaining > 0)
    scope->position = 0;
  else
    scope_close(frame);
}

static void end_group(struct frame *frame, struct scope *scope) {
  scope->phase = PHASE_FINALLY;
  group_leave(frame);
  if (frame_raised(frame)) scope_close(frame);
}

static void end_block(struct frame *frame, struct scope *scope) {
  switch (scope->node->kind) {
    case NODE_LOOP: end_loop(frame, scope); return;
    case NODE_TRY: end_try(frame, scope); return;
    case NODE_GROUP: end_group(frame, scope); return;
    case NODE_TIMEOUT: timeout_close(frame); break;
    case NODE_WITH: with_close(frame); break;
    default: break;
  }
  scope_close(frame);
}

/* ---- the outcome of a wait ---- */

/* Goes on behind the statement, the entry or the exit that waited. */
static void waited(struct frame *frame, struct val val) {
  struct scope *scope = frame->scope;
  const struct node *node = scope->node;
  bool leaving = node != NULL && node->kind == NODE_GROUP && scope->phase == PHASE_FINALLY;
  bool entering = node != NULL && node->kind == NODE_WITH && scope->position == 0;
  if (!leaving && !entering && !frame_raised(frame)) {
    statement_finish(frame, scope->block->nodes[scope->position - 1], val);
    return;
  }
  val_release(val);
  if (leaving) scope_resume(frame);
  if (leaving || (entering && frame_raised(frame))) scope_close(frame);
}

static void failed(struct frame *frame, exception_t *exception) {
  struct val val = statement_awaited(frame, NULL, exception);
  waited(frame, val);
}

static void resume(task_t *task, void *userdata) {
  struct body_task *body = userdata;
  struct frame *frame = body->frame;
  value_t *value = NULL;
  exception_t *exception = NULL;
  int status = task_awaited(task, &value);
  if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED) task_awaited_exception(task, &exception);
  if (status != 0 && exception == NULL) exception = error_from_status(body->env, status);
  struct val val = statement_awaited(frame, value, exception);
  value_unref(value);
  waited(frame, val);
  run(task, body);
}

/* Returns whether the step is over: the task waits. */
static bool suspend(task_t *task, struct frame *frame) {
  struct awaiting *awaiting = &frame->awaiting;
  int status = 0;
  switch (awaiting->kind) {
    case AWAIT_NOTHING: return false;
    case AWAIT_CALL: {
      struct frame *callee = awaiting->callee;
      awaiting->callee = NULL;
      awaiting->kind = AWAIT_NOTHING;
      body_task_call(frame->task, callee);
      scope_open(callee, NULL, &callee->definition->block);
      return false;
    }
    case AWAIT_SLEEP: status = task_sleep_catch(task, awaiting->seconds, resume); break;
    case AWAIT_FUTURE: status = task_await_catch(task, awaiting->future, resume); break;
    case AWAIT_COROUTINE: status = task_await_coroutine_catch(task, awaiting->coroutine, resume); break;
  }
  if (status != 0) failed(frame, error_from_status(frame->env, status));
  return status == 0;
}

/* ---- invocations ---- */

static void end_task(task_t *task, struct env *env, struct signal signal) {
  value_t *value = NULL;
  if (signal.kind == SIGNAL_RAISE)
    task_raise(task, signal.exception);
  else if (val_to_value(signal.value, &value) == 0)
    task_return(task, value);
  else
    task_raise(task, env->memory_error);
  value_unref(value);
  signal_release(signal);
}

/* The innermost invocation is over: hands its outcome to its caller, or ends the task. */
static void end_invocation(task_t *task, struct body_task *body) {
  timeout_t *timeout = timeout_ref(body->frame->timeout);
  struct env *env = body->env;
  struct signal signal = body_task_leave(body);
  struct frame *caller = body->frame;
  if (caller == NULL) {
    end_task(task, env, signal);
    return;
  }
  caller->signal = signal;
  if (timeout != NULL) timeout_end(caller, timeout);
  timeout_unref(timeout);
  struct val val = {0};
  if (!frame_raised(caller)) val = frame_take_signal(caller).value;
  waited(caller, val);
}

/* Runs until the task waits or ends. */
static void run(task_t *task, struct body_task *body) {
  for (;;) {
    struct frame *frame = body->frame;
    struct scope *scope = frame != NULL ? frame->scope : NULL;
    if (frame == NULL) return;
    if (frame->signal.kind == SIGNAL_NONE && scope->position < scope->block->count)
      begin_node(frame, scope->block->nodes[scope->position++]);
    else if (scope->node != NULL)
      end_block(frame, scope);
    else {
      end_invocation(task, body);
      continue;
    }
    if (suspend(task, frame)) return;
  }
}

void callback_task_start(task_t *task, void *userdata) {
  struct body_task *body = userdata;
  scope_open(body->frame, NULL, &body->frame->definition->block);
  run(task, body);
}
