/* Bodies that await futures, coroutines and time, and that are cancelled meanwhile. */
#include "../bodies.h"

/* ---- awaiting futures ---- */

static void await_gets_the_result(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_body(loop, await_and_return, &story);
  value_t *value = new_int(5);
  (void)state;
  turn(loop);
  assert_trace("", &story.trace);
  assert_ok(future_set_result(story.future, value));
  value_unref(value);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(5, take_int(value));
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static void await_of_a_done_future_does_not_yield(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_body(loop, await_and_return, &story);
  (void)state;
  assert_ok(future_set_result(story.future, NULL));
  turn(loop);
  assert_int_equal(1, task_done(task));
  assert_trace("LOOP_OK", &story.trace);
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static int cancel_self_and_await_twice(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_ok(task_cancel(task_get_current(story->loop), NULL, NULL));
  trace_add(&story->trace, loop_status_name(await_future(story->future, ret_value)));
  return await_sleep(0);
}

static void await_of_a_done_future_leaves_a_cancellation_for_the_next_step(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop, .future = new_future(loop)};
  (void)state;
  assert_ok(future_set_result(story.future, NULL));
  assert_status(LOOP_ECANCELLED, run_body(loop, cancel_self_and_await_twice, &story, NULL));
  assert_trace("LOOP_OK", &story.trace);
  future_unref(story.future);
  loop_unref(loop);
}

static void await_of_a_failure_raises_the_same_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.future = task_as_future(inner)};
  exception_t *raised, *passed = run_failing(loop, await_and_return, &story);
  (void)state;
  assert_ok(task_exception(inner, &raised));
  assert_ptr_equal(raised, passed);
  assert_trace("LOOP_EEXCEPTION", &story.trace);
  exception_unref(raised);
  exception_unref(passed);
  task_unref(inner);
  loop_unref(loop);
}

static int catch_it(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  exception_t *none = (exception_t *)userdata;
  assert_ok(await_exception(&none));
  assert_null(none);
  assert_status(LOOP_EEXCEPTION, await_future(story->future, ret_value));
  assert_ok(await_sleep(0));
  return await_exception(&story->exception);
}

static void await_exception_gets_the_last_failure(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.future = task_as_future(inner)};
  (void)state;
  assert_ok(run_body(loop, catch_it, &story, NULL));
  assert_exception("ValueError", "boom", story.exception);
  task_unref(inner);
  loop_unref(loop);
}

/* Its cleanup fails too; then it returns the first failure. */
static int fail_again_in_cleanup(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  int status = await_future(story->future, ret_value);
  future_t *cancelled = new_future(story->loop);
  assert_ok(future_cancel(cancelled, NULL, NULL));
  assert_status(LOOP_ECANCELLED, await_future(cancelled, NULL));
  future_unref(cancelled);
  return status;
}

static void body_may_pass_on_a_failure_after_one_of_the_other_kind(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.loop = loop, .future = task_as_future(inner)};
  (void)state;
  assert_exception("ValueError", "boom", run_failing(loop, fail_again_in_cleanup, &story));
  task_unref(inner);
  loop_unref(loop);
}

static int await_self(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  return await_future(task_as_future(task_get_current(story->loop)), ret_value);
}

static void await_of_the_task_itself_is_a_runtime_error(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  (void)state;
  assert_exception("RuntimeError", "Task cannot await on itself", run_failing(loop, await_self, &story));
  loop_unref(loop);
}

/* ---- sleeping and coroutines ---- */

static int sleep_twice(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  assert_ok(await_sleep(1.5));
  return await_sleep(0.25);
}

static void sleep_takes_its_time(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(run_body(loop, sleep_twice, NULL, NULL));
  assert_true(loop_time(loop) == 1.75);
  loop_unref(loop);
}

static int await_its_coroutine(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_ok(await_coroutine(story->coroutine, ret_value));
  return await_coroutine(story->coroutine, ret_value);
}

static void coroutine_is_awaited_once(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  (void)state;
  assert_ok(coroutine_sleep(loop, 2, &story.coroutine));
  assert_exception("RuntimeError", "cannot reuse already awaited coroutine",
                   run_failing(loop, await_its_coroutine, &story));
  assert_true(loop_time(loop) == 2);
  coroutine_unref(story.coroutine);
  loop_unref(loop);
}

static int await_sleeping_coroutine(void *userdata, value_t **ret_value) {
  return await_coroutine(((struct story *)userdata)->coroutine, ret_value);
}

static void coroutine_is_cancelled_with_its_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = new_body(loop, await_sleeping_coroutine, &story);
  (void)state;
  assert_ok(coroutine_sleep(loop, 2, &story.coroutine));
  turn(loop);
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_true(loop_time(loop) == 0);
  coroutine_unref(story.coroutine);
  task_unref(task);
  loop_unref(loop);
}

/* ---- cancelling ---- */

static int catch_cancellation(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_status(LOOP_ECANCELLED, await_sleep(60));
  assert_ok(await_exception(&story->exception));
  return value_new_int(1, ret_value);
}

static void cancel_wakes_a_sleeper_who_may_catch_it(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = new_body(loop, catch_cancellation, &story);
  value_t *value;
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "enough", NULL));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(1, take_int(value));
  assert_exception("CancelledError", "enough", story.exception);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_before_the_first_step_never_runs_the_body(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  task_t *task;
  (void)state;
  assert_ok(loop_create_task(loop, never_run, &destroyed, count_destroy, &task));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_int_equal(1, destroyed);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_passed_on_reaches_what_is_awaited(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_body(loop, await_and_return, &story);
  exception_t *exception;
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "enough", NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_int_equal(1, task_cancelled(task));
  assert_status(LOOP_ECANCELLED, task_exception(task, &exception));
  assert_int_equal(1, future_cancelled(story.future));
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(await_gets_the_result),
      TEST(await_of_a_done_future_does_not_yield),
      TEST(await_of_a_done_future_leaves_a_cancellation_for_the_next_step),
      TEST(await_of_a_failure_raises_the_same_exception),
      TEST(await_exception_gets_the_last_failure),
      TEST(body_may_pass_on_a_failure_after_one_of_the_other_kind),
      TEST(await_of_the_task_itself_is_a_runtime_error),
      TEST(sleep_takes_its_time),
      TEST(coroutine_is_awaited_once),
      TEST(coroutine_is_cancelled_with_its_task),
      TEST(cancel_wakes_a_sleeper_who_may_catch_it),
      TEST(cancel_before_the_first_step_never_runs_the_body),
      TEST(cancel_passed_on_reaches_what_is_awaited),
  };
  return cmocka_run_group_tests_name("coroutine_await", tests, NULL, NULL);
}
