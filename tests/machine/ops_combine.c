/* Coroutines, bodies, combinators, timeouts, task groups, context variables. */
#include "machine.h"

#include <string.h>

/* ---- coroutines ---- */

OP(coroutine_ref) {
  struct slot *slot = draw_slot(COROUTINE);
  coroutine_t *coroutine = coroutine_ref(slot->object);
  put(COROUTINE, coroutine);
}
OP(coroutine_unref) { drop_slot(COROUTINE, number(0, SLOTS - 1)); }
OP(coroutine_sleep) {
  OUT(coroutine_t);
  keep(COROUTINE, coroutine_sleep(draw_loop(), seconds(), ret), ret, &made);
}
OP(coroutine_await) {
  struct slot *slot = draw_slot(FUTURE);
  OUT(coroutine_t);
  keep(COROUTINE, coroutine_await(draw_loop(), slot->object, ret), ret, &made);
}

/* ---- stacks ---- */

OP(loop_create_task) {
  struct triple *triple = new_triple(BODY);
  OUT(task_t);
  int status = loop_create_task(draw_loop(), chance(3) ? NULL : on_body, triple, draw_destroy(triple), ret);
  settle(triple, keep(TASK, status, ret, &made));
}
OP(loop_create_task_with) {
  struct triple *triple = new_triple(BODY);
  coroutine_fn fn = chance(3) ? NULL : on_body;
  OUT(task_t);
  int status = loop_create_task_with(draw_loop(), draw_task_options(), fn, triple, draw_destroy(triple), ret);
  settle(triple, keep(TASK, status, ret, &made));
}
OP(task_group_create_task) {
  struct triple *triple = new_triple(BODY);
  OUT(task_t);
  int status = task_group_create_task(draw_group(), chance(3) ? NULL : on_body, triple, draw_destroy(triple), ret);
  settle(triple, keep(TASK, status, ret, &made));
}
OP(task_options_new) {
  OUT(task_options_t);
  keep(TASK_OPTIONS, task_options_new(ret), ret, &made);
}
OP(task_options_ref) { put(TASK_OPTIONS, task_options_ref(draw_task_options())); }
OP(task_options_unref) { drop_slot(TASK_OPTIONS, number(0, SLOTS - 1)); }
OP(task_options_set_stack_size) {
  task_options_set_stack_size(draw_task_options(), chance(10) ? SIZE_MAX : 65536 + 4096 * (size_t)number(0, 3));
}
/* The output is not looked at if the body never comes back; then nobody may own anything here. */
OP(await_future) {
  struct frame *me;
  OUT(value_t);
  future_t *future = draw_slot(FUTURE)->object;
  int status;
  wait_in_body(&me);
  status = await_future(future, ret);
  wake_in_body(me);
  keep(VALUE, status, ret, &made);
}
OP(await_coroutine) {
  struct frame *me;
  OUT(value_t);
  struct slot *slot = draw_slot(COROUTINE);
  int status;
  wait_in_body(&me);
  status = await_coroutine(slot->object, ret);
  wake_in_body(me);
  keep(VALUE, status, ret, &made);
}
OP(await_take) {
  struct frame *me;
  OUT(value_t);
  struct slot *slot = draw_slot(COROUTINE);
  coroutine_t *coroutine = slot->object;
  int status;
  coroutine_ref(coroutine);
  wait_in_body(&me);
  status = await_take(coroutine, ret);
  wake_in_body(me);
  keep(VALUE, status, ret, &made);
}
OP(await_wait_for) {
  struct frame *me;
  OUT(value_t);
  future_t *future = draw_slot(FUTURE)->object;
  double timeout = seconds();
  int status;
  wait_in_body(&me);
  status = await_wait_for(future, timeout, ret);
  wake_in_body(me);
  keep(VALUE, status, ret, &made);
}
OP(await_exception_matches) { (void)await_exception_matches(exception_kind_text()); }
OP(await_sleep) {
  struct frame *me;
  double drawn = seconds();
  wait_in_body(&me);
  await_sleep(drawn);
  wake_in_body(me);
}
OP(await_exception) {
  OUT(exception_t);
  keep(EXCEPTION, await_exception(ret), ret, &made);
}
OP(await_raise) { await_raise(draw_exception()); }

/* ---- several futures ---- */

static size_t draw_futures(future_t **futures) {
  size_t count = below(4);
  for (size_t i = 0; i < count; i++) {
    struct slot *slot = draw_slot(FUTURE);
    futures[i] = slot->object;
  }
  return count;
}
static future_t *const *or_null(future_t **futures) { return chance(3) ? NULL : futures; }

