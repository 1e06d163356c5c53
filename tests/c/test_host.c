/* Host-driven tasks and callbacks: what a language like Go does, in C. */
#include <errno.h>
#include <string.h>

#include "support.h"

enum { WORDS = 4, MOST = 16 };

/* A host that notes what it is told, and collects what it says. */
struct driver {
  loop_t *loop;
  host_t *host;
  const int64_t *events;
  int64_t answers[MOST * WORDS];
  size_t count;
};

static void open_driver(struct driver *driver, size_t capacity) {
  memset(driver, 0, sizeof *driver);
  driver->loop = new_virtual_loop();
  assert_ok(host_new(driver->loop, capacity, &driver->host));
  driver->events = host_events(driver->host);
}

static void close_driver(struct driver *driver) {
  host_unref(driver->host);
  loop_unref(driver->loop);
}

static void say(struct driver *driver, int64_t what, int64_t id, int64_t kind, int64_t payload) {
  int64_t *words = &driver->answers[WORDS * driver->count++];
  words[0] = what, words[1] = id, words[2] = kind, words[3] = payload;
}

static void say_sleep(struct driver *driver, double seconds) {
  int64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  say(driver, HOST_SLEEP, 0, 0, bits);
}

static int submit(struct driver *driver) {
  size_t count = driver->count;
  driver->count = 0;
  return host_submit(driver->host, driver->answers, count);
}

static int pump(struct driver *driver) {
  size_t count = driver->count;
  driver->count = 0;
  return host_pump(driver->host, driver->answers, count);
}

#define assert_event(driver, index, what, event_id)                 \
  do {                                                              \
    assert_int_equal(what, (driver)->events[WORDS * (index)]);      \
    assert_int_equal(event_id, (driver)->events[WORDS * (index) + 1]); \
  } while (0)

static int64_t payload(const struct driver *driver, size_t index) { return driver->events[WORDS * index + 3]; }

static void spawn(struct driver *driver, int64_t id) {
  say(driver, HOST_SPAWN, id, 0, 0);
  assert_ok(submit(driver));
}

static future_t *task_of(const struct driver *driver, int64_t id) {
  return task_as_future(host_task(driver->host, id));
}

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

static void host_await_of_a_done_future_goes_on_at_once(void **state) {
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

static void host_cancellation_withdraws_what_was_told(void **state) {
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

static void host_exit_leaves_what_was_told_for_the_next_run(void **state) {
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

/* A callback of C's that calls the host, which has something to say. */
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

/* What an answer gives away is gone, also if the answer fails, or one before it. */
static void host_answers_that_fail_take_what_they_give_away(void **state) {
  struct driver d;
  value_t *text;
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
  say(&d, HOST_RETURN, 0, VALUE_EXCEPTION + 1, 1);
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

/* The run that goes on would not stop for what is the host's. */
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

/* The other loop would run it as its own, and find no host there. */
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
      TEST(host_tasks_due_together_come_in_one_batch),
      TEST(host_batch_stops_before_what_is_not_the_hosts),
      TEST(host_await_of_a_task_hands_its_result_on),
      TEST(host_await_of_a_done_future_goes_on_at_once),
      TEST(host_await_of_a_coroutine_may_suspend),
      TEST(host_cancellation_withdraws_what_was_told),
      TEST(host_failed_callback_is_reported_with_its_id),
      TEST(host_exit_leaves_what_was_told_for_the_next_run),
      TEST(host_pending_task_that_is_forgotten_is_dropped),
      TEST(host_answers_from_inside_a_pump_are_applied_at_once),
      TEST(host_answers_out_of_place_are_refused),
      TEST(host_answers_that_fail_take_what_they_give_away),
      TEST(host_answers_that_cannot_be_are_refused),
      TEST(host_run_that_ends_holds_its_loop_until_then),
      TEST(host_for_a_loop_that_runs_is_refused),
      TEST(host_run_end_inside_a_pump_is_refused),
      TEST(host_done_callback_of_another_loop_is_refused),
  };
  return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
