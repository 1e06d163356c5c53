/* Tasks with stacks of their own: what a body returns or raises, and calls that are refused. What bodies await is in
 * test_coroutine_await.c, stacks are in test_coroutine_stack.c. */
#include "../bodies.h"

#include <errno.h>

/* ---- results ---- */

static int return_nine(void *userdata, value_t **ret_value) {
  (void)userdata;
  return value_new_int(9, ret_value);
}

static void body_returns_its_value(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *value;
  (void)state;
  assert_ok(run_body(loop, return_nine, NULL, &value));
  assert_int_equal(9, take_int(value));
  loop_unref(loop);
}

static void body_that_writes_nothing_returns_nil(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *value = (value_t *)state;
  assert_ok(run_body(loop, return_nothing, NULL, &value));
  assert_null(value);
  loop_unref(loop);
}

static int mark_body(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  (void)ret_value;
  assert_ptr_equal(story, task_get_userdata(task_get_current(loop_get_running())));
  trace_add(&story->trace, "ran");
  return 0;
}

static void body_starts_in_a_later_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = new_body(loop, mark_body, &story);
  (void)state;
  assert_trace("", &story.trace);
  assert_ptr_equal(&story, task_get_userdata(task));
  turn(loop);
  assert_trace("ran", &story.trace);
  assert_int_equal(1, task_done(task));
  assert_null(task_get_userdata(task));
  task_unref(task);
  loop_unref(loop);
}

static int return_timeout_status(void *userdata, value_t **ret_value) {
  (void)userdata;
  assert_ok(value_new_int(1, ret_value)); /* is dropped */
  return LOOP_EQUEUEEMPTY;
}

static int return_one(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 1;
}

static int return_eexception(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return LOOP_EEXCEPTION;
}

static void body_returning_a_status_raises_its_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_exception("QueueEmpty", NULL, run_failing(loop, return_timeout_status, NULL));
  loop_unref(loop);
}

static void body_returning_a_positive_number_is_a_runtime_error(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_exception("RuntimeError", "a function must return 0 or a negative status, not a positive number",
                   run_failing(loop, return_one, NULL));
  loop_unref(loop);
}

static void body_returning_eexception_without_one_raises_an_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  exception_t *exception = run_failing(loop, return_eexception, NULL);
  (void)state;
  assert_string_equal("Exception", exception_kind(exception));
  exception_unref(exception);
  loop_unref(loop);
}

static int raise_it(void *userdata, value_t **ret_value) {
  (void)ret_value;
  return await_raise(((struct story *)userdata)->exception);
}

static void body_raises_the_same_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.exception = new_exception("ValueError", "boom")};
  exception_t *raised = run_failing(loop, raise_it, &story);
  (void)state;
  assert_ptr_equal(story.exception, raised);
  exception_unref(raised);
  exception_unref(story.exception);
  loop_unref(loop);
}

static void body_that_raises_cancelled_error_is_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.exception = new_exception("CancelledError", "mine")};
  (void)state;
  assert_status(LOOP_ECANCELLED, run_body(loop, raise_it, &story, NULL));
  exception_unref(story.exception);
  loop_unref(loop);
}

/* ---- misuse ---- */

static void assert_no_body_here(loop_t *loop) {
  future_t *future = new_future(loop);
  exception_t *exception = new_exception("ValueError", "x"), *none;
  coroutine_t *coroutine;
  assert_ok(coroutine_sleep(loop, 1, &coroutine));
  assert_status(LOOP_ENOTASK, await_future(future, NULL));
  assert_status(LOOP_ENOTASK, await_coroutine(coroutine, NULL));
  assert_status(LOOP_ENOTASK, await_sleep(1));
  assert_status(LOOP_ENOTASK, await_exception(&none));
  assert_status(LOOP_ENOTASK, await_raise(exception));
  coroutine_unref(coroutine);
  exception_unref(exception);
  future_unref(future);
}

static void callback_without_body(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_no_body_here(loop);
}

static void step_without_body(task_t *task, void *userdata) {
  (void)task;
  assert_no_body_here(userdata);
}

static void await_outside_a_body_is_enotask(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_no_body_here(loop);
  assert_ok(loop_call_soon(loop, callback_without_body, NULL, NULL, NULL));
  assert_ok(loop_ensure_future(loop, step_without_body, loop, NULL, NULL));
  run_dry(loop);
  loop_unref(loop);
}

static int misuse(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  task_t *self = task_get_current(story->loop);
  value_t *untouched = (value_t *)userdata;
  (void)ret_value;
  assert_status(-EINVAL, await_future(NULL, &untouched));
  assert_status(-EINVAL, await_coroutine(NULL, &untouched));
  assert_status(-EINVAL, await_sleep(0.0 / 0.0));
  assert_status(-EINVAL, await_exception(NULL));
  assert_status(-EINVAL, await_raise(NULL));
  assert_status(LOOP_EWRONGLOOP, await_future(story->future, &untouched));
  assert_status(LOOP_EWRONGLOOP, await_coroutine(story->coroutine, &untouched));
  assert_ptr_equal(userdata, untouched);
  assert_status(LOOP_ENOTASK, task_return(self, NULL));
  assert_status(LOOP_ENOTASK, task_sleep(self, 1, never_step));
  assert_status(LOOP_ENOTASK, task_awaited(self, &untouched));
  trace_add(&story->trace, "survived");
  return 0;
}

static void await_with_wrong_arguments_changes_nothing(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  struct story story = {.loop = loop, .future = new_future(other)};
  (void)state;
  assert_ok(coroutine_await(other, story.future, &story.coroutine));
  assert_ok(run_body(loop, misuse, &story, NULL));
  assert_trace("survived", &story.trace);
  coroutine_unref(story.coroutine);
  future_unref(story.future);
  loop_unref(other);
  loop_unref(loop);
}

static void create_task_that_fails_destroys_its_userdata(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, loop_create_task(loop, NULL, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_create_task(NULL, never_run, &destroyed, count_destroy, NULL));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_create_task(loop, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(3, destroyed);
  loop_unref(loop);
}

static void unsupported_without_the_feature(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_status(LOOP_ENOTSUPPORTED, loop_create_task(loop, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
  assert_status(LOOP_ENOTSUPPORTED, await_sleep(1));
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest without[] = {TEST(unsupported_without_the_feature)};
  const struct CMUnitTest tests[] = {
      TEST(body_returns_its_value),
      TEST(body_that_writes_nothing_returns_nil),
      TEST(body_starts_in_a_later_turn),
      TEST(body_returning_a_status_raises_its_exception),
      TEST(body_returning_a_positive_number_is_a_runtime_error),
      TEST(body_returning_eexception_without_one_raises_an_exception),
      TEST(body_raises_the_same_exception),
      TEST(body_that_raises_cancelled_error_is_cancelled),
      TEST(await_outside_a_body_is_enotask),
      TEST(await_with_wrong_arguments_changes_nothing),
      TEST(create_task_that_fails_destroys_its_userdata),
  };
  if (!has_stacks()) return cmocka_run_group_tests_name("coroutine", without, NULL, NULL);
  return cmocka_run_group_tests_name("coroutine", tests, NULL, NULL);
}
