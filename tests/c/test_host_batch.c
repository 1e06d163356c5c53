/* The arrays of a host: how many events and ids pass in one call. */
#include <stdio.h>
#include <unistd.h>

#include "support.h"

static void begin(loop_t **loop, host_t **host, size_t capacity) {
  *loop = new_virtual_loop();
  assert_ok(host_new(*loop, capacity, host));
}

static void end(loop_t *loop, host_t *host) {
  host_unref(host);
  loop_unref(loop);
}

static void take_one_report(host_t *host) {
  exception_t *exception;
  future_t *future;
  const char *message;
  int64_t id;
  assert_ok(host_take_report(host, &message, &exception, &future, &id));
  exception_unref(exception);
  future_unref(future);
}

/* Begins a task that waits for a future which fails and has no other owner: the error is lost, and reported. */
static void wait_for_what_is_lost(loop_t *loop, host_t *host) {
  future_t *future;
  coroutine_t *waiting;
  exception_t *exception;
  int64_t event[4];
  assert_ok(loop_create_future(loop, &future));
  assert_ok(loop_wait(loop, &future, 1, WAIT_ALL_COMPLETED, -1, &waiting));
  assert_int_equal(0, host_await_coroutine(host, waiting, event));
  coroutine_unref(waiting);
  assert_ok(exception_new("ValueError", "x", &exception));
  assert_ok(future_set_exception(future, exception));
  exception_unref(exception);
  future_unref(future);
}

/* The report and the task that is begun are two events: the second waits for the next pump. */
static void host_batch_of_one_has_one_event(void **state) {
  loop_t *loop;
  host_t *host;
  int64_t spawns[4] = {HOST_SPAWN, 6}, returns[4] = {HOST_RETURN};
  (void)state;
  begin(&loop, &host, 1);
  assert_ok(host_take_reports(host));
  assert_ok(host_submit(host, spawns, 1));
  assert_ok(host_run_begin(host, task_as_future(host_task(host, 6))));
  assert_int_equal(1, host_pump(host, NULL, 0));
  wait_for_what_is_lost(loop, host);
  assert_int_equal(1, host_pump(host, NULL, 0));
  assert_int_equal(HOST_REPORT, host_events(host)[0]);
  take_one_report(host);
  assert_int_equal(1, host_pump(host, NULL, 0));
  assert_int_equal(HOST_STEP, host_events(host)[0]);
  assert_int_equal(0, host_pump(host, returns, 1));
  assert_ok(host_run_end(host));
  assert_ok(host_forget(host, 6));
  end(loop, host);
}

/* The array grows with the ids that are in use, and moves. */
static void host_dropped_ids_are_where_the_state_points(void **state) {
  loop_t *loop;
  host_t *host;
  handle_t *handle;
  (void)state;
  begin(&loop, &host, 16);
  assert_ok(host_call_soon(host, 7, &handle));
  handle_cancel(handle);
  handle_unref(handle);
  for (int64_t id = 8; id < 1000; id++) assert_ok(host_call_soon(host, id, NULL));
  assert_int_equal(1, host_state(host)[HOST_STATE_DROPPED_COUNT]);
  assert_int_equal(7, *(const int64_t *)(intptr_t)host_state(host)[HOST_STATE_DROPPED]);
  assert_ok(loop_close(loop));
  end(loop, host);
}

/* A watcher that is removed while its event is begun: the host may not have run its code yet. */
static void host_id_of_a_begun_event_is_dropped_at_its_end(void **state) {
  loop_t *loop;
  host_t *host;
  int fds[2];
  int64_t ends[4] = {HOST_END};
  (void)state;
  begin(&loop, &host, 16);
  assert_int_equal(0, pipe(fds));
  assert_ok(host_add_writer(host, fds[1], 5));
  assert_ok(host_run_begin(host, NULL));
  assert_int_equal(1, host_pump(host, NULL, 0));
  assert_ok(loop_remove_writer(loop, fds[1], NULL));
  assert_int_equal(0, host_state(host)[HOST_STATE_DROPPED_COUNT]);
  assert_ok(host_submit(host, ends, 1));
  assert_int_equal(1, host_state(host)[HOST_STATE_DROPPED_COUNT]);
  assert_ok(loop_stop(loop));
  assert_int_equal(0, host_pump(host, NULL, 0));
  assert_ok(host_run_end(host));
  close(fds[0]);
  close(fds[1]);
  end(loop, host);
}

static void begin_next(host_t *host) {
  static const int64_t begins[4] = {HOST_BEGIN};
  assert_ok(host_submit(host, begins, 1));
}

/* Pumps until the run is over; the answer to each event ends its task. */
static void tell_all(host_t *host, struct trace *trace) {
  static const int64_t returns[4] = {HOST_RETURN};
  int count;
  while ((count = host_pump(host, NULL, 0)) > 0) {
    for (int i = 0; i < count; i++) {
      const int64_t *event = host_events(host) + 4 * i;
      char word[64];
      int is_int = event[0] == HOST_STEP && event[2] == VALUE_INT;
      snprintf(word, sizeof word, "%d/%d=%d", (int)event[0], (int)event[1], is_int ? (int)event[3] : 0);
      trace_add(trace, word);
    }
    for (int i = 0; i < count; i++) assert_ok(host_submit(host, returns, 1));
  }
  assert_int_equal(0, count);
}

