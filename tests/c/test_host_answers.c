/* Hosts: each answer and each event, and the answers that are refused. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum { WORDS = 4 };

struct driver {
  loop_t *loop;
  host_t *host;
  const int64_t *events, *state;
};

static void open_driver(struct driver *d) {
  d->loop = new_virtual_loop();
  assert_ok(host_new(d->loop, 16, &d->host));
  d->events = host_events(d->host);
  d->state = host_state(d->host);
}

/* Destroys the loop first, and then the host. */
static void close_driver(struct driver *d) {
  loop_unref(d->loop);
  assert_status(LOOP_ECLOSED, host_call_soon(d->host, 9, NULL));
  assert_status(LOOP_ECLOSED, host_call_soon_threadsafe(d->host));
  assert_status(LOOP_ECLOSED, host_submit(d->host, NULL, 0));
  assert_status(LOOP_ECLOSED, host_run_begin(d->host, NULL));
  assert_status(LOOP_EINVALIDSTATE, host_run_end(d->host));
  assert_int_equal(0, *host_withdrawn(d->host));
  host_unref(d->host);
}

static int answer(struct driver *d, int64_t what, int64_t id, int64_t kind, int64_t payload) {
  int64_t words[WORDS] = {what, id, kind, payload};
  return host_submit(d->host, words, 1);
}
static int answer_sleep(struct driver *d, double seconds) {
  int64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  return answer(d, HOST_SLEEP, 0, 0, bits);
}
static int pump(struct driver *d) { return host_pump(d->host, NULL, 0); }
static int64_t event(const struct driver *d, int index, int word) { return d->events[WORDS * index + word]; }

/* Begins a run for ever, in which `count` events are due. */
static void begin(struct driver *d, int count) {
  assert_ok(host_run_begin(d->host, NULL));
  assert_int_equal(count, pump(d));
}
static void end(struct driver *d) {
  assert_ok(loop_stop(d->loop));
  assert_int_equal(0, pump(d));
  assert_ok(host_run_end(d->host));
}

/* ---- values ---- */

