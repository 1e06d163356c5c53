/* Tasks and callbacks that a host runs, as a language such as Go does. Calls that are refused are in
 * test_host_refused.c. */
#include "../driver.h"

static void host_tasks_due_together_come_in_one_batch(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, MOST);
  for (int64_t id = 1; id <= 3; id++) spawn(&d, id);
  assert_ok(host_run_begin(d.host, task_of(&d, 3)));
  assert_int_equal(1, loop_is_running(d.loop));
  assert_int_equal(3, pump(&d));
  for (int64_t id = 1; id <= 3; id++) {
    assert_event(&d, (size_t)id - 1, HOST_STEP, id);
    say(&d, HOST_RETURN, 0, VALUE_INT, 10 * id);
  }
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  assert_int_equal(0, loop_is_running(d.loop));
  assert_int_equal(3, host_state(d.host)[HOST_STATE_DROPPED_COUNT]);
  for (int64_t id = 1; id <= 3; id++) {
    value_t *value;
    int64_t integer;
    assert_ok(task_result(host_task(d.host, id), &value));
    assert_ok(value_get_int(value, &integer));
    assert_int_equal(10 * id, integer);
    value_unref(value);
    assert_ok(host_forget(d.host, id));
  }
  close_driver(&d);
}

static void host_batch_stops_before_what_is_not_the_hosts(void **state) {
  struct driver d;
  struct trace trace = {""};
  struct mark mark = {&trace, "c"};
  (void)state;
  open_driver(&d, MOST);
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(host_call_soon(d.host, 2, NULL));
  assert_ok(loop_call_soon(d.loop, mark_callback, &mark, NULL, NULL));
  assert_ok(host_call_soon(d.host, 3, NULL));
  assert_ok(loop_stop(d.loop));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(2, pump(&d));
  assert_event(&d, 1, HOST_CALL, 2);
  assert_trace("", &trace);
  say(&d, HOST_END, 0, 0, 0), say(&d, HOST_END, 0, 0, 0);
  assert_int_equal(1, pump(&d));
  assert_trace("c", &trace);
  assert_event(&d, 0, HOST_CALL, 3);
  say(&d, HOST_END, 0, 0, 0);
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

static void host_await_of_a_task_hands_its_result_on(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d, MOST);
  spawn(&d, 1);
  assert_ok(host_run_begin(d.host, task_of(&d, 1)));
  assert_int_equal(1, pump(&d));
  say(&d, HOST_SPAWN, 2, 0, 0), say(&d, HOST_AWAIT_TASK, 2, 0, 0);
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_STEP, 2);
  say(&d, HOST_RETURN, 0, VALUE_INT, 7), say(&d, HOST_FORGET, 2, 0, 0);
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_STEP, 1);
  assert_int_equal(VALUE_INT, d.events[2]);
  assert_int_equal(7, payload(&d, 0));
  say(&d, HOST_RETURN, 0, VALUE_NIL, 0);
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static void host_await_of_a_done_future_continues_at_once(void **state) {
  struct driver d;
  future_t *future;
  value_t *value;
  int64_t event[WORDS];
  (void)state;
  open_driver(&d, MOST);
  spawn(&d, 1);
  assert_ok(loop_create_future(d.loop, &future));
  assert_ok(value_new_int(9, &value));
  assert_ok(host_run_begin(d.host, task_of(&d, 1)));
  assert_int_equal(1, pump(&d));
  assert_ptr_equal(host_task(d.host, 1), task_get_current(d.loop));
  assert_ok(future_set_result(future, value));
  assert_int_equal(1, host_await(d.host, future, event));
  assert_int_equal(HOST_STEP, event[0]);
  assert_int_equal(9, event[3]);
  say_sleep(&d, 5);
  assert_int_equal(1, pump(&d));
  assert_true(loop_time(d.loop) >= 5);
  say(&d, HOST_RETURN, 0, VALUE_NIL, 0);
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  value_unref(value);
  future_unref(future);
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static void host_await_of_a_coroutine_may_suspend(void **state) {
  struct driver d;
  lock_t *lock;
  coroutine_t *acquire;
  int64_t event[WORDS];
  (void)state;
  open_driver(&d, MOST);
  assert_ok(lock_new(d.loop, &lock));
  spawn(&d, 1), spawn(&d, 2);
  assert_ok(host_run_begin(d.host, task_of(&d, 2)));
  assert_int_equal(2, pump(&d));
  assert_ok(lock_acquire(lock, &acquire));
  assert_int_equal(1, host_await_coroutine(d.host, acquire, event));
  coroutine_unref(acquire);
  say_sleep(&d, 1), say(&d, HOST_BEGIN, 0, 0, 0);
  assert_ok(submit(&d));
  assert_ok(lock_acquire(lock, &acquire));
  assert_int_equal(0, host_await_coroutine(d.host, acquire, event));
  coroutine_unref(acquire);
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_STEP, 1);
  assert_ok(lock_release(lock));
  say(&d, HOST_RETURN, 0, VALUE_NIL, 0);
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_STEP, 2);
  assert_int_equal(VALUE_BOOL, d.events[2]);
  say(&d, HOST_RETURN, 0, VALUE_NIL, 0);
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  lock_unref(lock);
  assert_ok(host_forget(d.host, 1)), assert_ok(host_forget(d.host, 2));
  close_driver(&d);
}

