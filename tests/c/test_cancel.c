/* Cancelling tasks as in asyncio: the await raises a CancelledError. */
#include "support.h"

struct victim {
  struct trace trace;
  future_t *future;
  exception_t *exception;
};

static void say_awaited(task_t *task, void *userdata) {
  struct victim *victim = userdata;
  trace_add(&victim->trace, loop_status_name(task_awaited(task, NULL)));
  assert_ok(task_awaited_exception(task, &victim->exception));
}

static void await_it(task_t *task, void *userdata) {
  struct victim *victim = userdata;
  trace_add(&victim->trace, "start");
  assert_ok(task_await(task, victim->future, never_step));
}

static void await_and_catch(task_t *task, void *userdata) {
  struct victim *victim = userdata;
  trace_add(&victim->trace, "start");
  assert_ok(task_await_catch(task, victim->future, say_awaited));
}

static void sleep_and_catch(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep_catch(task, 60, say_awaited));
}

static void cancel_before_the_start_never_starts(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, never_step, NULL);
  int cancelled = 0;
  (void)state;
  assert_ok(task_cancel(task, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  assert_int_equal(0, task_done(task));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_true(task_done(task) && task_cancelled(task));
  task_unref(task);
  loop_unref(loop);
}

static void cancel_while_awaiting_cancels_what_is_awaited(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_it, &victim);
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "enough", NULL));
  assert_int_equal(1, future_cancelled(victim.future));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_ok(future_cancelled_error(task_as_future(task), &victim.exception));
  assert_exception("CancelledError", "enough", victim.exception);
  future_unref(victim.future);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_caught_lets_the_task_continue(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_and_catch, &victim);
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, NULL, NULL));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_trace("start LOOP_ECANCELLED", &victim.trace);
  assert_exception("CancelledError", NULL, victim.exception);
  assert_int_equal(0, task_cancelled(task));
  future_unref(victim.future);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_of_a_sleeper_wakes_it_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.exception = NULL};
  task_t *task = new_task(loop, sleep_and_catch, &victim);
  double start = loop_time(loop);
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "wake", NULL));
  run_dry(loop);
  assert_trace("LOOP_ECANCELLED", &victim.trace);
  assert_exception("CancelledError", "wake", victim.exception);
  assert_true(loop_time(loop) == start);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_counts_and_uncancel_takes_back(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_and_catch, &victim);
  unsigned left = 9;
  (void)state;
  turn(loop);
  assert_int_equal(0, task_cancelling(task));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_int_equal(2, task_cancelling(task));
  assert_ok(task_uncancel(task, &left));
  assert_true(left == 1 && task_cancelling(task) == 1);
  run_dry(loop);
  exception_unref(victim.exception);
  future_unref(victim.future);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_of_a_done_task_does_nothing(void **state) {
  loop_t *loop = new_virtual_loop();
  struct mark mark = {&(struct trace){""}, "x"};
  task_t *task = new_task(loop, mark_step, &mark);
  int cancelled = 1;
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, NULL, &cancelled));
  assert_int_equal(0, cancelled);
  assert_int_equal(0, task_cancelled(task));
  assert_ok(task_result(task, NULL));
  task_unref(task);
  loop_unref(loop);
}

static void cancel_reaches_the_innermost_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim inner = {.future = new_future(loop)}, outer = {.future = NULL};
  task_t *awaited = new_task(loop, await_and_catch, &inner), *awaiting;
  (void)state;
  outer.future = task_as_future(awaited);
  awaiting = new_task(loop, await_and_catch, &outer);
  turn(loop);
  assert_ok(task_cancel(awaiting, NULL, NULL));
  run_dry(loop);
  assert_trace("start LOOP_ECANCELLED", &inner.trace);
  assert_trace("start LOOP_OK", &outer.trace);
  exception_unref(inner.exception);
  future_unref(inner.future);
  task_unref(awaited);
  task_unref(awaiting);
  loop_unref(loop);
}

static void cancel_itself(task_t *task, void *userdata) {
  assert_ok(task_cancel(task, NULL, NULL));
  await_and_catch(task, userdata);
}