OP(loop_gather) {
  future_t *futures[4];
  size_t count = draw_futures(futures);
  OUT(future_t);
  int status = loop_gather(draw_loop(), or_null(futures), count, number(0, 1), ret);
  keep(FUTURE, status, ret, &made);
}
OP(loop_shield) {
  struct slot *slot = draw_slot(FUTURE);
  OUT(future_t);
  keep(FUTURE, loop_shield(draw_loop(), slot->object, ret), ret, &made);
}
OP(loop_wait) {
  future_t *futures[4];
  size_t count = draw_futures(futures);
  OUT(coroutine_t);
  wait_mode_t mode = (wait_mode_t)number(-1, 3);
  int status = loop_wait(draw_loop(), or_null(futures), count, mode, seconds(), ret);
  keep(COROUTINE, status, ret, &made);
}
OP(loop_wait_for) {
  struct slot *slot = draw_slot(FUTURE);
  OUT(coroutine_t);
  keep(COROUTINE, loop_wait_for(draw_loop(), slot->object, seconds(), ret), ret, &made);
}
OP(loop_wait_for_coroutine) {
  struct slot *slot = draw_slot(COROUTINE);
  struct slot inner = *slot;
  double timeout = seconds();
  OUT(coroutine_t);
  keep(COROUTINE, loop_wait_for_coroutine(draw_loop(), inner.object, timeout, ret), ret, &made);
}
OP(loop_as_completed) {
  future_t *futures[4];
  size_t count = draw_futures(futures);
  OUT(completion_t);
  int status = loop_as_completed(draw_loop(), or_null(futures), count, seconds(), ret);
  keep(COMPLETION, status, ret, &made);
}
OP(completion_ref) {
  struct slot *slot = draw_slot(COMPLETION);
  put(COMPLETION, completion_ref(slot->object));
}
OP(completion_unref) { drop_slot(COMPLETION, number(0, SLOTS - 1)); }
OP(completion_next) {
  struct slot *slot = draw_slot(COMPLETION);
  OUT(coroutine_t);
  keep(COROUTINE, completion_next(slot->object, ret), ret, &made);
}

/* ---- timeouts ---- */

OP(timeout_new) {
  OUT(timeout_t);
  keep(TIMEOUT, timeout_new(draw_loop(), seconds(), ret), ret, &made);
}
OP(timeout_ref) { put(TIMEOUT, timeout_ref(draw_timeout())); }
OP(timeout_unref) { drop_slot(TIMEOUT, number(0, SLOTS - 1)); }
OP(timeout_enter) { timeout_enter(draw_timeout()); }
OP(timeout_exit) {
  OUT(exception_t);
  keep(EXCEPTION, timeout_exit(draw_timeout(), draw_exception(), ret), ret, &made);
}
OP(timeout_reschedule) { timeout_reschedule(draw_timeout(), seconds()); }
OP(timeout_when) { (void)timeout_when(draw_timeout()); }
OP(timeout_expired) { (void)timeout_expired(draw_timeout()); }
OP(timeout_state) { (void)strlen(timeout_state(draw_timeout())); }

/* ---- task groups ---- */

OP(task_group_new) {
  OUT(task_group_t);
  keep(GROUP, task_group_new(draw_loop(), ret), ret, &made);
}
OP(task_group_ref) { put(GROUP, task_group_ref(draw_group())); }
OP(task_group_unref) { drop_slot(GROUP, number(0, SLOTS - 1)); }
OP(task_group_enter) { task_group_enter(draw_group()); }
OP(task_group_add) { task_group_add(draw_group(), draw_task()); }
OP(task_group_check) { task_group_check(draw_group()); }
OP(task_group_state) { (void)strlen(task_group_state(draw_group())); }
OP(task_group_ensure_future) {
  struct triple *triple = new_triple(STEP);
  OUT(task_t);
  int status = task_group_ensure_future(draw_group(), chance(3) ? NULL : on_step, triple, draw_destroy(triple), ret);
  settle(triple, keep(TASK, status, ret, &made));
}
OP(task_group_exit) {
  OUT(coroutine_t);
  keep(COROUTINE, task_group_exit(draw_group(), draw_exception(), ret), ret, &made);
}

/* ---- context variables ---- */

OP(context_var_new) {
  OUT(context_var_t);
  keep(VAR, context_var_new(text(), draw_value(), ret), ret, &made);
}
OP(context_var_ref) { put(VAR, context_var_ref(draw_var())); }
OP(context_var_unref) { drop_slot(VAR, number(0, SLOTS - 1)); }
OP(context_var_name) {
  const char *name = context_var_name(draw_var());
  if (name) (void)strlen(name);
}
OP(context_var_get) {
  OUT(value_t);
  keep(VALUE, context_var_get(draw_var(), draw_loop(), ret), ret, &made);
}
OP(context_var_set) { context_var_set(draw_var(), draw_loop(), draw_value()); }
OP(context_copy) {
  OUT(context_t);
  keep(CONTEXT, context_copy(draw_loop(), ret), ret, &made);
}
OP(context_ref) { put(CONTEXT, context_ref(draw_context())); }
OP(context_unref) { drop_slot(CONTEXT, number(0, SLOTS - 1)); }
OP(context_switch) {
  OUT(context_t);
  keep(CONTEXT, context_switch(draw_loop(), draw_context(), ret), ret, &made);
}
