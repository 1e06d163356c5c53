/* Tasks that wait for themselves through others cannot be cancelled: the call fails and changes nothing. CPython raises
 * RecursionError. Issue 11, findings 7 and 8. */
#include <string.h>

#include "support.h"

static void await_it(task_t *task, void *future) { assert_ok(task_await(task, *(future_t **)future, never_step)); }

/* Two tasks that await each other. */
struct pair {
  loop_t *loop;
  task_t *tasks[2];
  future_t *awaited[2];
};

static void open_pair(struct pair *pair) {
  pair->loop = new_virtual_loop();
  for (int i = 0; i < 2; i++) pair->tasks[i] = new_task(pair->loop, await_it, &pair->awaited[i]);
  for (int i = 0; i < 2; i++) pair->awaited[i] = task_as_future(pair->tasks[1 - i]);
  turn(pair->loop);
}

static void close_pair(struct pair *pair) {
  struct trace trace = {""};
  for (int i = 0; i < 2; i++) task_unref(pair->tasks[i]);
  collect_reports(pair->loop, &trace);
  loop_unref(pair->loop);
  assert_trace("[Task was destroyed but it is pending!] [Task was destroyed but it is pending!]", &trace);
}

static void assert_untouched(task_t *task) {
  assert_int_equal(0, task_cancelling(task));
  assert_false(task_done(task));
}

static void cancel_of_two_tasks_that_await_each_other_is_erecursion(void **state) {
  struct pair pair;
  int cancelled = 7;
  (void)state;
  open_pair(&pair);
  for (int i = 0; i < 2; i++) {
    assert_status(LOOP_ERECURSION, task_cancel(pair.tasks[i], NULL, &cancelled));
    assert_int_equal(7, cancelled);
  }
  for (int i = 0; i < 2; i++) assert_untouched(pair.tasks[i]);
  run_dry(pair.loop);
  close_pair(&pair);
}

static void cancel_of_a_task_that_awaits_a_circle_is_erecursion(void **state) {
  struct pair pair;
  task_t *outside;
  (void)state;
  open_pair(&pair);
  outside = new_task(pair.loop, await_it, &pair.awaited[0]);
  turn(pair.loop);
  assert_status(LOOP_ERECURSION, task_cancel(outside, NULL, NULL));
  assert_untouched(outside);
  assert_ok(task_set_log_destroy_pending(outside, 0));
  task_unref(outside);
  close_pair(&pair);
}

/* A task that could not be cancelled can be cancelled once there is no circle. */
static void cancel_of_a_gather_with_a_circle_cancels_no_task(void **state) {
  struct pair pair;
  future_t *all, *futures[2] = {NULL};
  (void)state;
  open_pair(&pair);
  futures[0] = new_future(pair.loop);
  futures[1] = pair.awaited[0];
  assert_ok(loop_gather(pair.loop, futures, 2, 0, &all));
  assert_status(LOOP_ERECURSION, future_cancel(all, NULL, NULL));
  assert_false(future_done(futures[0]));
  assert_ok(future_cancel(futures[0], NULL, NULL));
  run_dry(pair.loop);
  assert_true(future_done(all));
  assert_status(LOOP_ECANCELLED, future_result(all, NULL));
  future_unref(futures[0]);
  future_unref(all);
  close_pair(&pair);
}

static void cancel_of_a_task_that_awaits_a_gather_of_itself_is_erecursion(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *futures[2] = {new_future(loop), NULL}, *all;
  task_t *task = new_task(loop, await_it, &all);
  (void)state;
  futures[1] = task_as_future(task);
  assert_ok(loop_gather(loop, futures, 2, 1, &all));
  turn(loop);
  for (int i = 0; i < 2; i++) {
    assert_status(LOOP_ERECURSION, task_cancel(task, NULL, NULL));
    assert_status(LOOP_ERECURSION, future_cancel(all, NULL, NULL));
  }
  assert_untouched(task);
  assert_false(future_done(futures[0]));
  assert_ok(task_set_log_destroy_pending(task, 0));
  future_unref(futures[0]);
  future_unref(all);
  task_unref(task);
  loop_unref(loop);
}

