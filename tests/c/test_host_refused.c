/* Hosts: answers and calls that are refused. They change nothing, but take what they give away. */
#include "../driver.h"

#include <errno.h>

/* A callback in C that calls a function of the host, which submits an answer. */
static void spawn_inside(loop_t *loop, void *driver) {
  (void)loop;
  spawn(driver, 1);
  assert_non_null(task_of(driver, 1));
  say(driver, HOST_END, 0, 0, 0);
  assert_status(LOOP_EINVALIDSTATE, submit(driver));
  assert_status(LOOP_ERUNNING, pump(driver));
}

static void host_answers_from_inside_a_pump_are_applied_at_once(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, MOST);
  assert_ok(loop_call_soon(d.loop, spawn_inside, &d, NULL, NULL));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_STEP, 1);
  say(&d, HOST_RETURN, 0, 0, 0);
  assert_ok(loop_stop(d.loop));
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static void host_answers_out_of_place_are_refused(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, MOST);
  say(&d, HOST_RETURN, 0, 0, 0);
  assert_status(LOOP_EINVALIDSTATE, submit(&d));
  assert_status(LOOP_EINVALIDSTATE, pump(&d));
  assert_status(LOOP_EINVALIDSTATE, host_run_end(d.host));
  assert_status(LOOP_ENOTSUPPORTED, loop_run_forever(d.loop));
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_status(LOOP_EBUSY, host_call_soon(d.host, 1, NULL));
  assert_status(-EINVAL, host_call_soon(d.host, 0, NULL));
  assert_ok(loop_stop(d.loop));
  assert_ok(host_run_begin(d.host, NULL));
  assert_status(LOOP_ERUNNING, host_run_begin(d.host, NULL));
  assert_status(LOOP_ERUNNING, loop_close(d.loop));
  assert_int_equal(1, pump(&d));
  assert_status(LOOP_EBUSY, pump(&d));
  say_sleep(&d, 1);
  assert_status(LOOP_ENOTASK, submit(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

/* The library takes the reference in an answer, even if that answer fails, or one before it. */
static void host_answers_that_fail_take_what_they_give_away(void **state) {
  struct driver d;
  value_t *text, *address;
  int destroyed = 0;
  static const char tag;
  (void)state;
  open_driver(&d, 4);
  say(&d, HOST_RAISE, 0, 0, (int64_t)(intptr_t)new_exception("ValueError", "no event"));
  assert_status(LOOP_EINVALIDSTATE, submit(&d));
  assert_ok(value_new_foreign(&tag, &destroyed, count_destroy, &text));
  say(&d, 99, 0, 0, 0);
  say(&d, HOST_RETURN, 0, VALUE_FOREIGN, (int64_t)(intptr_t)text);
  assert_status(LOOP_EINVALIDSTATE, submit(&d));
  assert_int_equal(1, destroyed);
  assert_ok(address_new("::1", 80, &address)); /* the last of the kinds */
  say(&d, HOST_RETURN, 0, VALUE_ADDRESS, (int64_t)(intptr_t)address);
  assert_status(LOOP_EINVALIDSTATE, submit(&d));
  say(&d, HOST_RAISE, 0, 0, (int64_t)(intptr_t)new_exception("ValueError", "no run"));
  assert_status(LOOP_EINVALIDSTATE, pump(&d));
  close_driver(&d);
}

static void host_answers_that_cannot_be_are_refused(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, 4);
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  say(&d, HOST_RAISE, 0, 0, 0);
  assert_status(-EINVAL, submit(&d));
  say(&d, HOST_RETURN, 0, VALUE_ADDRESS + 1, 1);
  assert_status(-EINVAL, submit(&d));
  say(&d, HOST_RETURN, 0, VALUE_TEXT, 0);
  assert_status(-EINVAL, submit(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

static void make_host(loop_t *loop, void *ret_host) {
  assert_status(LOOP_ERUNNING, host_new(loop, 4, ret_host));
  assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
  assert_ok(loop_stop(loop));
}

static void host_run_that_ends_holds_its_loop_until_then(void **state) {
  struct driver d;
  future_t *future;
  (void)state;
  open_driver(&d, 4);
  future = new_future(d.loop);
  assert_ok(host_run_begin(d.host, future));
  loop_unref(d.loop);
  assert_status(LOOP_ESTOPPED, host_run_end(d.host));
  assert_status(LOOP_ECLOSED, host_call_soon(d.host, 1, NULL));
  future_unref(future);
  host_unref(d.host);
}

/* The run that is under way would not stop for the host's tasks. */
static void host_for_a_loop_that_runs_is_refused(void **state) {
  loop_t *loop = new_virtual_loop();
  host_t *host = NULL;
  (void)state;
  assert_ok(loop_call_soon(loop, make_host, &host, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_null(host);
  loop_unref(loop);
}

static void end_run(loop_t *loop, void *host) {
  (void)loop;
  assert_status(LOOP_ERUNNING, host_run_end(host));
}

static void host_run_end_inside_a_pump_is_refused(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, 4);
  assert_ok(loop_call_soon(d.loop, end_run, d.host, NULL, NULL));
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

/* The other loop would run the callback, and has no host. */
static void host_done_callback_of_another_loop_is_refused(void **state) {
  struct driver d;
  loop_t *other = new_virtual_loop();
  future_t *future = new_future(other);
  (void)state;
  open_driver(&d, 4);
  assert_status(LOOP_EWRONGLOOP, host_add_done_callback(d.host, future, 1));
  assert_ok(host_call_soon(d.host, 1, NULL)); /* the id is free */
  future_unref(future);
  loop_unref(other);
  close_driver(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_answers_from_inside_a_pump_are_applied_at_once),
      TEST(host_answers_out_of_place_are_refused),
      TEST(host_answers_that_fail_take_what_they_give_away),
      TEST(host_answers_that_cannot_be_are_refused),
      TEST(host_run_that_ends_holds_its_loop_until_then),
      TEST(host_for_a_loop_that_runs_is_refused),
      TEST(host_run_end_inside_a_pump_is_refused),
      TEST(host_done_callback_of_another_loop_is_refused),
  };
  return cmocka_run_group_tests_name("host_refused", tests, NULL, NULL);
}
