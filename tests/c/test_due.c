/* Timers that are due together: a callback of the same turn cancels or moves a timer that is queued behind it. */
#include "support.h"

struct story {
  loop_t *loop;
  task_t *task;
  timeout_t *timeout;
  future_t *future;
  coroutine_t *coroutine;
  int status, steps;
  double woken;
};

static void note_step(task_t *task, void *userdata) {
  struct story *s = userdata;
  s->steps++;
  s->woken = loop_time(s->loop);
  s->status = task_awaited(task, NULL);
}

static void sleep_one(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep_catch(task, 1, note_step));
}
static void cancel_task(loop_t *loop, void *userdata) {
  (void)loop;
  assert_ok(task_cancel(((struct story *)userdata)->task, NULL, NULL));
}

static void sleeper_cancelled_when_it_is_due_wakes_once(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  (void)state;
  assert_ok(loop_call_at(s.loop, 1, cancel_task, &s, NULL, NULL));
  s.task = new_task(s.loop, sleep_one, &s);
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_status(LOOP_ECANCELLED, s.status);
  assert_true(s.woken == 1 && task_done(s.task));
  task_unref(s.task);
  loop_unref(s.loop);
}

/* Armed before the cancellation: it comes a turn after its timer, as if it awaited a future that is done by then. */
static void sleeper_cancelled_after_its_timer_wakes_once(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  (void)state;
  s.task = new_task(s.loop, sleep_one, &s);
  turn(s.loop);
  assert_ok(loop_call_at(s.loop, 1, cancel_task, &s, NULL, NULL));
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_true(s.woken == 1 && task_done(s.task));
  task_unref(s.task);
  loop_unref(s.loop);
}

static void enter_and_sleep(task_t *task, void *userdata) {
  struct story *s = userdata;
  assert_ok(timeout_enter(s->timeout));
  assert_ok(task_sleep_catch(task, 60, note_step));
}
static void move_timeout(loop_t *loop, void *userdata) {
  (void)loop;
  assert_ok(timeout_reschedule(((struct story *)userdata)->timeout, 5));
}

static void timeout_moved_when_it_is_due_expires_later(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  (void)state;
  assert_ok(loop_call_at(s.loop, 1, move_timeout, &s, NULL, NULL));
  assert_ok(timeout_new(s.loop, 1, &s.timeout));
  s.task = new_task(s.loop, enter_and_sleep, &s);
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_true(s.woken == 5 && timeout_expired(s.timeout) == 1 && timeout_when(s.timeout) == 5);
  timeout_unref(s.timeout);
  task_unref(s.task);
  loop_unref(s.loop);
}

/* A deadline in the past: it expires at once, and only once. */
static void timeout_moved_into_the_past_expires_once(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  (void)state;
  assert_ok(timeout_new(s.loop, 10, &s.timeout));
  s.task = new_task(s.loop, enter_and_sleep, &s);
  turn(s.loop);
  assert_ok(timeout_reschedule(s.timeout, -1));
  assert_ok(timeout_reschedule(s.timeout, -2)); /* takes the place of the former */
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_status(LOOP_ECANCELLED, s.status);
  assert_true(s.woken == 0 && task_cancelling(s.task) == 1);
  timeout_unref(s.timeout);
  task_unref(s.task);
  loop_unref(s.loop);
}

static void await_coroutine_given(task_t *task, void *userdata) {
  assert_ok(task_await_coroutine_catch(task, ((struct story *)userdata)->coroutine, note_step));
}

static void completion_whose_last_future_is_done_has_no_timeout(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  completion_t *completion;
  (void)state;
  s.future = new_future(s.loop);
  assert_ok(loop_as_completed(s.loop, &s.future, 1, 0, &completion));
  assert_ok(future_set_result(s.future, NULL)); /* is queued before the timer, which is due as well */
  assert_ok(completion_next(completion, &s.coroutine));
  s.task = new_task(s.loop, await_coroutine_given, &s);
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_ok(s.status);
  completion_unref(completion), coroutine_unref(s.coroutine);
  task_unref(s.task), future_unref(s.future);
  loop_unref(s.loop);
}

