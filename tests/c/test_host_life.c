/* A host, its tasks and its reports after the loop is destroyed. */
#include "support.h"

static void host_with_a_task_that_it_did_not_forget_is_destroyed(void **state) {
  loop_t *loop = new_virtual_loop();
  host_t *host;
  int64_t spawn[4] = {HOST_SPAWN, 1, 0, 0};
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ok(host_submit(host, spawn, 1));
  host_unref(host);
  loop_unref(loop); /* live objects: 2 left */
}

static void host_with_a_report_that_it_did_not_take_is_destroyed(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  exception_t *exception = new_exception("ValueError", "boom");
  host_t *host;
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ok(host_take_reports(host));
  assert_ok(future_set_exception(future, exception));
  future_unref(future); /* never retrieved: a report, which keeps the future */
  exception_unref(exception);
  host_unref(host);
  loop_unref(loop);
}

/* The owner of the host can still take the reports after the loop is destroyed. */
static void host_kept_has_its_reports_when_the_loop_has_gone(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop), *reported;
  exception_t *exception = new_exception("ValueError", "boom");
  const char *message;
  int64_t id, spawn[4] = {HOST_SPAWN, 1, 0, 0};
  host_t *host;
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ptr_equal(host, host_ref(host));
  host_unref(host); /* it had two owners, and has one now */
  assert_ok(host_take_reports(host));
  assert_ok(host_submit(host, spawn, 1));
  assert_ok(future_set_exception(future, exception));
  future_unref(future);
  exception_unref(exception);
  loop_unref(loop);
  exception = NULL;
  assert_ok(host_take_report(host, &message, &exception, &reported, &id));
  assert_string_equal("Future exception was never retrieved", message);
  assert_exception("ValueError", "boom", exception);
  future_unref(reported);
  assert_status(LOOP_ECLOSED, host_submit(host, spawn, 1));
  host_unref(host);
}

/* The loop has a reference of its own until it is destroyed. */
static void host_with_two_users_stays_with_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  host_t *host;
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ptr_equal(host, host_ref(host));
  host_unref(host);
  host_unref(host);
  assert_int_equal(2, loop_live_objects());
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_with_a_task_that_it_did_not_forget_is_destroyed),
      TEST(host_with_a_report_that_it_did_not_take_is_destroyed),
      TEST(host_kept_has_its_reports_when_the_loop_has_gone),
      TEST(host_with_two_users_stays_with_its_loop),
  };
  return cmocka_run_group_tests_name("host_life", tests, NULL, NULL);
}
