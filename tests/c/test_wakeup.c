/* Wake-ups that must not be lost and not come twice: cancellations, and the next task that is woken in place of a
 * cancelled one. The tasks have stacks of their own, because straight-line code is easier to read. */
#include <string.h>

#include "support.h"

/* A task that awaits one coroutine or future, and its outcome. */
struct waiter {
  loop_t *loop;
  coroutine_t *coroutine;
  future_t *future;
  task_t *task;
  value_t *value;
  int status, ended;
};

static int await_it(void *userdata, value_t **ret_value) {
  struct waiter *w = userdata;
  (void)ret_value;
  w->status = w->coroutine ? await_coroutine(w->coroutine, &w->value) : await_future(w->future, &w->value);
  w->ended = 1;
  return 0;
}

static void start(struct waiter *w, loop_t *loop, coroutine_t *coroutine) {
  *w = (struct waiter){.loop = loop, .coroutine = coroutine};
  assert_ok(loop_create_task(loop, await_it, w, NULL, &w->task));
}

static void finish(struct waiter *w) {
  value_unref(w->value);
  coroutine_unref(w->coroutine);
  task_unref(w->task);
}

/* Both wait. The first was woken and is cancelled before it runs: the second must get what the first got. */
static void assert_passed_on(loop_t *loop, struct waiter waiters[2]) {
  assert_ok(task_cancel(waiters[0].task, NULL, NULL));
  run_dry(loop);
  assert_true(waiters[0].ended && waiters[1].ended);
  assert_status(LOOP_ECANCELLED, waiters[0].status);
  assert_ok(waiters[1].status);
  for (int i = 0; i < 2; i++) finish(&waiters[i]);
}

static void turns(loop_t *loop) {
  for (int i = 0; i < 3; i++) turn(loop);
}

static void completion_next_cancelled_passes_its_wake_up_on(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *futures[] = {new_future(loop), new_future(loop)};
  struct waiter waiters[2];
  completion_t *completion;
  value_t *seven = new_int(7);
  (void)state;
  assert_ok(loop_as_completed(loop, futures, 2, -1, &completion));
  for (int i = 0; i < 2; i++) {
    coroutine_t *next;
    assert_ok(completion_next(completion, &next));
    start(&waiters[i], loop, next);
  }
  turns(loop);
  assert_ok(future_set_result(futures[1], seven));
  turn(loop);
  assert_passed_on(loop, waiters);
  for (int i = 0; i < 2; i++) future_unref(futures[i]);
  value_unref(seven);
  completion_unref(completion);
  loop_unref(loop);
}

static void queue_get_cancelled_passes_its_item_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[2];
  queue_t *queue;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  for (int i = 0; i < 2; i++) {
    coroutine_t *get;
    assert_ok(queue_get(queue, &get));
    start(&waiters[i], loop, get);
  }
  turns(loop);
  assert_ok(queue_put_nowait(queue, NULL));
  assert_passed_on(loop, waiters);
  assert_int_equal(0, queue_size(queue));
  queue_unref(queue);
  loop_unref(loop);
}

static void queue_put_cancelled_passes_its_place_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[2];
  queue_t *queue;
  value_t *nothing;
  (void)state;
  assert_ok(queue_new(loop, 1, &queue));
  assert_ok(queue_put_nowait(queue, NULL));
  for (int i = 0; i < 2; i++) {
    coroutine_t *put;
    assert_ok(queue_put(queue, NULL, &put));
    start(&waiters[i], loop, put);
  }
  turns(loop);
  assert_ok(queue_get_nowait(queue, &nothing));
  assert_passed_on(loop, waiters);
  assert_int_equal(1, queue_size(queue));
  queue_unref(queue);
  loop_unref(loop);
}

static void lock_acquire_cancelled_passes_the_lock_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[2], first;
  coroutine_t *acquire;
  lock_t *lock;
  (void)state;
  assert_ok(lock_new(loop, &lock));
  assert_ok(lock_acquire(lock, &acquire));
  start(&first, loop, acquire);
  turns(loop);
  finish(&first);
  for (int i = 0; i < 2; i++) {
    assert_ok(lock_acquire(lock, &acquire));
    start(&waiters[i], loop, acquire);
  }
  turns(loop);
  assert_ok(lock_release(lock));
  assert_passed_on(loop, waiters);
  assert_int_equal(1, lock_locked(lock));
  assert_ok(lock_release(lock));
  assert_int_equal(0, lock_locked(lock));
  lock_unref(lock);
  loop_unref(loop);
}

static void semaphore_acquire_cancelled_passes_its_place_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[2];
  semaphore_t *semaphore;
  (void)state;
  assert_ok(semaphore_new(loop, 0, &semaphore));
  for (int i = 0; i < 2; i++) {
    coroutine_t *acquire;
    assert_ok(semaphore_acquire(semaphore, &acquire));
    start(&waiters[i], loop, acquire);
  }
  turns(loop);
  assert_ok(semaphore_release(semaphore));
  assert_passed_on(loop, waiters);
  assert_int_equal(1, semaphore_locked(semaphore));
  semaphore_unref(semaphore);
  loop_unref(loop);
}

static void semaphore_released_twice_wakes_two(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[3];
  semaphore_t *semaphore;
  (void)state;
  assert_ok(semaphore_new(loop, 0, &semaphore));
  for (int i = 0; i < 3; i++) {
    coroutine_t *acquire;
    assert_ok(semaphore_acquire(semaphore, &acquire));
    start(&waiters[i], loop, acquire);
  }
  turns(loop);
  assert_ok(semaphore_release(semaphore));
  assert_ok(semaphore_release(semaphore));
  run_dry(loop);
  assert_true(waiters[0].ended && waiters[1].ended && !waiters[2].ended);
  assert_ok(semaphore_release(semaphore));
  run_dry(loop);
  assert_true(waiters[2].ended);
  for (int i = 0; i < 3; i++) finish(&waiters[i]);
  semaphore_unref(semaphore);
  loop_unref(loop);
}

