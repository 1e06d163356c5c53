/* Exceptions of callbacks: those that are reported, and those that end the run. */
#include "support.h"

#include <errno.h>
#include <math.h>

static void raise_exit(loop_t *loop, void *userdata) {
  exception_t *exception = new_exception("SystemExit", userdata);
  assert_ok(loop_raise(loop, exception));
  exception_unref(exception);
}

static void loop_run_ended_by_systemexit_keeps_it(void **state) {
  loop_t *loop = new_virtual_loop();
  exception_t *exception = NULL;
  (void)state;
  assert_status(LOOP_EINVALIDSTATE, loop_take_exit(loop, &exception));
  assert_ok(loop_call_soon(loop, raise_exit, "3", NULL, NULL));
  assert_status(LOOP_EEXIT, loop_run_forever(loop));
  assert_ok(loop_take_exit(loop, &exception));
  assert_exception("SystemExit", "3", exception);
  assert_status(LOOP_EINVALIDSTATE, loop_take_exit(loop, &exception));
  loop_unref(loop);
}

static void raise_value_error(loop_t *loop, void *userdata) {
  exception_t *exception = new_exception("ValueError", userdata);
  assert_ok(loop_raise(loop, exception));
  exception_unref(exception);
}

static void loop_raise_in_a_callback_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  exception_t *exception = new_exception("ValueError", "outside");
  (void)state;
  collect_reports(loop, &trace);
  assert_status(LOOP_EINVALIDSTATE, loop_raise(loop, exception));
  assert_ok(loop_call_soon(loop, raise_value_error, "inside", NULL, NULL));
  turn(loop);
  assert_trace("[Exception in callback: ValueError: inside]", &trace);
  exception_unref(exception);
  loop_unref(loop);
}

static void loop_exception_handler_gets_the_callers_reports(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  exception_t *exception = new_exception("ValueError", "x");
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(loop_call_exception_handler(loop, "host", exception, NULL));
  assert_ok(loop_call_exception_handler(loop, "bare", NULL, NULL));
  assert_trace("[host: ValueError: x] [bare]", &trace);
  exception_unref(exception);
  loop_unref(loop);
}

static void ignore_report(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)report, (void)userdata;
}

static void loop_exception_handler_replaced_is_destroyed_once(void **state) {
  loop_t *loop = new_virtual_loop();
  int first = 0, second = 0;
  (void)state;
  assert_ok(loop_set_exception_handler(loop, ignore_report, &first, count_destroy));
  assert_ok(loop_set_exception_handler(loop, ignore_report, &second, count_destroy));
  assert_true(first == 1 && second == 0);
  assert_ok(loop_set_exception_handler(loop, NULL, NULL, NULL));
  assert_true(first == 1 && second == 1);
  loop_unref(loop);
}

struct handlers {
  loop_t *loop;
  int destroyed[3];
};

static void set_another(void *userdata) {
  struct handlers *handlers = userdata;
  handlers->destroyed[0]++;
  assert_ok(loop_set_exception_handler(handlers->loop, ignore_report, &handlers->destroyed[2], count_destroy));
}

/* Issue 11, finding 10. */
static void loop_exception_handler_set_by_the_destroy_of_the_former_one_is_destroyed_once(void **state) {
  struct handlers handlers = {new_virtual_loop(), {0, 0, 0}};
  int *destroyed = handlers.destroyed;
  (void)state;
  assert_ok(loop_set_exception_handler(handlers.loop, ignore_report, &handlers, set_another));
  assert_ok(loop_set_exception_handler(handlers.loop, ignore_report, &destroyed[1], count_destroy));
  assert_true(destroyed[0] == 1 && destroyed[1] == 1 && destroyed[2] == 0);
  loop_unref(handlers.loop);
  assert_true(destroyed[0] == 1 && destroyed[1] == 1 && destroyed[2] == 1);
}

static void replace_itself(loop_t *loop, const report_t *report, void *destroyed) {
  (void)report;
  assert_ok(loop_set_exception_handler(loop, NULL, NULL, NULL));
  assert_int_equal(0, *(int *)destroyed);
}

static void loop_exception_handler_that_replaces_itself_is_destroyed_once_it_has_returned(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_set_exception_handler(loop, replace_itself, &destroyed, count_destroy));
  assert_ok(loop_call_exception_handler(loop, "once", NULL, NULL));
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

static void loop_debug_can_be_switched(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_set_debug(loop, 1));
  assert_int_equal(1, loop_get_debug(loop));
  assert_ok(loop_set_debug(loop, 0));
  assert_int_equal(0, loop_get_debug(loop));
  assert_status(-EINVAL, loop_set_slow_callback_duration(loop, NAN));
  loop_unref(loop);
}

static void keep_loop(loop_t *loop, const report_t *report, void *userdata) {
  (void)report;
  *(loop_t **)userdata = loop_ref(loop);
}

static void sleep_for_ever(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep(task, 1e6, never_step));
}

/* The last reference reports the pending task; the handler takes another one. */
static void loop_kept_by_the_reader_of_its_last_report_lives_on(void **state) {
  loop_t *loop = new_virtual_loop(), *kept = NULL;
  (void)state;
  assert_ok(loop_set_exception_handler(loop, keep_loop, &kept, NULL));
  task_unref(new_task(loop, sleep_for_ever, NULL));
  turn(loop);
  loop_unref(loop);
  assert_non_null(kept);
  assert_true(loop_is_closed(kept));
  loop_unref(kept);
}

struct owned {
  exception_t *exception;
  future_t *future;
};

static void drop_and_read(loop_t *loop, const report_t *report, void *userdata) {
  struct owned *owned = userdata;
  (void)loop;
  exception_unref(owned->exception);
  future_unref(owned->future);
  assert_string_equal("boom", exception_message(report_exception(report)));
  assert_false(future_done(report_future(report)));
}

static void report_of_the_hosts_own_keeps_what_its_handler_drops(void **state) {
  loop_t *loop = new_virtual_loop();
  struct owned owned = {new_exception("ValueError", "boom"), new_future(loop)};
  (void)state;
  assert_ok(loop_set_exception_handler(loop, drop_and_read, &owned, NULL));
  assert_ok(loop_call_exception_handler(loop, "message", owned.exception, owned.future));
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(loop_run_ended_by_systemexit_keeps_it),
      TEST(loop_raise_in_a_callback_is_reported),
      TEST(loop_exception_handler_gets_the_callers_reports),
      TEST(loop_exception_handler_replaced_is_destroyed_once),
      TEST(loop_exception_handler_set_by_the_destroy_of_the_former_one_is_destroyed_once),
      TEST(loop_exception_handler_that_replaces_itself_is_destroyed_once_it_has_returned),
      TEST(loop_debug_can_be_switched),
      TEST(loop_kept_by_the_reader_of_its_last_report_lives_on),
      TEST(report_of_the_hosts_own_keeps_what_its_handler_drops),
  };
  return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