/* Behind the first event of a batch, only events that need nothing of the loop and did not fail are in that batch. */
static void host_batch_tells_each_as_it_is(void **state) {
  loop_t *loop;
  host_t *host;
  struct trace trace = {""};
  struct mark plain = {&trace, "plain"};
  future_t *futures[3];
  queue_t *queue;
  coroutine_t *get;
  value_t *value;
  exception_t *exception = new_exception("ValueError", "x");
  int64_t event[4], spawn[4] = {HOST_SPAWN};
  (void)state;
  begin(&loop, &host, 16);
  assert_ok(queue_new(loop, 0, &queue));
  assert_ok(queue_get(queue, &get));
  for (int i = 0; i < 3; i++) futures[i] = new_future(loop);
  for (spawn[1] = 1; spawn[1] <= 4; spawn[1]++) assert_ok(host_submit(host, spawn, 1));
  assert_ok(host_run_begin(host, task_as_future(host_task(host, 4))));
  assert_int_equal(4, host_pump(host, NULL, 0));
  assert_int_equal(0, host_await(host, futures[0], event));
  begin_next(host);
  assert_int_equal(0, host_await(host, futures[1], event));
  begin_next(host);
  assert_int_equal(0, host_await_coroutine(host, get, event));
  begin_next(host);
  assert_int_equal(0, host_await(host, futures[2], event));
  for (int i = 0; i < 3; i++) {
    value = new_int(i + 5);
    if (i == 2) {
      assert_ok(queue_put_nowait(queue, value));
      task_unref(new_task(loop, mark_step, &plain));
    }
    assert_ok(i == 1 ? future_set_exception(futures[i], exception) : future_set_result(futures[i], value));
    value_unref(value);
  }
  tell_all(host, &trace);
  assert_trace("1/1=5 2/2=0 1/3=7 plain 1/4=7", &trace);
  assert_ok(host_run_end(host));
  for (int64_t id = 1; id <= 4; id++) assert_ok(host_forget(host, id));
  for (int i = 0; i < 3; i++) future_unref(futures[i]);
  exception_unref(exception);
  coroutine_unref(get);
  queue_unref(queue);
  end(loop, host);
}

/* For a kind whose value is in the words, a payload of 0 is a value: here 0.0. */
static void host_returns_a_double_of_zero(void **state) {
  loop_t *loop;
  host_t *host;
  value_t *value;
  double zero = 1;
  int64_t spawns[4] = {HOST_SPAWN, 1}, returns[4] = {HOST_RETURN, 0, VALUE_DOUBLE, 0};
  (void)state;
  begin(&loop, &host, 1);
  assert_ok(host_submit(host, spawns, 1));
  assert_ok(host_run_begin(host, task_as_future(host_task(host, 1))));
  assert_int_equal(1, host_pump(host, NULL, 0));
  assert_int_equal(0, host_pump(host, returns, 1));
  assert_ok(host_run_end(host));
  assert_ok(task_result(host_task(host, 1), &value));
  assert_ok(value_get_double(value, &zero));
  assert_true(zero == 0);
  value_unref(value);
  assert_ok(host_forget(host, 1));
  end(loop, host);
}

static void set_var(loop_t *loop, context_var_t *var, int64_t integer) {
  value_t *value = new_int(integer);
  assert_ok(context_var_set(var, loop, value));
  value_unref(value);
}

/* It runs in the context in which it was added, and has the last reference to the future. */
static void host_done_callback_has_its_context_and_its_future(void **state) {
  static const int64_t ends[4] = {HOST_END};
  static const char tag;
  loop_t *loop;
  host_t *host;
  context_var_t *var;
  future_t *future;
  value_t *value;
  int destroyed = 0;
  (void)state;
  begin(&loop, &host, 16);
  future = new_future(loop);
  assert_ok(context_var_new("v", NULL, &var));
  set_var(loop, var, 1);
  assert_ok(host_add_done_callback(host, future, 1));
  set_var(loop, var, 2);
  assert_ok(value_new_foreign(&tag, &destroyed, count_destroy, &value));
  assert_ok(future_set_result(future, value));
  value_unref(value);
  future_unref(future);
  assert_ok(host_run_begin(host, NULL));
  assert_int_equal(1, host_pump(host, NULL, 0));
  assert_ok(context_var_get(var, loop, &value));
  assert_int_equal(1, take_int(value));
  assert_int_equal(0, destroyed);
  assert_ok(host_submit(host, ends, 1));
  assert_int_equal(1, destroyed);
  assert_ok(loop_stop(loop));
  assert_int_equal(0, host_pump(host, NULL, 0));
  assert_ok(host_run_end(host));
  context_var_unref(var);
  end(loop, host);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_batch_of_one_has_one_event),
      TEST(host_dropped_ids_are_where_the_state_points),
      TEST(host_id_of_a_begun_event_is_dropped_at_its_end),
      TEST(host_batch_tells_each_as_it_is),
      TEST(host_returns_a_double_of_zero),
      TEST(host_done_callback_has_its_context_and_its_future),
  };
  return cmocka_run_group_tests_name("host_batch", tests, NULL, NULL);
}
