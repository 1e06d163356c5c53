/* Futures, callback tasks, and tasks of other threads. */
#include "machine.h"

#include <string.h>

OP(loop_create_future) {
  OUT(future_t);
  keep(FUTURE, loop_create_future(draw_loop(), ret), ret, &made);
}
OP(future_ref) {
  struct slot *slot = draw_slot(FUTURE);
  put(FUTURE, future_ref(slot->object));
}
OP(future_unref) { drop_slot(FUTURE, number(0, SLOTS - 1)); }
OP(future_done) { (void)future_done(draw_future()); }
OP(future_cancelled) {
  future_t *future = draw_future();
  if (future_cancelled(future) && !future_done(future)) finding("cancelled, and not done");
}
OP(future_set_result) { future_set_result(draw_future(), draw_value()); }
OP(future_set_exception) { future_set_exception(draw_future(), draw_exception()); }
OP(future_result) {
  OUT(value_t);
  keep(VALUE, future_result(draw_future(), ret), ret, &made);
}
OP(future_exception) {
  OUT(exception_t);
  keep(EXCEPTION, future_exception(draw_future(), ret), ret, &made);
}
OP(future_cancelled_error) {
  OUT(exception_t);
  keep(EXCEPTION, future_cancelled_error(draw_future(), ret), ret, &made);
}
OP(future_cancel) {
  future_t *future = draw_future();
  NUMBER(int);
  check_number(future_cancel(future, text(), ret), &made, sizeof made);
}
OP(future_add_done_callback) {
  struct triple *triple = new_triple(DONE_CALLBACK);
  settle(triple, future_add_done_callback(draw_future(), chance(3) ? NULL : on_done, triple, draw_destroy(triple)));
}
OP(future_remove_done_callback) {
  struct triple *triple = m->triples;
  NUMBER(size_t);
  for (unsigned i = below(8); triple && i > 0; i--) triple = triple->next;
  check_number(future_remove_done_callback(draw_future(), chance(3) ? NULL : on_done, triple, ret), &made, sizeof made);
}
OP(future_get_loop) { (void)future_get_loop(draw_future()); }
OP(future_as_task) {
  struct slot *slot = draw_slot(FUTURE);
  put(TASK, task_ref(future_as_task(slot->object)));
}

/* ---- tasks: made ---- */

OP(loop_ensure_future) {
  struct triple *triple = new_triple(STEP);
  OUT(task_t);
  int status = loop_ensure_future(draw_loop(), chance(3) ? NULL : on_step, triple, draw_destroy(triple), ret);
  settle(triple, keep(TASK, status, ret, &made));
}
OP(loop_ensure_coroutine) {
  struct slot *slot = draw_slot(COROUTINE);
  coroutine_t *coroutine = slot->object;
  OUT(task_t);
  keep(TASK, loop_ensure_coroutine(draw_loop(), coroutine, ret), ret, &made);
}
OP(task_ref) {
  task_t *task = draw_task();
  put(TASK, task_ref(task));
}
OP(task_unref) { drop_slot(TASK, number(0, SLOTS - 1)); }
OP(task_as_future) {
  struct slot *slot = draw_slot(TASK);
  put(FUTURE, future_ref(task_as_future(slot->object)));
}

/* ---- inside a step ---- */

static task_step_fn next(void) { return chance(3) ? NULL : on_step; }
static future_t *older_future(void) { return draw_slot(FUTURE)->object; }
typedef int (*await_coroutine_fn)(task_t *task, coroutine_t *coroutine, task_step_fn next);

static int await_plain(task_t *task, coroutine_t *coroutine, task_step_fn fn) {
  return task_await_coroutine(task, coroutine, fn);
}
static int await_catching(task_t *task, coroutine_t *coroutine, task_step_fn fn) {
  return task_await_coroutine_catch(task, coroutine, fn);
}

/* Only the task of the step may await: other tasks are refused. */
static void await_drawn(await_coroutine_fn await) {
  struct slot *slot = draw_slot(COROUTINE);
  coroutine_t *coroutine = slot->object;
  await(draw_task(), coroutine, next());
}

