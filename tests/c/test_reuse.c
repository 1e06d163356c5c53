/* Coroutines that end without waiting, and coroutines that are passed twice. Issue 11, findings 1 and 4. */
#include "support.h"

static coroutine_t *acquire(lock_t *lock) {
  coroutine_t *coroutine;
  assert_ok(lock_acquire(lock, &coroutine));
  return coroutine;
}

static task_t *ensure(loop_t *loop, coroutine_t *coroutine) {
  task_t *task;
  assert_ok(loop_ensure_coroutine(loop, coroutine, &task));
  coroutine_unref(coroutine);
  return task;
}

static void end_with(loop_t *loop, coroutine_t *coroutine, int status) {
  task_t *task = ensure(loop, coroutine);
  assert_status(status, loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
}

static void coroutine_that_never_waits_ends_its_task(void **state) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *coroutine;
  lock_t *lock;
  event_t *event;
  semaphore_t *semaphore;
  (void)state;
  assert_ok(lock_new(loop, &lock));
  end_with(loop, acquire(lock), 0);
  assert_int_equal(1, lock_locked(lock));
  assert_ok(event_new(loop, &event));
  assert_ok(event_set(event));
  assert_ok(event_wait(event, &coroutine));
  end_with(loop, coroutine, 0);
  assert_ok(semaphore_new(loop, 1, &semaphore));
  assert_ok(semaphore_acquire(semaphore, &coroutine));
  end_with(loop, coroutine, 0);
  semaphore_unref(semaphore);
  event_unref(event);
  lock_unref(lock);
  loop_unref(loop);
}

static void coroutine_of_a_queue_that_never_waits_ends_its_task(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *seven = new_int(7), *value = NULL;
  coroutine_t *coroutine;
  queue_t *queue;
  task_t *task;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  assert_ok(queue_put(queue, seven, &coroutine));
  end_with(loop, coroutine, 0);
  assert_ok(queue_get(queue, &coroutine));
  task = ensure(loop, coroutine);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(7, take_int(value));
  task_unref(task);
  assert_ok(queue_shutdown(queue, 0));
  assert_ok(queue_get(queue, &coroutine));
  end_with(loop, coroutine, LOOP_EEXCEPTION);
  assert_ok(queue_task_done(queue));
  assert_ok(queue_join(queue, &coroutine));
  end_with(loop, coroutine, 0);
  value_unref(seven);
  queue_unref(queue);
  loop_unref(loop);
}

/* As in CPython, where the exception is thrown into a coroutine that has not begun. */
static void coroutine_cancelled_before_its_task_begins_never_begins(void **state) {
  loop_t *loop = new_virtual_loop();
  lock_t *lock;
  task_t *task;
  (void)state;
  assert_ok(lock_new(loop, &lock));
  task = ensure(loop, acquire(lock));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_int_equal(0, lock_locked(lock));
  task_unref(task);
  lock_unref(lock);
  loop_unref(loop);
}

/* ---- given twice ---- */

static coroutine_t *wait_for(loop_t *loop, coroutine_t *coroutine, double timeout) {
  coroutine_t *limited;
  assert_ok(loop_wait_for_coroutine(loop, coroutine, timeout, &limited));
  return limited;
}

static void assert_reused(task_t *task) {
  exception_t *exception;
  assert_ok(task_exception(task, &exception));
  assert_exception("RuntimeError", "cannot reuse already awaited coroutine", exception);
}

/* Neither was awaited when it is passed: the second await fails, not the call. */
static void wait_for_twice(double first_timeout, double second_timeout) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *sleep;
  task_t *first, *second;
  assert_ok(coroutine_sleep(loop, 1, &sleep));
  first = ensure(loop, wait_for(loop, sleep, first_timeout));
  second = ensure(loop, wait_for(loop, sleep, second_timeout));
  run_dry(loop);
  assert_status(first_timeout > 0 ? 0 : LOOP_EEXCEPTION, task_result(first, NULL));
  assert_status(LOOP_EEXCEPTION, task_result(second, NULL));
  assert_reused(second);
  coroutine_unref(sleep);
  task_unref(first);
  task_unref(second);
  loop_unref(loop);
}

static void wait_for_coroutine_given_twice_raises_the_second_time(void **state) {
  (void)state;
  wait_for_twice(5, 5);
  wait_for_twice(5, 0);
  wait_for_twice(0, 5);
  wait_for_twice(-1, -1);
}

static void coroutine_given_to_a_task_is_late_for_a_wait_that_was_made_before(void **state) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *sleep, *late[2];
  task_t *task, *tasks[2];
  (void)state;
  assert_ok(coroutine_sleep(loop, 1, &sleep));
  late[0] = wait_for(loop, sleep, 5);
  late[1] = wait_for(loop, sleep, 0);
  assert_ok(loop_ensure_coroutine(loop, sleep, &task));
  for (int i = 0; i < 2; i++) tasks[i] = ensure(loop, late[i]);
  run_dry(loop);
  assert_ok(task_result(task, NULL));
  for (int i = 0; i < 2; i++) {
    assert_reused(tasks[i]);
    task_unref(tasks[i]);
  }
  coroutine_unref(sleep);
  task_unref(task);
  loop_unref(loop);
}

static void await_and_give_again(task_t *task, void *userdata) {
  coroutine_t *coroutine = userdata, *limited = NULL;
  task_t *other = NULL;
  assert_ok(task_await_coroutine(task, coroutine, return_seven));
  assert_status(LOOP_EBUSY, loop_ensure_coroutine(loop_get_running(), coroutine, &other));
  assert_status(LOOP_EBUSY, loop_wait_for_coroutine(loop_get_running(), coroutine, 0, &limited));
  assert_true(other == NULL && limited == NULL);
}

static void coroutine_in_use_is_ebusy_where_it_is_given(void **state) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *sleep, *limited = NULL;
  task_t *task, *other = NULL;
  (void)state;
  assert_ok(coroutine_sleep(loop, 1, &sleep));
  task = new_task(loop, await_and_give_again, sleep);
  for (int i = 0; i < 2; i++) {
    run_dry(loop);
    assert_status(LOOP_EBUSY, loop_ensure_coroutine(loop, sleep, &other));
    assert_status(LOOP_EBUSY, loop_wait_for_coroutine(loop, sleep, 5, &limited));
  }
  assert_ok(task_result(task, NULL));
  coroutine_unref(sleep);
  task_unref(task);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(coroutine_that_never_waits_ends_its_task),
      TEST(coroutine_of_a_queue_that_never_waits_ends_its_task),
      TEST(coroutine_cancelled_before_its_task_begins_never_begins),
      TEST(wait_for_coroutine_given_twice_raises_the_second_time),
      TEST(coroutine_given_to_a_task_is_late_for_a_wait_that_was_made_before),
      TEST(coroutine_in_use_is_ebusy_where_it_is_given),
  };
  return cmocka_run_group_tests_name("reuse", tests, NULL, NULL);
}