static void assert_returns(int64_t kind, int64_t payload, value_t *expected) {
  struct driver d;
  value_t *value = NULL;
  open_driver(&d);
  assert_ok(answer(&d, HOST_SPAWN, 1, 0, 0));
  begin(&d, 1);
  assert_ok(answer(&d, HOST_RETURN, 0, kind, payload));
  assert_ok(task_result(host_task(d.host, 1), &value));
  assert_int_equal(1, value_equal(expected, value));
  value_unref(value), value_unref(expected);
  end(&d);
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static int64_t bits_of(double number) {
  int64_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits;
}

static void host_returns_values_of_each_kind(void **state) {
  value_t *value, *text, *list;
  (void)state;
  assert_returns(VALUE_NIL, 5, NULL);
  assert_ok(value_new_bool(1, &value));
  assert_returns(VALUE_BOOL, 2, value);
  assert_ok(value_new_bool(0, &value));
  assert_returns(VALUE_BOOL, 0, value);
  assert_returns(VALUE_INT, INT64_MIN, new_int(INT64_MIN));
  assert_ok(value_new_double(-0.5, &value));
  assert_returns(VALUE_DOUBLE, bits_of(-0.5), value);
  assert_ok(value_new_text("x", &text));
  assert_ok(value_new_list(&text, 1, &list));
  assert_returns(VALUE_TEXT, (int64_t)(intptr_t)value_ref(text), text);
  assert_returns(VALUE_LIST, (int64_t)(intptr_t)value_ref(list), list);
}

/* The event that tells a future's outcome. */
static void assert_told(value_t *value, int64_t kind, int64_t payload) {
  struct driver d;
  int64_t told[WORDS];
  open_driver(&d);
  future_t *future = new_future(d.loop);
  assert_ok(answer(&d, HOST_SPAWN, 1, 0, 0));
  begin(&d, 1);
  assert_int_equal(0, host_await(d.host, future, told));
  assert_ok(future_set_result(future, value));
  assert_int_equal(1, pump(&d));
  assert_int_equal(HOST_STEP, event(&d, 0, 0));
  assert_int_equal(1, event(&d, 0, 1));
  assert_true(event(&d, 0, 2) == kind && event(&d, 0, 3) == payload);
  assert_int_equal(1, host_await(d.host, future, told));
  assert_true(told[0] == HOST_STEP && told[1] == 1 && told[2] == kind && told[3] == payload);
  assert_ok(answer(&d, HOST_RETURN, 0, 0, 0));
  end(&d);
  future_unref(future), value_unref(value);
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static void host_gets_values_of_each_kind(void **state) {
  value_t *value;
  (void)state;
  assert_told(NULL, VALUE_NIL, 0);
  assert_ok(value_new_bool(1, &value));
  assert_told(value, VALUE_BOOL, 1);
  assert_told(new_int(-7), VALUE_INT, -7);
  assert_told(new_int(INT64_MAX), VALUE_INT, INT64_MAX);
  assert_ok(value_new_double(2.5, &value));
  assert_told(value, VALUE_DOUBLE, bits_of(2.5));
  assert_ok(value_new_text("x", &value));
  assert_told(value, VALUE_TEXT, (int64_t)(intptr_t)value);
}

/* ---- tasks ---- */

static void host_task_sleeps_as_long_as_its_answer_asks(void **state) {
  static const double sleeps[] = {1.5, 0, -3, 2.25};
  struct driver d;
  double now = 0;
  (void)state;
  open_driver(&d);
  assert_ok(answer(&d, HOST_SPAWN, 1, 0, 0));
  begin(&d, 1);
  assert_status(-EINVAL, answer_sleep(&d, NAN));
  for (size_t i = 0; i < COUNT(sleeps); i++) {
    assert_ok(answer_sleep(&d, sleeps[i]));
    assert_int_equal(1, pump(&d));
    assert_int_equal(HOST_STEP, event(&d, 0, 0));
    now += sleeps[i] > 0 ? sleeps[i] : 0;
    assert_true(fabs(loop_time(d.loop) - now) < 1e-6);
  }
  assert_ok(answer_sleep(&d, INFINITY));
  assert_ok(task_cancel(host_task(d.host, 1), NULL, NULL));
  assert_int_equal(1, pump(&d));
  assert_int_equal(HOST_STEP_FAILED, event(&d, 0, 0));
  exception_t *exception = (exception_t *)(intptr_t)event(&d, 0, 3);
  assert_string_equal("CancelledError", exception_kind(exception));
  assert_ok(answer(&d, HOST_RAISE, 0, 0, (int64_t)(intptr_t)exception_ref(exception)));
  assert_int_equal(1, task_cancelled(host_task(d.host, 1)));
  end(&d);
  assert_ok(host_forget(d.host, 1));
  close_driver(&d);
}

static void host_task_awaits_tasks_that_are_done_or_not(void **state) {
  struct driver d;
  (void)state;
  open_driver(&d);
  assert_ok(answer(&d, HOST_SPAWN, 1, 0, 0));
  assert_ok(answer(&d, HOST_SPAWN, 2, 0, 0));
  begin(&d, 2);
  assert_status(-EINVAL, answer(&d, HOST_AWAIT_TASK, 3, 0, 0));
  assert_ok(answer(&d, HOST_AWAIT_TASK, 2, 0, 0));
  assert_ok(answer(&d, HOST_RETURN, 0, VALUE_INT, 8));
  assert_int_equal(1, pump(&d));
  assert_true(event(&d, 0, 1) == 1 && event(&d, 0, 3) == 8);
  assert_ok(answer(&d, HOST_AWAIT_TASK, 2, 0, 0)); /* it is done, so the event comes a turn later */
  assert_int_equal(1, pump(&d));
  assert_int_equal(1, event(&d, 0, 1));
  assert_ok(answer(&d, HOST_RETURN, 0, 0, 0));
  end(&d);
  assert_ok(host_forget(d.host, 1)), assert_ok(host_forget(d.host, 2));
  assert_null(host_task(d.host, 1));
  close_driver(&d);
}

static void host_ids_are_refused_while_in_use_or_out_of_range(void **state) {
  static const int64_t bad[] = {0, -1, INT64_MIN, (int64_t)INT32_MAX + 1, INT64_MAX};
  struct driver d;
  size_t removed = 7;
  (void)state;
  open_driver(&d);
  future_t *future = new_future(d.loop);
  for (size_t i = 0; i < COUNT(bad); i++) {
    assert_status(-EINVAL, host_call_soon(d.host, bad[i], NULL));
    assert_status(-EINVAL, host_call_later(d.host, 1, bad[i], NULL));
    assert_status(-EINVAL, host_add_done_callback(d.host, future, bad[i]));
    assert_true(answer(&d, HOST_SPAWN, bad[i], 0, 0) < 0);
    assert_status(-EINVAL, answer(&d, HOST_CALL_SOON, bad[i], 0, 0));
    assert_null(host_task(d.host, bad[i]));
    assert_ok(host_forget(d.host, bad[i]));
  }
  assert_ok(answer(&d, HOST_SPAWN, 1, 0, 0));
  assert_status(LOOP_EBUSY, answer(&d, HOST_SPAWN, 1, 0, 0));
  assert_status(LOOP_EBUSY, answer(&d, HOST_CALL_SOON, 1, 0, 0));
  assert_status(LOOP_EBUSY, host_call_soon(d.host, 1, NULL));
  assert_status(-EINVAL, host_call_later(d.host, NAN, 2, NULL));
  assert_status(-EINVAL, host_call_at(d.host, NAN, 2, NULL));
  assert_status(LOOP_EBUSY, host_add_done_callback(d.host, future, 1));
  assert_ok(host_remove_done_callback(d.host, future, 300, &removed));
  assert_int_equal(0, removed);
  begin(&d, 1);
  assert_status(-EINVAL, answer(&d, 99, 0, 0, 0));
  assert_ok(answer(&d, HOST_RETURN, 0, 0, 0));
  end(&d);
  future_unref(future);
  assert_ok(answer(&d, HOST_FORGET, 1, 0, 0));
  close_driver(&d);
}

/* Ids in all chunks of slots: each is told once and dropped once. */
static void host_ids_come_back_once_each(void **state) {
  static const int64_t ids[] = {1, 2, 255, 256, 257, 511, 512, 5000};
  struct driver d;
  (void)state;
  open_driver(&d);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < COUNT(ids); i++) assert_ok(answer(&d, HOST_CALL_SOON, ids[i], 0, 0));
    begin(&d, COUNT(ids));
    assert_int_equal(0, d.state[HOST_STATE_DROPPED_COUNT]);
    for (size_t i = 0; i < COUNT(ids); i++) {
      assert_int_equal(ids[i], event(&d, (int)i, 1));
      assert_ok(answer(&d, HOST_END, 0, 0, 0));
      assert_int_equal(i + 1, d.state[HOST_STATE_DROPPED_COUNT]);
      assert_int_equal(ids[i], ((int64_t *)(intptr_t)d.state[HOST_STATE_DROPPED])[i]);
    }
    end(&d);
    assert_int_equal(0, d.state[HOST_STATE_DROPPED_COUNT]);
  }
  close_driver(&d);
}