static void host_cancellation_withdraws_events(void **state) {
  struct driver d;
  handle_t *handle;
  (void)state;
  open_driver(&d, MOST);
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(host_call_soon(d.host, 2, &handle));
  spawn(&d, 3);
  assert_ok(host_run_begin(d.host, task_of(&d, 3)));
  assert_int_equal(3, pump(&d));
  int64_t before = *host_withdrawn(d.host);
  assert_ok(handle_cancel(handle));
  assert_ok(task_cancel(host_task(d.host, 3), NULL, NULL));
  assert_int_not_equal(before, *host_withdrawn(d.host));
  say(&d, HOST_END, 0, 0, 0);
  assert_int_equal(0, pump(&d)); /* the task never began */
  assert_int_equal(0, host_run_end(d.host));
  assert_int_equal(1, task_cancelled(host_task(d.host, 3)));
  handle_unref(handle);
  assert_ok(host_forget(d.host, 3));
  close_driver(&d);
}

static void host_failed_callback_is_reported_with_its_id(void **state) {
  struct driver d;
  exception_t *exception;
  future_t *future;
  const char *message;
  int64_t id;
  (void)state;
  open_driver(&d, MOST);
  assert_ok(host_take_reports(d.host));
  assert_ok(host_call_soon(d.host, 5, NULL));
  assert_ok(loop_stop(d.loop));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  assert_ok(exception_new("ValueError", "x", &exception));
  say(&d, HOST_RAISE, 0, 0, (int64_t)(intptr_t)exception);
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_REPORT, d.events[1]);
  assert_ok(host_take_report(d.host, &message, &exception, &future, &id));
  assert_string_equal("Exception in callback", message);
  assert_string_equal("ValueError", exception_kind(exception));
  assert_int_equal(5, id);
  assert_null(future);
  exception_unref(exception);
  assert_status(LOOP_EINVALIDSTATE, host_take_report(d.host, &message, &exception, &future, &id));
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

static void host_exit_keeps_events_for_the_next_run(void **state) {
  struct driver d;
  exception_t *exception;
  (void)state;
  open_driver(&d, MOST);
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(host_call_soon(d.host, 2, NULL));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(2, pump(&d));
  assert_ok(exception_new("SystemExit", NULL, &exception));
  say(&d, HOST_RAISE, 0, 0, (int64_t)(intptr_t)exception);
  assert_ok(submit(&d));
  assert_int_equal(1, host_state(d.host)[HOST_STATE_LEFT]);
  assert_int_equal(0, pump(&d));
  assert_status(LOOP_EEXIT, host_run_end(d.host));
  assert_ok(loop_take_exit(d.loop, &exception));
  exception_unref(exception);
  assert_ok(loop_stop(d.loop));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  assert_event(&d, 0, HOST_CALL, 2);
  say(&d, HOST_END, 0, 0, 0);
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  close_driver(&d);
}

static void host_pending_task_that_is_forgotten_is_dropped(void **state) {
  struct driver d;
  future_t *future;
  int64_t event[WORDS];
  (void)state;
  open_driver(&d, MOST);
  assert_ok(loop_create_future(d.loop, &future));
  spawn(&d, 1);
  assert_ok(host_take_reports(d.host));
  assert_ok(loop_stop(d.loop));
  assert_ok(host_run_begin(d.host, NULL));
  assert_int_equal(1, pump(&d));
  assert_int_equal(0, host_await(d.host, future, event));
  assert_int_equal(0, pump(&d));
  assert_ok(host_run_end(d.host));
  future_unref(future);
  assert_int_equal(0, host_state(d.host)[HOST_STATE_DROPPED_COUNT]);
  assert_ok(host_forget(d.host, 1));
  assert_int_equal(1, host_state(d.host)[HOST_STATE_REPORTS]);
  const char *message;
  exception_t *exception;
  int64_t id;
  assert_ok(host_take_report(d.host, &message, &exception, &future, &id));
  assert_string_equal("Task was destroyed but it is pending!", message);
  future_unref(future);
  assert_int_equal(1, host_state(d.host)[HOST_STATE_DROPPED_COUNT]);
  close_driver(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_tasks_due_together_come_in_one_batch),
      TEST(host_batch_stops_before_what_is_not_the_hosts),
      TEST(host_await_of_a_task_hands_its_result_on),
      TEST(host_await_of_a_done_future_continues_at_once),
      TEST(host_await_of_a_coroutine_may_suspend),
      TEST(host_cancellation_withdraws_events),
      TEST(host_failed_callback_is_reported_with_its_id),
      TEST(host_exit_keeps_events_for_the_next_run),
      TEST(host_pending_task_that_is_forgotten_is_dropped),
  };
  return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
