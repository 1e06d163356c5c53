/* Objects that are used after their loop is destroyed, and runs that continue after its last reference is given up.
 * Issue 11, findings 3 and 9. */
#include "support.h"

static void await_it(task_t *task, void *future) { assert_ok(task_await(task, future, never_step)); }
static void sleep_long(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep(task, 60, never_step));
}

static task_t *silent_task(loop_t *loop, task_step_fn step, void *userdata) {
  task_t *task = new_task(loop, step, userdata);
  assert_ok(task_set_log_destroy_pending(task, 0));
  return task;
}

/* If one of these calls scheduled something, the end of the test would see a leak. */
static void task_that_outlived_its_loop_is_not_woken(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  task_t *began[2] = {silent_task(loop, await_it, future), silent_task(loop, sleep_long, NULL)}, *never_began;
  int cancelled = 0;
  (void)state;
  turn(loop);
  never_began = silent_task(loop, never_step, NULL);
  loop_unref(loop);
  for (int i = 0; i < 2; i++) {
    assert_status(LOOP_ECLOSED, task_cancel(began[i], NULL, &cancelled));
    assert_int_equal(0, task_cancelling(began[i]));
    assert_ok(task_uncancel(began[i], NULL));
    task_unref(began[i]);
  }
  /* As in asyncio: it is only marked. */
  assert_ok(task_cancel(never_began, NULL, &cancelled));
  assert_int_equal(1, cancelled);
  assert_int_equal(1, task_cancelling(never_began));
  assert_false(task_done(never_began));
  task_unref(never_began);
  future_unref(future);
}

static void task_of_a_closed_loop_that_never_began_is_only_marked(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = silent_task(loop, never_step, NULL);
  future_t *future = task_as_future(task), *all;
  coroutine_t *sleep;
  task_t *sleeper;
  (void)state;
  assert_ok(coroutine_sleep(loop, 1, &sleep));
  assert_ok(loop_ensure_coroutine(loop, sleep, &sleeper));
  assert_ok(task_set_log_destroy_pending(sleeper, 0));
  coroutine_unref(sleep);
  assert_ok(loop_gather(loop, &future, 1, 0, &all));
  assert_ok(loop_close(loop));
  assert_ok(future_cancel(all, NULL, NULL));
  assert_ok(task_cancel(sleeper, NULL, NULL));
  assert_int_equal(1, task_cancelling(task));
  loop_unref(loop);
  assert_ok(future_cancel(all, NULL, NULL));
  future_unref(all);
  task_unref(sleeper);
  task_unref(task);
}

static void gather_of_a_closed_loop_is_not_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *futures[2] = {new_future(loop), new_future(loop)}, *inner, *outer;
  (void)state;
  assert_ok(loop_gather(loop, futures, 2, 0, &inner));
  assert_ok(loop_gather(loop, &inner, 1, 0, &outer));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, future_cancel(outer, NULL, NULL));
  assert_status(LOOP_ECLOSED, future_cancel(inner, NULL, NULL));
  for (int i = 0; i < 2; i++) {
    assert_false(future_done(futures[i]));
    future_unref(futures[i]);
  }
  future_unref(inner);
  loop_unref(loop);
  assert_ok(future_cancel(outer, NULL, NULL));
  future_unref(outer);
}

struct primitives {
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *empty, *full;
};

static void open_primitives(loop_t *loop, struct primitives *p) {
  assert_ok(lock_new(loop, &p->lock));
  assert_ok(event_new(loop, &p->event));
  assert_ok(condition_new(loop, NULL, &p->condition));
  assert_ok(semaphore_new(loop, 0, &p->semaphore));
  assert_ok(barrier_new(loop, 2, &p->barrier));
  assert_ok(queue_new(loop, 0, &p->empty));
  assert_ok(queue_new(loop, 1, &p->full));
  assert_ok(queue_put_nowait(p->full, NULL));
}

static void close_primitives(struct primitives *p) {
  lock_unref(p->lock);
  event_unref(p->event);
  condition_unref(p->condition);
  semaphore_unref(p->semaphore);
  barrier_unref(p->barrier);
  queue_unref(p->empty);
  queue_unref(p->full);
}