static void cancel_of_itself_hits_the_next_await(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *task = new_task(loop, cancel_itself, &victim);
  (void)state;
  run_dry(loop);
  assert_trace("start LOOP_ECANCELLED", &victim.trace);
  exception_unref(victim.exception);
  future_unref(victim.future);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_itself_and_catch(task_t *task, void *userdata) {
  struct victim *victim = userdata;
  assert_ok(task_cancel(task, NULL, NULL));
  assert_ok(task_await_catch(task, victim->future, say_awaited));
}

/* The gather that it awaits cannot be cancelled, because its children are done: so the task itself is. */
static void cancel_of_itself_stays_where_nothing_can_be_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *child = new_future(loop);
  struct victim victim = {{""}, NULL, NULL};
  (void)state;
  assert_ok(loop_gather(loop, &child, 1, 0, &victim.future));
  task_t *task = new_task(loop, cancel_itself_and_catch, &victim);
  assert_ok(future_set_result(child, NULL));
  run_dry(loop);
  assert_false(future_cancelled(victim.future));
  assert_trace("LOOP_ECANCELLED", &victim.trace);
  exception_unref(victim.exception);
  future_unref(victim.future);
  future_unref(child);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_of_itself_that_another_task_caught_is_over(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim inner = {.future = new_future(loop)}, outer = {{""}, NULL, NULL};
  task_t *tasks[] = {new_task(loop, await_and_catch, &inner), NULL};
  (void)state;
  turn(loop);
  outer.future = task_as_future(tasks[0]);
  tasks[1] = new_task(loop, cancel_itself_and_catch, &outer);
  run_dry(loop);
  assert_trace("start LOOP_ECANCELLED", &inner.trace);
  assert_trace("LOOP_OK", &outer.trace);
  assert_int_equal(0, task_cancelled(tasks[1]));
  exception_unref(inner.exception);
  exception_unref(outer.exception);
  future_unref(inner.future);
  for (int i = 0; i < 2; i++) task_unref(tasks[i]);
  loop_unref(loop);
}

static void raise_cancelled(task_t *task, void *userdata) {
  exception_t *exception = new_exception("CancelledError", userdata);
  assert_ok(task_raise(task, exception));
  exception_unref(exception);
}

static void cancel_raised_by_the_task_itself_cancels_it(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, raise_cancelled, "own");
  exception_t *exception;
  (void)state;
  run_dry(loop);
  assert_int_equal(1, task_cancelled(task));
  assert_ok(future_cancelled_error(task_as_future(task), &exception));
  assert_exception("CancelledError", "own", exception);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_of_a_task_that_is_never_read_is_not_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  task_t *task = new_task(loop, never_step, NULL);
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(task_cancel(task, NULL, NULL));
  run_dry(loop);
  task_unref(task);
  assert_trace("", &trace);
  loop_unref(loop);
}

static void cancel_at_shutdown_ends_tasks_that_are_left(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_it, &victim);
  (void)state;
  turn(loop);
  assert_ok(loop_shutdown(loop));
  assert_int_equal(1, task_cancelled(task));
  assert_int_equal(0, loop_is_closed(loop));
  future_unref(victim.future);
  task_unref(task);
  loop_unref(loop);
}

/* The loop that would have to deliver the wake-up is closed. */
static void cancel_on_a_closed_loop_is_eclosed(void **state) {
  loop_t *loop = new_virtual_loop();
  struct victim victim = {.future = new_future(loop)};
  task_t *waiting = new_task(loop, await_it, &victim), *fresh;
  int cancelled = -1;
  (void)state;
  turn(loop);
  fresh = new_task(loop, never_step, NULL);
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, task_cancel(waiting, NULL, &cancelled));
  assert_int_equal(-1, cancelled);
  assert_int_equal(0, task_cancelling(waiting));
  assert_ok(task_cancel(fresh, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  assert_ok(task_set_log_destroy_pending(waiting, 0));
  assert_ok(task_set_log_destroy_pending(fresh, 0));
  task_unref(waiting);
  task_unref(fresh);
  future_unref(victim.future);
  loop_unref(loop);
}

/* A task that is scheduled now would never be dropped, nor would its loop. */
static void cancel_of_a_new_task_that_outlives_its_loop_leaks_nothing(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *fresh = new_task(loop, never_step, NULL), *child = new_task(loop, never_step, NULL);
  future_t *children[] = {task_as_future(child)}, *gathered = NULL;
  int cancelled = 0;
  (void)state;
  assert_ok(task_set_log_destroy_pending(fresh, 0));
  assert_ok(task_set_log_destroy_pending(child, 0));
  assert_ok(loop_gather(loop, children, 1, 0, &gathered));
  assert_ok(loop_close(loop));
  assert_ok(future_cancel(gathered, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  loop_unref(loop);
  assert_ok(task_cancel(fresh, NULL, &cancelled));
  assert_ok(task_cancel(child, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  future_unref(gathered);
  task_unref(child);
  task_unref(fresh);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(cancel_before_the_start_never_starts),        TEST(cancel_while_awaiting_cancels_what_is_awaited),
      TEST(cancel_caught_lets_the_task_continue),           TEST(cancel_of_a_sleeper_wakes_it_at_once),
      TEST(cancel_counts_and_uncancel_takes_back),       TEST(cancel_of_a_done_task_does_nothing),
      TEST(cancel_reaches_the_innermost_task),           TEST(cancel_of_itself_hits_the_next_await),
      TEST(cancel_raised_by_the_task_itself_cancels_it), TEST(cancel_of_a_task_that_is_never_read_is_not_reported),
      TEST(cancel_of_itself_stays_where_nothing_can_be_cancelled),
      TEST(cancel_of_itself_that_another_task_caught_is_over),
      TEST(cancel_at_shutdown_ends_tasks_that_are_left),
      TEST(cancel_on_a_closed_loop_is_eclosed),
      TEST(cancel_of_a_new_task_that_outlives_its_loop_leaks_nothing),
  };
  return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
