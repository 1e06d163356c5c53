/* What a step may call, and when; sleeping; and other properties of tasks. */
#include "support.h"

#include <errno.h>
#include <math.h>

static void say_too_much(task_t *task, void *userdata) {
  exception_t *exception = new_exception("ValueError", "x");
  (void)userdata;
  assert_ok(task_return(task, NULL));
  assert_status(LOOP_EBUSY, task_return(task, NULL));
  assert_status(LOOP_EBUSY, task_raise(task, exception));
  assert_status(LOOP_EBUSY, task_sleep(task, 1, never_step));
  exception_unref(exception);
}

static void task_step_that_chooses_twice_is_ebusy(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, say_too_much, NULL);
  value_t *value = (value_t *)state;
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_null(value);
  run_dry(loop);
  task_unref(task);
  loop_unref(loop);
}

static void task_whose_next_step_is_chosen_from_outside_is_enotask(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  task_t *task = new_task(loop, return_seven, NULL);
  (void)state;
  assert_status(LOOP_ENOTASK, task_return(task, NULL));
  assert_status(LOOP_ENOTASK, task_await(task, future, never_step));
  assert_status(LOOP_ENOTASK, task_await_catch(task, future, never_step));
  assert_status(LOOP_ENOTASK, task_sleep(task, 1, never_step));
  assert_int_equal(0, task_done(task));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  future_unref(future);
  task_unref(task);
  loop_unref(loop);
}

static void say_nonsense(task_t *task, void *userdata) {
  assert_status(-EINVAL, task_await(task, NULL, never_step));
  assert_status(-EINVAL, task_sleep(task, NAN, never_step));
  assert_status(-EINVAL, task_sleep(task, 1, NULL));
  assert_status(-EINVAL, task_raise(task, NULL));
  assert_status(LOOP_EINVALIDSTATE, task_awaited(task, NULL));
  return_seven(task, userdata);
}

static void task_step_may_continue_after_a_refusal(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, say_nonsense, NULL);
  value_t *value;
  (void)state;
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(7, take_int(value));
  task_unref(task);
  loop_unref(loop);
}

static void await_pending(task_t *task, void *futures) {
  assert_ok(task_awaited(task, NULL));
  assert_ok(task_await(task, ((future_t **)futures)[1], never_step));
  assert_ok(task_awaited(task, NULL)); /* the outcome of the last await is still there */
}
static void await_both(task_t *task, void *futures) { assert_ok(task_await(task, *(future_t **)futures, await_pending)); }

static void task_asked_from_outside_what_it_awaited_is_einvalidstate(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *futures[] = {new_future(loop), new_future(loop)};
  task_t *task = new_task(loop, await_both, futures);
  (void)state;
  assert_ok(future_set_result(futures[0], NULL));
  assert_status(LOOP_EINVALIDSTATE, task_awaited(task, NULL));
  run_dry(loop);
  assert_status(LOOP_EINVALIDSTATE, task_awaited(task, NULL));
  assert_ok(task_cancel(task, NULL, NULL));
  run_dry(loop);
  assert_status(LOOP_EINVALIDSTATE, task_awaited(task, NULL));
  for (int i = 0; i < 2; i++) future_unref(futures[i]);
  task_unref(task);
  loop_unref(loop);
}

static void await_other_loop(task_t *task, void *future) {
  assert_status(LOOP_EWRONGLOOP, task_await(task, future, never_step));
}

static void task_awaiting_another_loops_future_is_ewrongloop(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  future_t *future = new_future(other);
  task_t *task = new_task(loop, await_other_loop, future);
  (void)state;
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  future_unref(future);
  loop_unref(loop);
  loop_unref(other);
}

static void check_current(task_t *task, void *loop) {
  assert_ptr_equal(task, task_get_current(loop));
  assert_ptr_equal(loop, loop_get_running());
}

static void task_current_is_the_one_being_stepped(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, check_current, loop);
  (void)state;
  assert_null(task_get_current(loop));
  turn(loop);
  assert_null(task_get_current(loop));
  assert_int_equal(1, task_done(task));
  task_unref(task);
  loop_unref(loop);
}

/* ---- time ---- */

static void sleep_a_minute(task_t *task, void *mark) {
  (void)mark;
  assert_ok(task_sleep(task, 60, mark_step));
}