static task_t *waiting(loop_t *loop, int status, coroutine_t *coroutine) {
  task_t *task;
  assert_ok(status);
  assert_ok(loop_ensure_coroutine(loop, coroutine, &task));
  assert_ok(task_set_log_destroy_pending(task, 0));
  coroutine_unref(coroutine);
  return task;
}

enum { WAITERS = 8 };

/* One task waits at each of them. */
static void wait_at_all(loop_t *loop, struct primitives *p, task_t **tasks) {
  coroutine_t *c = NULL;
  task_t *owner[2];
  int s = lock_acquire(p->lock, &c);
  owner[0] = waiting(loop, s, c);
  s = lock_acquire(condition_lock(p->condition), &c);
  owner[1] = waiting(loop, s, c);
  turn(loop);
  s = lock_acquire(p->lock, &c), tasks[0] = waiting(loop, s, c);
  s = event_wait(p->event, &c), tasks[1] = waiting(loop, s, c);
  s = condition_wait(p->condition, &c), tasks[2] = waiting(loop, s, c);
  s = semaphore_acquire(p->semaphore, &c), tasks[3] = waiting(loop, s, c);
  s = barrier_wait(p->barrier, &c), tasks[4] = waiting(loop, s, c);
  s = queue_get(p->empty, &c), tasks[5] = waiting(loop, s, c);
  s = queue_put(p->full, NULL, &c), tasks[6] = waiting(loop, s, c);
  s = queue_join(p->full, &c), tasks[7] = waiting(loop, s, c);
  turn(loop);
  turn(loop);
  for (int i = 0; i < 2; i++) {
    assert_true(task_done(owner[i]));
    task_unref(owner[i]);
  }
}

static void use_all(struct primitives *p) {
  value_t *value = NULL;
  assert_ok(lock_release(p->lock));
  assert_ok(event_set(p->event));
  condition_notify_all(p->condition);
  assert_ok(semaphore_release(p->semaphore));
  assert_ok(queue_put_nowait(p->empty, NULL));
  assert_ok(queue_get_nowait(p->full, &value));
  assert_ok(queue_task_done(p->full));
  assert_ok(queue_shutdown(p->empty, 1));
}

static void primitives_that_outlived_their_loop_wake_no_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct primitives p;
  task_t *tasks[WAITERS];
  (void)state;
  open_primitives(loop, &p);
  wait_at_all(loop, &p, tasks);
  loop_unref(loop);
  use_all(&p);
  for (int i = 0; i < WAITERS; i++) {
    assert_status(LOOP_ECLOSED, task_cancel(tasks[i], NULL, NULL));
    task_unref(tasks[i]);
  }
  close_primitives(&p);
}

static void primitives_of_a_closed_loop_wake_no_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct primitives p;
  task_t *tasks[WAITERS];
  (void)state;
  open_primitives(loop, &p);
  wait_at_all(loop, &p, tasks);
  assert_ok(loop_close(loop));
  use_all(&p);
  for (int i = 0; i < WAITERS; i++) task_unref(tasks[i]);
  loop_unref(loop);
  close_primitives(&p);
}

static void enter_both(task_t *task, void *userdata) {
  void **both = userdata;
  assert_ok(timeout_enter(both[0]));
  assert_ok(task_group_enter(both[1]));
  assert_ok(task_sleep(task, 60, never_step));
}

