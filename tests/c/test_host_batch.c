/* The arrays of a host: what passes in one call. */
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

/* A task that waits for a future which fails, and which nobody else holds: as the task is begun, the error is lost. */
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

/* The report, and the task that is begun, are two events: the second waits. */
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
static void host_dropped_ids_stay_where_the_state_says(void **state) {
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

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_batch_of_one_has_one_event),
      TEST(host_dropped_ids_stay_where_the_state_says),
      TEST(host_id_of_a_begun_event_is_dropped_at_its_end),
  };
  return cmocka_run_group_tests_name("host_batch", tests, NULL, NULL);
}