static int await_taken(task_t *task, coroutine_t *coroutine, task_step_fn fn) {
  return task_await_take(task, coroutine_ref(coroutine), fn);
}
static int await_taken_catching(task_t *task, coroutine_t *coroutine, task_step_fn fn) {
  return task_await_take_catch(task, coroutine_ref(coroutine), fn);
}
OP(task_await_take) { await_drawn(await_taken); }
OP(task_await_take_catch) { await_drawn(await_taken_catching); }
OP(task_await) { task_await(draw_task(), older_future(), next()); }
OP(task_await_catch) { task_await_catch(draw_task(), older_future(), next()); }
OP(task_await_coroutine) { await_drawn(await_plain); }
OP(task_await_coroutine_catch) { await_drawn(await_catching); }
OP(task_sleep) { task_sleep(draw_task(), seconds(), next()); }
OP(task_sleep_catch) { task_sleep_catch(draw_task(), seconds(), next()); }
OP(task_return) { task_return(draw_task(), draw_value()); }
OP(task_raise) { task_raise(draw_task(), draw_exception()); }
OP(task_awaited) {
  OUT(value_t);
  keep(VALUE, task_awaited(draw_task(), ret), ret, &made);
}
OP(task_awaited_exception) {
  OUT(exception_t);
  keep(EXCEPTION, task_awaited_exception(draw_task(), ret), ret, &made);
}

/* ---- from outside ---- */

OP(task_done) { (void)task_done(draw_task()); }
OP(task_cancelled) { (void)task_cancelled(draw_task()); }
OP(task_result) {
  OUT(value_t);
  keep(VALUE, task_result(draw_task(), ret), ret, &made);
}
OP(task_exception) {
  OUT(exception_t);
  keep(EXCEPTION, task_exception(draw_task(), ret), ret, &made);
}
OP(task_cancel) {
  task_t *task = draw_task();
  NUMBER(int);
  check_number(task_cancel(task, text(), ret), &made, sizeof made);
}
OP(task_cancelling) { (void)task_cancelling(draw_task()); }
OP(task_uncancel) {
  NUMBER(unsigned);
  check_number(task_uncancel(draw_task(), ret), &made, sizeof made);
}
OP(task_set_log_destroy_pending) { task_set_log_destroy_pending(draw_task(), number(0, 1)); }
OP(task_get_userdata) {
  task_t *task = draw_task();
  if (task_done(task) && task_get_userdata(task)) finding("a task that is done has userdata");
}
OP(task_set_name) { task_set_name(draw_task(), text()); }
OP(task_get_name) { (void)strlen(task_get_name(draw_task())); }
OP(task_get_loop) {
  task_t *task = draw_task();
  if (task_get_loop(task) != future_get_loop(task_as_future(task))) finding("a task has two loops");
}
OP(task_get_current) { put(TASK, task_ref(task_get_current(draw_loop()))); }

/* ---- for other threads ---- */

OP(loop_ensure_future_threadsafe) {
  struct triple *triple = new_triple(STEP);
  OUT(concurrent_t);
  int status;
  triple->serial = ++m->serial;
  status = loop_ensure_future_threadsafe(draw_loop(), chance(3) ? NULL : on_step, triple, draw_destroy(triple), ret);
  settle(triple, keep(CONCURRENT, status, ret, &made));
}
OP(concurrent_ref) { put(CONCURRENT, concurrent_ref(draw_concurrent())); }
OP(concurrent_unref) { drop_slot(CONCURRENT, number(0, SLOTS - 1)); }
OP(concurrent_done) { (void)concurrent_done(draw_concurrent()); }
/* It waits in real time: not at all, or a little. */
static double real_time(void) {
  double drawn = seconds();
  return drawn < 0 || drawn > 0.0001 ? 0.0001 : drawn;
}
OP(concurrent_result) {
  OUT(value_t);
  keep(VALUE, concurrent_result(draw_concurrent(), real_time(), ret), ret, &made);
}
OP(concurrent_exception) {
  OUT(exception_t);
  keep(EXCEPTION, concurrent_exception(draw_concurrent(), real_time(), ret), ret, &made);
}
OP(concurrent_cancel) {
  NUMBER(int);
  check_number(concurrent_cancel(draw_concurrent(), ret), &made, sizeof made);
}

/* ---- the executor ---- */

OP(loop_run_in_executor) {
  struct triple *triple = new_triple(OUTSIDE);
  executor_fn fn = m->world < LIVE || chance(3) ? NULL : on_job;
  OUT(future_t);
  loop_t *loop = triple->loop = draw_loop();
  triple->serial = random_bits();
  triple->stops = m->world == LIVE;
  settle(triple, keep(FUTURE, loop_run_in_executor(loop, fn, triple, draw_destroy(triple), ret), ret, &made));
}