/* ---- callbacks ---- */

static void host_timers_come_at_their_time(void **state) {
  struct driver d;
  handle_t *handle;
  (void)state;
  open_driver(&d);
  assert_ok(host_call_later(d.host, 2, 1, NULL));
  assert_ok(host_call_at(d.host, 1, 2, NULL));
  assert_ok(host_call_at(d.host, -5, 3, NULL));
  assert_ok(host_call_later(d.host, 1.5, 4, &handle));
  assert_true(handle_when(handle) == 1.5);
  assert_ok(handle_cancel(handle));
  handle_unref(handle);
  begin(&d, 1);
  static const int64_t order[] = {3, 2, 1};
  static const double times[] = {0, 1, 2};
  for (int i = 0; i < 3; i++) {
    if (i) assert_int_equal(1, pump(&d));
    assert_true(event(&d, 0, 0) == HOST_CALL && event(&d, 0, 1) == order[i]);
    assert_true(loop_time(d.loop) == times[i]);
    assert_ok(answer(&d, HOST_END, 0, 0, 0));
  }
  end(&d);
  close_driver(&d);
}

static void host_done_callbacks_get_their_future(void **state) {
  struct driver d;
  size_t removed = 0;
  (void)state;
  open_driver(&d);
  future_t *future = new_future(d.loop);
  for (int64_t id = 1; id <= 3; id++) assert_ok(host_add_done_callback(d.host, future, id));
  assert_ok(host_remove_done_callback(d.host, future, 2, &removed));
  assert_int_equal(1, removed);
  assert_int_equal(1, d.state[HOST_STATE_DROPPED_COUNT]);
  assert_ok(future_set_result(future, NULL));
  begin(&d, 2);
  for (int i = 0; i < 2; i++) {
    assert_true(event(&d, i, 0) == HOST_DONE_CALL && event(&d, i, 1) == 1 + 2 * i);
    assert_true(event(&d, i, 2) == 0 && event(&d, i, 3) == (int64_t)(intptr_t)future);
  }
  future_unref(future); /* lent: it exists until the last event is answered */
  assert_ok(answer(&d, HOST_BEGIN, 0, 0, 0));
  assert_int_equal(1, future_done(future));
  assert_ok(answer(&d, HOST_END, 0, 0, 0));
  assert_int_equal(1, future_done(future));
  assert_status(LOOP_ENOTASK, answer_sleep(&d, 1));
  assert_ok(answer(&d, HOST_END, 0, 0, 0));
  assert_status(LOOP_EINVALIDSTATE, answer(&d, HOST_END, 0, 0, 0));
  end(&d);
  close_driver(&d);
}