/* task 0 -> gather(leaf, task 1), task 1 -> task 2, task 2 -> gather(task 0): the circle goes through both. */
static void cancel_of_a_circle_of_tasks_and_gathers_is_erecursion(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *awaited[3], *leaf = new_future(loop), *futures[2] = {leaf};
  task_t *tasks[3];
  (void)state;
  for (int i = 0; i < 3; i++) tasks[i] = new_task(loop, await_it, &awaited[i]);
  futures[1] = task_as_future(tasks[1]);
  assert_ok(loop_gather(loop, futures, 2, 0, &awaited[0]));
  awaited[1] = task_as_future(tasks[2]);
  futures[0] = task_as_future(tasks[0]);
  assert_ok(loop_gather(loop, futures, 1, 0, &awaited[2]));
  turn(loop);
  for (int i = 0; i < 3; i++) assert_status(LOOP_ERECURSION, task_cancel(tasks[i], NULL, NULL));
  for (int i = 0; i < 3; i++) {
    assert_untouched(tasks[i]);
    assert_ok(task_set_log_destroy_pending(tasks[i], 0));
    task_unref(tasks[i]);
  }
  assert_false(future_done(leaf));
  future_unref(awaited[0]);
  future_unref(awaited[2]);
  future_unref(leaf);
  loop_unref(loop);
}

/* Two paths to one task are not a circle: gather(task, gather(task, task)). Each path cancels it once, as in
 * CPython. */
static void cancel_of_paths_that_meet_again_asks_once_for_each(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *leaf = new_future(loop), *futures[2], *inner, *outer;
  task_t *task = new_task(loop, await_it, &leaf);
  (void)state;
  turn(loop);
  futures[0] = futures[1] = task_as_future(task);
  assert_ok(loop_gather(loop, futures, 2, 0, &inner));
  futures[1] = inner;
  assert_ok(loop_gather(loop, futures, 2, 0, &outer));
  assert_ok(future_cancel(outer, NULL, NULL));
  assert_int_equal(3, task_cancelling(task));
  run_dry(loop);
  assert_status(LOOP_ECANCELLED, future_result(outer, NULL));
  assert_status(LOOP_ECANCELLED, future_result(inner, NULL));
  future_unref(leaf);
  future_unref(inner);
  future_unref(outer);
  task_unref(task);
  loop_unref(loop);
}