static void completion_that_timed_out_gets_no_more_futures(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  completion_t *completion;
  (void)state;
  s.future = new_future(s.loop);
  assert_ok(loop_as_completed(s.loop, &s.future, 1, 1, &completion));
  assert_ok(completion_next(completion, &s.coroutine));
  s.task = new_task(s.loop, await_coroutine_given, &s);
  run_dry(s.loop);
  assert_status(LOOP_EEXCEPTION, s.status);
  assert_true(s.woken == 1);
  assert_ok(future_set_result(s.future, NULL));
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  completion_unref(completion), coroutine_unref(s.coroutine);
  task_unref(s.task), future_unref(s.future);
  loop_unref(s.loop);
}

static void raise_exit(loop_t *loop, void *userdata) {
  exception_t *exception = new_exception("SystemExit", NULL);
  (void)userdata;
  assert_ok(loop_raise(loop, exception));
  exception_unref(exception);
}

/* The run ends after the timer is due and before it is called. */
static void wait_whose_timeout_is_due_when_the_run_ends_continues_in_the_next_run(void **state) {
  struct story s = {.loop = new_virtual_loop()};
  struct trace reports = {""};
  (void)state;
  collect_reports(s.loop, &reports);
  s.future = new_future(s.loop);
  assert_ok(loop_call_at(s.loop, 1, raise_exit, NULL, NULL, NULL));
  assert_ok(loop_wait(s.loop, &s.future, 1, WAIT_ALL_COMPLETED, 1, &s.coroutine));
  s.task = new_task(s.loop, await_coroutine_given, &s);
  assert_status(LOOP_EEXIT, loop_run_forever(s.loop));
  assert_int_equal(0, s.steps);
  run_dry(s.loop);
  assert_int_equal(1, s.steps);
  assert_ok(s.status);
  coroutine_unref(s.coroutine);
  task_unref(s.task), future_unref(s.future);
  loop_unref(s.loop);
  assert_trace("", &reports);
}

static void wait_ends_with_what_comes_first(void **state) {
  static const double timeouts[] = {1, 3};
  (void)state;
  for (size_t i = 0; i < COUNT(timeouts); i++) {
    struct story s = {.loop = new_virtual_loop()};
    task_t *seven;
    s.future = new_future(s.loop);
    seven = new_task(s.loop, sleep_one, &s); /* is done at 1 */
    future_t *both[] = {s.future, task_as_future(seven)};
    assert_ok(loop_wait(s.loop, both, 2, i ? WAIT_FIRST_COMPLETED : WAIT_ALL_COMPLETED, timeouts[i], &s.coroutine));
    s.task = new_task(s.loop, await_coroutine_given, &s);
    run_dry(s.loop);
    assert_int_equal(2, s.steps);
    assert_true(s.woken == 1 && loop_time(s.loop) == 1); /* no timer is left */
    coroutine_unref(s.coroutine);
    task_unref(seven), task_unref(s.task), future_unref(s.future);
    loop_unref(s.loop);
  }
}

static void cancel_handle(loop_t *loop, void *handle) {
  (void)loop;
  assert_ok(handle_cancel(*(handle_t **)handle));
}
static void delay_handle(loop_t *loop, void *handle) {
  (void)loop;
  assert_ok(handle_again(*(handle_t **)handle, 4));
}

static void handle_cancelled_or_moved_when_it_is_due(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark moved = {&trace, "moved"};
  handle_t *gone, *late;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_at(loop, 1, cancel_handle, &gone, NULL, NULL));
  assert_ok(loop_call_at(loop, 1, delay_handle, &late, NULL, NULL));
  assert_ok(loop_call_at(loop, 1, never_call, &destroyed, count_destroy, &gone));
  assert_ok(loop_call_at(loop, 1, mark_callback, &moved, NULL, &late));
  assert_ok(loop_run_once(loop, -1));
  assert_int_equal(1, destroyed);
  assert_trace("", &trace);
  run_dry(loop);
  assert_trace("moved", &trace);
  assert_true(loop_time(loop) == 5);
  handle_unref(gone), handle_unref(late);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sleeper_cancelled_when_it_is_due_wakes_once),
      TEST(sleeper_cancelled_after_its_timer_wakes_once),
      TEST(timeout_moved_when_it_is_due_expires_later),
      TEST(timeout_moved_into_the_past_expires_once),
      TEST(completion_whose_last_future_is_done_has_no_timeout),
      TEST(completion_that_timed_out_gets_no_more_futures),
      TEST(wait_whose_timeout_is_due_when_the_run_ends_continues_in_the_next_run),
      TEST(wait_ends_with_what_comes_first),
      TEST(handle_cancelled_or_moved_when_it_is_due),
  };
  return cmocka_run_group_tests_name("due", tests, NULL, NULL);
}