static void blocks_that_outlived_their_loop_schedule_nothing(void **state) {
  loop_t *loop = new_virtual_loop();
  void *both[2];
  timeout_t *timeout;
  task_group_t *group;
  completion_t *completion;
  coroutine_t *coroutine;
  exception_t *exception;
  future_t *future = new_future(loop);
  task_t *task;
  (void)state;
  assert_ok(timeout_new(loop, loop_time(loop) + 30, &timeout));
  assert_ok(task_group_new(loop, &group));
  assert_ok(loop_as_completed(loop, &future, 1, 5, &completion));
  both[0] = timeout, both[1] = group;
  task = silent_task(loop, enter_both, both);
  turn(loop);
  loop_unref(loop);
  assert_status(LOOP_ECLOSED, timeout_reschedule(timeout, 1));
  assert_ok(timeout_exit(timeout, NULL, &exception));
  assert_null(exception);
  assert_status(LOOP_ECLOSED, task_group_add(group, task));
  assert_status(LOOP_ECLOSED, task_group_exit(group, NULL, &coroutine));
  assert_status(LOOP_ECLOSED, completion_next(completion, &coroutine));
  assert_ok(future_set_result(future, NULL));
  completion_unref(completion);
  task_group_unref(group);
  timeout_unref(timeout);
  future_unref(future);
  task_unref(task);
}

/* ---- the last reference goes inside of a run ---- */

static void unref_and_stop(loop_t *loop, void *userdata) {
  (void)userdata;
  loop_unref(loop);
  assert_ok(loop_stop(loop));
}

static loop_t *loop_about_to_go(void) {
  loop_t *loop = new_virtual_loop();
  assert_ok(loop_call_soon(loop, unref_and_stop, NULL, NULL, NULL));
  return loop;
}

static void run_holds_the_loop_until_it_ends(void **state) {
  loop_t *loop;
  future_t *future;
  task_t *task;
  (void)state;
  assert_ok(loop_run_forever(loop_about_to_go()));
  assert_ok(loop_run_once(loop_about_to_go(), 0));
  loop = loop_about_to_go();
  future = new_future(loop);
  assert_status(LOOP_ESTOPPED, loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop = loop_about_to_go();
  task = silent_task(loop, sleep_long, NULL);
  turn(loop_ref(loop)); /* the callback gives this reference up */
  assert_ok(loop_call_soon(loop, unref_and_stop, NULL, NULL, NULL));
  assert_status(LOOP_ESTOPPED, loop_shutdown(loop));
  task_unref(task);
}

static void unref_both(loop_t *loop, void *future) {
  future_unref(future);
  unref_and_stop(loop, NULL);
}

static void run_holds_loop_and_future_until_it_ends(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_ok(loop_call_soon(loop, unref_both, future, NULL, NULL));
  assert_status(LOOP_ESTOPPED, loop_run_until_complete(loop, future, NULL));
}

static void hosted_run_holds_the_loop_until_it_ends(void **state) {
  loop_t *loop = loop_about_to_go();
  future_t *future = new_future(loop);
  host_t *host;
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ok(host_run_begin(host, future));
  assert_int_equal(0, host_pump(host, NULL, 0));
  assert_status(LOOP_ESTOPPED, host_run_end(host));
  assert_status(LOOP_EINVALIDSTATE, host_run_end(host));
  future_unref(future);
  host_unref(host);
}

static void end_the_run(void *host) { assert_status(LOOP_ERUNNING, host_run_end(host)); }

static void hosted_run_does_not_end_inside_of_a_pump(void **state) {
  loop_t *loop = new_virtual_loop();
  host_t *host;
  (void)state;
  assert_ok(host_new(loop, 4, &host));
  assert_ok(host_run_begin(host, NULL));
  assert_ok(loop_call_soon(loop, ignore_callback, host, end_the_run, NULL));
  assert_ok(loop_stop(loop));
  assert_int_equal(0, host_pump(host, NULL, 0));
  assert_ok(host_run_end(host));
  host_unref(host);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(task_that_outlived_its_loop_is_not_woken), TEST(task_of_a_closed_loop_that_never_began_is_only_marked),
      TEST(gather_of_a_closed_loop_is_not_cancelled), TEST(primitives_that_outlived_their_loop_wake_no_task),
      TEST(primitives_of_a_closed_loop_wake_no_task),  TEST(blocks_that_outlived_their_loop_schedule_nothing),
      TEST(run_holds_the_loop_until_it_ends),         TEST(run_holds_loop_and_future_until_it_ends),
      TEST(hosted_run_holds_the_loop_until_it_ends),  TEST(hosted_run_does_not_end_inside_of_a_pump),
  };
  return cmocka_run_group_tests_name("afterlife", tests, NULL, NULL);
}
