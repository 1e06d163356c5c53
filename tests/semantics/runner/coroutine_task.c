/* Bodies as straight-line C: each task runs the recursive interpreter on a stack of its own. */
#include "blocks.h"
#include "body_task.h"
#include "errors.h"
#include "interpret.h"
#include "operations.h"

/* Runs the invocation that was just made the innermost one, to its end. */
static struct val call_here(struct frame *frame) {
  struct body_task *body = frame->task;
  struct frame *callee = frame->awaiting.callee;
  frame->awaiting.callee = NULL;
  frame->awaiting.kind = AWAIT_NOTHING;
  body_task_call(body, callee);
  interpret_block(callee, &callee->definition->block);
  timeout_t *timeout = timeout_ref(callee->timeout);
  frame->signal = body_task_leave(body);
  if (timeout != NULL) timeout_end(frame, timeout);
  timeout_unref(timeout);
  if (frame_raised(frame)) return (struct val){0};
  return frame_take_signal(frame).value;
}

static int await_it(struct awaiting *awaiting, value_t **ret_value) {
  coroutine_t *coroutine = awaiting->coroutine;
  switch (awaiting->kind) {
    case AWAIT_SLEEP: return await_sleep(awaiting->seconds);
    case AWAIT_FUTURE: return await_future(awaiting->future, ret_value);
    default: awaiting->coroutine = NULL; return await_take(coroutine, ret_value); /* await_lock_acquire and its like */
  }
}

struct val await_here(struct frame *frame) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  if (frame->awaiting.kind == AWAIT_CALL) return call_here(frame);
  int status = await_it(&frame->awaiting, &value);
  if (status == LOOP_EEXCEPTION || status == LOOP_ECANCELLED) await_exception(&exception);
  if (status != 0 && exception == NULL) exception = error_from_status(frame->env, status);
  struct val val = statement_awaited(frame, value, exception);
  value_unref(value);
  return val;
}

int coroutine_task_main(void *userdata, value_t **ret_value) {
  struct body_task *body = userdata;
  interpret_block(body->frame, &body->frame->definition->block);
  struct signal signal = body_task_leave(body);
  int status = 0;
  if (signal.kind == SIGNAL_RAISE)
    status = await_raise(signal.exception);
  else
    status = val_to_value(signal.value, ret_value);
  signal_release(signal);
  return status;
}