static void host_watchers_are_called_while_they_are_ready(void **state) {
  struct driver d;
  int ends[2], removed = 0;
  (void)state;
  open_driver(&d);
  assert_int_equal(0, pipe(ends));
  assert_ok(host_add_writer(d.host, ends[1], 2));
  assert_ok(host_add_reader(d.host, ends[0], 1));
  assert_status(LOOP_EBUSY, host_add_reader(d.host, ends[0], 1));
  begin(&d, 1);
  assert_int_equal(2, event(&d, 0, 1));
  assert_int_equal(1, write(ends[1], "x", 1));
  assert_ok(answer(&d, HOST_END, 0, 0, 0));
  assert_ok(loop_remove_writer(d.loop, ends[1], &removed));
  assert_int_equal(1, removed);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(1, pump(&d));
    assert_true(event(&d, 0, 0) == HOST_CALL && event(&d, 0, 1) == 1);
    assert_ok(answer(&d, HOST_END, 0, 0, 0));
  }
  assert_ok(loop_remove_reader(d.loop, ends[0], &removed));
  assert_int_equal(1, removed);
  end(&d);
  close(ends[0]), close(ends[1]);
  close_driver(&d);
}

/* ---- contexts ---- */

static int64_t get_var(const struct driver *d, context_var_t *var) {
  value_t *value = NULL;
  assert_ok(context_var_get(var, d->loop, &value));
  return value ? take_int(value) : 0;
}
static void set_var(const struct driver *d, context_var_t *var, int64_t integer) {
  value_t *value = new_int(integer);
  assert_ok(context_var_set(var, d->loop, value));
  value_unref(value);
}

static void host_events_run_in_the_context_of_their_registration(void **state) {
  struct driver d;
  context_var_t *var;
  (void)state;
  open_driver(&d);
  assert_ok(context_var_new("v", NULL, &var));
  set_var(&d, var, 1);
  assert_ok(host_call_soon(d.host, 1, NULL));
  assert_ok(answer(&d, HOST_SPAWN, 2, 0, 0));
  set_var(&d, var, 2);
  assert_ok(host_call_soon(d.host, 3, NULL));
  begin(&d, 3);
  assert_int_equal(1, get_var(&d, var));
  set_var(&d, var, 10); /* in the callback's context */
  assert_ok(answer(&d, HOST_END, 0, 0, 0));
  assert_ok(answer(&d, HOST_BEGIN, 0, 0, 0));
  assert_int_equal(1, get_var(&d, var));
  set_var(&d, var, 20); /* in the task's context */
  assert_ok(answer_sleep(&d, 1));
  assert_ok(answer(&d, HOST_BEGIN, 0, 0, 0));
  assert_int_equal(2, get_var(&d, var));
  assert_ok(answer(&d, HOST_END, 0, 0, 0));
  assert_int_equal(1, pump(&d));
  assert_int_equal(20, get_var(&d, var));
  assert_ok(answer(&d, HOST_RETURN, 0, 0, 0));
  assert_int_equal(2, get_var(&d, var));
  end(&d);
  assert_ok(host_forget(d.host, 2));
  context_var_unref(var);
  close_driver(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_returns_values_of_each_kind),
      TEST(host_gets_values_of_each_kind),
      TEST(host_task_sleeps_as_long_as_its_answer_asks),
      TEST(host_task_awaits_tasks_that_are_done_or_not),
      TEST(host_ids_are_refused_while_in_use_or_out_of_range),
      TEST(host_ids_come_back_once_each),
      TEST(host_timers_come_at_their_time),
      TEST(host_done_callbacks_get_their_future),
      TEST(host_watchers_are_called_while_they_are_ready),
      TEST(host_events_run_in_the_context_of_their_registration),
  };
  return cmocka_run_group_tests_name("host_answers", tests, NULL, NULL);
}
