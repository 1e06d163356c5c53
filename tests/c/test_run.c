/* loop_run: a loop for one task, as in asyncio.run(). */
#include "support.h"

#include <errno.h>

static loop_options_t *virtual_options(void) {
  loop_options_t *options;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_clock(options, LOOP_CLOCK_VIRTUAL));
  return options;
}

/* loop_run on a virtual clock. */
static int run(task_step_fn step, void *userdata, value_t **ret_value, exception_t **ret_exception) {
  loop_options_t *options = virtual_options();
  int status = loop_run(options, step, userdata, NULL, ret_value, ret_exception);
  loop_options_unref(options);
  return status;
}

static void run_hands_out_the_result(void **state) {
  value_t *value;
  (void)state;
  assert_ok(run(return_seven, NULL, &value, NULL));
  assert_int_equal(7, take_int(value));
  assert_null(loop_get_running());
}

static void run_that_fails_hands_out_the_exception(void **state) {
  value_t *value = (value_t *)state;
  exception_t *exception = NULL;
  assert_status(LOOP_EEXCEPTION, run(raise_boom, NULL, &value, &exception));
  assert_ptr_equal(state, value);
  assert_exception("ValueError", "boom", exception);
  assert_status(LOOP_EEXCEPTION, run(raise_boom, NULL, NULL, NULL));
}

static void cancel_itself(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_cancel(task, "enough", NULL));
  assert_ok(task_sleep(task, 1, never_step));
}

static void run_that_is_cancelled_hands_out_the_cancellederror(void **state) {
  exception_t *exception = NULL;
  (void)state;
  assert_status(LOOP_ECANCELLED, run(cancel_itself, NULL, NULL, &exception));
  assert_exception("CancelledError", "enough", exception);
}

static void raise_system_exit(task_t *task, void *message) {
  exception_t *exception = new_exception("SystemExit", message);
  assert_ok(task_raise(task, exception));
  exception_unref(exception);
}

static void run_ended_by_systemexit_returns_it(void **state) {
  exception_t *exception = NULL;
  (void)state;
  assert_status(LOOP_EEXIT, run(raise_system_exit, "3", NULL, &exception));
  assert_exception("SystemExit", "3", exception);
}

static void say_cancelled(task_t *task, void *trace) { trace_add(trace, loop_status_name(task_awaited(task, NULL))); }

static void sleep_long(task_t *task, void *trace) {
  (void)trace;
  assert_ok(task_sleep_catch(task, 60, say_cancelled));
}

static void leave_a_sleeper(task_t *task, void *trace) {
  assert_ok(loop_ensure_future(loop_get_running(), sleep_long, trace, NULL, NULL));
  assert_ok(task_sleep(task, 1, return_seven));
}

static void run_cancels_tasks_that_are_left(void **state) {
  struct trace trace = {""};
  value_t *value;
  (void)state;
  assert_ok(run(leave_a_sleeper, &trace, &value, NULL));
  assert_int_equal(7, take_int(value));
  assert_trace("LOOP_ECANCELLED", &trace);
}

static void fall_over(task_t *task, void *trace) {
  (void)trace;
  assert_ok(task_sleep_catch(task, 60, raise_boom));
}

static void leave_one_that_fails(task_t *task, void *trace) {
  collect_reports(loop_get_running(), trace);
  assert_ok(loop_ensure_future(loop_get_running(), fall_over, trace, NULL, NULL));
  assert_ok(task_sleep(task, 1, return_seven));
}

static void run_reports_what_fails_while_it_shuts_down(void **state) {
  struct trace trace = {""};
  (void)state;
  assert_ok(run(leave_one_that_fails, &trace, NULL, NULL));
  assert_trace("[unhandled exception during asyncio.run() shutdown: ValueError: boom]", &trace);
}

static void leave_loop(task_t *task, void *userdata) {
  exception_t *exception = new_exception("SystemExit", "late");
  (void)userdata;
  assert_ok(task_raise(task, exception));
  exception_unref(exception);
}

static void sleep_then_leave(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep_catch(task, 60, leave_loop));
}

static void leave_one_that_leaves(task_t *task, void *userdata) {
  assert_ok(loop_ensure_future(loop_get_running(), sleep_then_leave, userdata, NULL, NULL));
  assert_ok(task_sleep(task, 1, return_seven));
}

static void run_ended_while_it_shuts_down_returns_the_systemexit(void **state) {
  exception_t *exception = NULL;
  value_t *value = NULL;
  (void)state;
  assert_status(LOOP_EEXIT, run(leave_one_that_leaves, NULL, &value, &exception));
  assert_null(value);
  assert_exception("SystemExit", "late", exception);
}

static void run_another(task_t *task, void *destroyed) {
  value_t *value = (value_t *)destroyed;
  (void)task;
  assert_status(LOOP_ERUNNING, loop_run(NULL, never_step, destroyed, count_destroy, &value, NULL));
  assert_ptr_equal(destroyed, value);
}

static void run_inside_a_run_is_erunning(void **state) {
  int destroyed = 0;
  (void)state;
  assert_ok(run(run_another, &destroyed, NULL, NULL));
  assert_int_equal(1, destroyed);
}

static void run_of_nothing_is_einval(void **state) {
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, loop_run(NULL, NULL, &destroyed, count_destroy, NULL, NULL));
  assert_int_equal(1, destroyed);
}

static void run_destroys_its_userdata_once(void **state) {
  loop_options_t *options = virtual_options();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_run(options, return_seven, &destroyed, count_destroy, NULL, NULL));
  assert_int_equal(1, destroyed);
  loop_options_unref(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(run_hands_out_the_result),
      TEST(run_that_fails_hands_out_the_exception),
      TEST(run_that_is_cancelled_hands_out_the_cancellederror),
      TEST(run_ended_by_systemexit_returns_it),
      TEST(run_cancels_tasks_that_are_left),
      TEST(run_reports_what_fails_while_it_shuts_down),
      TEST(run_ended_while_it_shuts_down_returns_the_systemexit),
      TEST(run_inside_a_run_is_erunning),
      TEST(run_of_nothing_is_einval),
      TEST(run_destroys_its_userdata_once),
  };
  return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