static void task_sleeping_continues_when_its_time_has_come(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "awake"};
  task_t *task = new_task(loop, sleep_a_minute, &mark);
  double start = loop_time(loop);
  (void)state;
  turn(loop);
  assert_trace("", &trace);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_trace("awake", &trace);
  assert_true(fabs(loop_time(loop) - start - 60) < 1e-6);
  task_unref(task);
  loop_unref(loop);
}

static void sleep_zero(task_t *task, void *mark) {
  (void)mark;
  assert_ok(task_sleep(task, 0, mark_step));
}

static void task_sleeping_zero_yields_one_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark a = {&trace, "slept"}, b = {&trace, "other"};
  task_t *task = new_task(loop, sleep_zero, &a), *other = new_task(loop, mark_step, &b);
  (void)state;
  run_dry(loop);
  assert_trace("other slept", &trace);
  task_unref(task);
  task_unref(other);
  loop_unref(loop);
}

/* ---- odds and ends ---- */

static void task_userdata_is_destroyed_once_it_is_done(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  task_t *task;
  (void)state;
  assert_ok(loop_ensure_future(loop, return_seven, &destroyed, count_destroy, &task));
  assert_int_equal(0, destroyed);
  turn(loop);
  task_unref(task);
  loop_unref(loop);
  assert_int_equal(1, destroyed);
}

static void task_name_is_copied(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  char name[] = "worker";
  (void)state;
  assert_string_equal("", task_get_name(task));
  assert_ok(task_set_name(task, name));
  name[0] = 'x';
  assert_string_equal("worker", task_get_name(task));
  assert_status(-EINVAL, task_set_name(task, NULL));
  assert_string_equal("worker", task_get_name(task));
  turn(loop);
  task_unref(task);
  loop_unref(loop);
}

static void task_null_is_einval(void **state) {
  value_t *value = NULL;
  exception_t *exception = NULL;
  (void)state;
  assert_status(-EINVAL, task_result(NULL, &value));
  assert_status(-EINVAL, task_exception(NULL, &exception));
  assert_status(-EINVAL, task_cancel(NULL, NULL, NULL));
  assert_status(-EINVAL, task_return(NULL, NULL));
  assert_status(-EINVAL, task_await(NULL, NULL, NULL));
  assert_int_equal(0, task_cancelling(NULL));
  assert_null(task_as_future(NULL));
  assert_null(task_ref(NULL));
  task_unref(NULL);
}

static void task_all_tasks_lists_the_unfinished_in_order(void **state) {
  loop_t *loop = new_virtual_loop();
  struct mark mark = {&(struct trace){""}, "x"};
  task_t *first = new_task(loop, sleep_a_minute, &mark), *second = new_task(loop, sleep_a_minute, &mark);
  task_t *brief = new_task(loop, return_seven, NULL), *tasks[4] = {NULL};
  size_t count = 0;
  (void)state;
  turn(loop);
  assert_ok(loop_all_tasks(loop, tasks, 1, &count));
  assert_true(count == 2 && tasks[0] == first && !tasks[1]);
  task_unref(tasks[0]);
  assert_ok(loop_all_tasks(loop, tasks, 4, &count));
  assert_true(count == 2 && tasks[0] == first && tasks[1] == second && !tasks[2]);
  task_unref(tasks[0]);
  task_unref(tasks[1]);
  run_dry(loop);
  assert_ok(loop_all_tasks(loop, NULL, 0, &count));
  assert_int_equal(0, count);
  task_unref(first);
  task_unref(second);
  task_unref(brief);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(task_step_that_chooses_twice_is_ebusy),
      TEST(task_whose_next_step_is_chosen_from_outside_is_enotask),
      TEST(task_step_may_continue_after_a_refusal),
      TEST(task_asked_from_outside_what_it_awaited_is_einvalidstate),
      TEST(task_awaiting_another_loops_future_is_ewrongloop),
      TEST(task_current_is_the_one_being_stepped),
      TEST(task_sleeping_continues_when_its_time_has_come),
      TEST(task_sleeping_zero_yields_one_turn),
      TEST(task_userdata_is_destroyed_once_it_is_done),
      TEST(task_name_is_copied),
      TEST(task_null_is_einval),
      TEST(task_all_tasks_lists_the_unfinished_in_order),
  };
  return cmocka_run_group_tests_name("step", tests, NULL, NULL);
}