/* A task that was cancelled while it waited has no wake-up to pass on. */
static void queue_get_cancelled_before_it_was_woken_wakes_no_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter waiters[2];
  queue_t *queue;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  for (int i = 0; i < 2; i++) {
    coroutine_t *get;
    assert_ok(queue_get(queue, &get));
    start(&waiters[i], loop, get);
  }
  turns(loop);
  assert_ok(task_cancel(waiters[0].task, NULL, NULL));
  run_dry(loop);
  assert_true(waiters[0].ended && !waiters[1].ended);
  assert_ok(queue_put_nowait(queue, NULL));
  run_dry(loop);
  assert_true(waiters[1].ended);
  assert_ok(waiters[1].status);
  for (int i = 0; i < 2; i++) finish(&waiters[i]);
  queue_unref(queue);
  loop_unref(loop);
}

/* ---- shutting a queue down ---- */

static void assert_shut_down(int immediate) {
  loop_t *loop = new_virtual_loop();
  struct waiter putters[3], getter;
  coroutine_t *coroutine;
  queue_t *queue;
  value_t *nothing;
  assert_ok(queue_new(loop, 1, &queue));
  assert_ok(queue_put_nowait(queue, NULL));
  for (int i = 0; i < 3; i++) {
    assert_ok(queue_put(queue, NULL, &coroutine));
    start(&putters[i], loop, coroutine);
  }
  turns(loop);
  assert_ok(queue_shutdown(queue, immediate));
  assert_int_equal(immediate ? 0 : 1, queue_size(queue));
  run_dry(loop);
  for (int i = 0; i < 3; i++) {
    assert_true(putters[i].ended);
    assert_status(LOOP_EEXCEPTION, putters[i].status);
    finish(&putters[i]);
  }
  assert_ok(queue_get(queue, &coroutine));
  start(&getter, loop, coroutine);
  run_dry(loop);
  assert_true(getter.ended);
  assert_status(immediate ? LOOP_EEXCEPTION : 0, getter.status);
  finish(&getter);
  assert_status(LOOP_EQUEUESHUTDOWN, queue_put_nowait(queue, NULL));
  assert_status(LOOP_EQUEUESHUTDOWN, queue_get_nowait(queue, &nothing));
  queue_unref(queue);
  loop_unref(loop);
}

static void queue_shutdown_wakes_all_putters(void **state) {
  (void)state;
  assert_shut_down(0);
  assert_shut_down(1);
}

static void queue_shutdown_wakes_all_getters(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter getters[3];
  queue_t *queue;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  for (int i = 0; i < 3; i++) {
    coroutine_t *get;
    assert_ok(queue_get(queue, &get));
    start(&getters[i], loop, get);
  }
  turns(loop);
  assert_ok(queue_shutdown(queue, 0));
  run_dry(loop);
  for (int i = 0; i < 3; i++) {
    assert_true(getters[i].ended);
    assert_status(LOOP_EEXCEPTION, getters[i].status);
    finish(&getters[i]);
  }
  queue_unref(queue);
  loop_unref(loop);
}

static void queue_shutdown_at_once_ends_the_joins_but_for_what_is_in_work(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter join;
  coroutine_t *coroutine;
  queue_t *queue;
  value_t *nothing;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  for (int i = 0; i < 3; i++) assert_ok(queue_put_nowait(queue, NULL));
  assert_ok(queue_get_nowait(queue, &nothing));
  assert_ok(queue_join(queue, &coroutine));
  start(&join, loop, coroutine);
  turns(loop);
  assert_ok(queue_shutdown(queue, 1));
  run_dry(loop);
  assert_false(join.ended); /* the one that was taken is not done */
  assert_ok(queue_task_done(queue));
  run_dry(loop);
  assert_true(join.ended);
  assert_status(LOOP_EOVERRELEASED, queue_task_done(queue));
  finish(&join);
  queue_unref(queue);
  loop_unref(loop);
}

static void queue_shutdown_at_once_ends_a_join_if_nothing_is_in_work(void **state) {
  loop_t *loop = new_virtual_loop();
  struct waiter join;
  coroutine_t *coroutine;
  queue_t *queue;
  (void)state;
  assert_ok(queue_new(loop, 0, &queue));
  for (int i = 0; i < 3; i++) assert_ok(queue_put_nowait(queue, NULL));
  assert_ok(queue_join(queue, &coroutine));
  start(&join, loop, coroutine);
  turns(loop);
  assert_ok(queue_shutdown(queue, 1));
  run_dry(loop);
  assert_true(join.ended);
  assert_ok(join.status);
  finish(&join);
  queue_unref(queue);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(completion_next_cancelled_passes_its_wake_up_on),
      TEST(queue_get_cancelled_passes_its_item_on),
      TEST(queue_put_cancelled_passes_its_place_on),
      TEST(lock_acquire_cancelled_passes_the_lock_on),
      TEST(semaphore_acquire_cancelled_passes_its_place_on),
      TEST(semaphore_released_twice_wakes_two),
      TEST(queue_get_cancelled_before_it_was_woken_wakes_no_task),
      TEST(queue_shutdown_wakes_all_putters),
      TEST(queue_shutdown_wakes_all_getters),
      TEST(queue_shutdown_at_once_ends_a_join_if_nothing_is_in_work),
      TEST(queue_shutdown_at_once_ends_the_joins_but_for_what_is_in_work),
  };
  return cmocka_run_group_tests_name("wakeup", tests, NULL, NULL);
}