/* 2^60 paths lead to the one task. */
static void cancel_of_more_paths_than_can_be_walked_ends(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *leaf = new_future(loop), *futures[2], *all;
  task_t *task = new_task(loop, await_it, &leaf);
  int cancelled = 0;
  (void)state;
  turn(loop);
  all = future_ref(task_as_future(task));
  for (int i = 0; i < 60; i++) {
    futures[0] = futures[1] = all;
    assert_ok(loop_gather(loop, futures, 2, 0, &all));
    future_unref(futures[0]);
  }
  assert_ok(future_cancel(all, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  assert_true(future_cancelled(leaf));
  run_dry(loop);
  assert_status(LOOP_ECANCELLED, future_result(all, NULL));
  future_unref(all);
  future_unref(leaf);
  task_unref(task);
  loop_unref(loop);
}

/* ---- circles that no caller learns of: they are reported ---- */

static void enter_timeout_and_await(task_t *task, void *userdata) {
  void **both = userdata;
  assert_ok(timeout_enter(both[0]));
  assert_ok(task_await(task, both[1], never_step));
}

static void timeout_of_a_task_in_a_circle_is_reported_and_does_not_expire(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  timeout_t *timeout;
  void *both[2];
  task_t *tasks[2] = {new_task(loop, enter_timeout_and_await, both)};
  future_t *awaited = task_as_future(tasks[0]);
  (void)state;
  tasks[1] = new_task(loop, await_it, &awaited);
  assert_ok(timeout_new(loop, loop_time(loop) + 1, &timeout));
  both[0] = timeout, both[1] = task_as_future(tasks[1]);
  collect_reports(loop, &trace);
  run_dry(loop);
  assert_trace("[Exception in callback: RecursionError: maximum recursion depth exceeded]", &trace);
  assert_string_equal("active", timeout_state(timeout));
  for (int i = 0; i < 2; i++) {
    assert_untouched(tasks[i]);
    assert_ok(task_set_log_destroy_pending(tasks[i], 0));
    task_unref(tasks[i]);
  }
  timeout_unref(timeout);
  loop_unref(loop);
}

static void await_the_other_group_member(task_t *task, void *userdata) {
  assert_ok(task_await(task, task_as_future(*(task_t **)userdata), never_step));
}

static void wait_for_nothing(task_t *task, void *userdata) {
  coroutine_t *coroutine;
  assert_ok(loop_wait_for(loop_get_running(), userdata, 0, &coroutine));
  assert_ok(task_await_coroutine(task, coroutine, never_step));
  coroutine_unref(coroutine);
}

static void wait_for_a_circle_with_no_time_raises_recursion_error(void **state) {
  struct pair pair;
  exception_t *exception;
  task_t *task;
  (void)state;
  open_pair(&pair);
  task = new_task(pair.loop, wait_for_nothing, pair.awaited[0]);
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(pair.loop, task_as_future(task), NULL));
  assert_ok(task_exception(task, &exception));
  assert_int_equal(1, exception_matches(exception, "RuntimeError"));
  assert_exception("RecursionError", "maximum recursion depth exceeded", exception);
  task_unref(task);
  close_pair(&pair);
}

static void cancel_itself_and_await(task_t *task, void *userdata) {
  assert_ok(task_cancel(task, NULL, NULL));
  await_the_other_group_member(task, userdata);
}

/* A cancellation that waits for the next await finds the circle then. */
static void cancellation_that_meets_a_circle_at_the_await_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  task_t *tasks[2];
  (void)state;
  collect_reports(loop, &trace);
  tasks[1] = new_task(loop, await_the_other_group_member, &tasks[0]);
  tasks[0] = new_task(loop, cancel_itself_and_await, &tasks[1]);
  turn(loop);
  assert_trace("[Exception in callback: RecursionError: maximum recursion depth exceeded]", &trace);
  assert_int_equal(1, task_cancelling(tasks[0]));
  assert_int_equal(0, task_cancelling(tasks[1]));
  for (int i = 0; i < 2; i++) {
    assert_ok(task_set_log_destroy_pending(tasks[i], 0));
    task_unref(tasks[i]);
  }
  loop_unref(loop);
}

static void shutdown_leaves_a_circle_pending_and_ends_all_others(void **state) {
  struct pair pair;
  future_t *future;
  task_t *other;
  (void)state;
  open_pair(&pair);
  future = new_future(pair.loop);
  other = new_task(pair.loop, await_it, &future);
  turn(pair.loop);
  assert_status(LOOP_ERECURSION, loop_shutdown(pair.loop));
  assert_true(task_cancelled(other));
  for (int i = 0; i < 2; i++) assert_untouched(pair.tasks[i]);
  future_unref(future);
  task_unref(other);
  close_pair(&pair);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(cancel_of_two_tasks_that_await_each_other_is_erecursion),
      TEST(cancel_of_a_task_that_awaits_a_circle_is_erecursion),
      TEST(cancel_of_a_gather_with_a_circle_cancels_no_task),
      TEST(cancel_of_a_task_that_awaits_a_gather_of_itself_is_erecursion),
      TEST(cancel_of_a_circle_of_tasks_and_gathers_is_erecursion),
      TEST(cancel_of_paths_that_meet_again_asks_once_for_each),
      TEST(cancel_of_more_paths_than_can_be_walked_ends),
      TEST(timeout_of_a_task_in_a_circle_is_reported_and_does_not_expire),
      TEST(wait_for_a_circle_with_no_time_raises_recursion_error),
      TEST(cancellation_that_meets_a_circle_at_the_await_is_reported),
      TEST(shutdown_leaves_a_circle_pending_and_ends_all_others),
  };
  return cmocka_run_group_tests_name("circle", tests, NULL, NULL);
}
