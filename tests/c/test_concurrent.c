/* loop_ensure_future_threadsafe: other threads start tasks, and wait for them. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "support.h"

/* Another thread that runs a loop until it is told to stop. */
struct runner {
  loop_t *loop;
  pthread_t thread;
};

static void *run_loop(void *loop) { return (void *)(intptr_t)loop_run_forever(loop); }

static void start_runner(struct runner *runner) {
  runner->loop = new_loop();
  assert_int_equal(0, pthread_create(&runner->thread, NULL, run_loop, runner->loop));
}

static void stop_runner(struct runner *runner) {
  void *status;
  assert_ok(loop_stop_threadsafe(runner->loop));
  pthread_join(runner->thread, &status);
  assert_ok((int)(intptr_t)status);
}

static concurrent_t *start_task(loop_t *loop, task_step_fn step, void *userdata) {
  concurrent_t *concurrent;
  assert_ok(loop_ensure_future_threadsafe(loop, step, userdata, NULL, &concurrent));
  return concurrent;
}

static void finish(task_t *task, void *userdata) { return_seven(task, userdata); }
static void sleep_briefly(task_t *task, void *userdata) {
  (void)userdata;
  (void)task_sleep(task, 0.001, finish);
}

struct sleeper {
  sem_t asleep;
  int destroyed;
};
static void sleep_long(task_t *task, void *userdata) {
  (void)task_sleep(task, 3600, never_step);
  sem_post(&((struct sleeper *)userdata)->asleep);
}
static void destroy_sleeper(void *userdata) { ((struct sleeper *)userdata)->destroyed++; }

static concurrent_t *start_sleeper(loop_t *loop, struct sleeper *sleeper) {
  concurrent_t *concurrent;
  sleeper->destroyed = 0;
  sem_init(&sleeper->asleep, 0, 0);
  assert_ok(loop_ensure_future_threadsafe(loop, sleep_long, sleeper, destroy_sleeper, &concurrent));
  sem_wait(&sleeper->asleep);
  return concurrent;
}

/* ---- waiting ---- */

static void result_of_another_threads_task(void **state) {
  struct runner runner;
  concurrent_t *concurrent;
  exception_t *exception = (exception_t *)state;
  value_t *value;
  start_runner(&runner);
  concurrent = start_task(runner.loop, sleep_briefly, NULL);
  assert_ok(concurrent_result(concurrent, -1, &value));
  assert_int_equal(7, take_int(value));
  assert_int_equal(1, concurrent_done(concurrent));
  assert_ok(concurrent_exception(concurrent, 0, &exception));
  assert_null(exception);
  stop_runner(&runner);
  loop_unref(runner.loop);
  assert_ok(concurrent_result(concurrent, -1, NULL)); /* still works after its loop is destroyed */
  concurrent_unref(concurrent);
}

static void exception_of_another_threads_task(void **state) {
  struct runner runner;
  concurrent_t *concurrent;
  exception_t *exception;
  (void)state;
  start_runner(&runner);
  concurrent = start_task(runner.loop, raise_boom, NULL);
  assert_status(LOOP_EEXCEPTION, concurrent_result(concurrent, 60, NULL));
  assert_ok(concurrent_exception(concurrent, 60, &exception));
  assert_exception("ValueError", "boom", exception);
  stop_runner(&runner);
  concurrent_unref(concurrent);
  loop_unref(runner.loop);
}

static void waiting_may_time_out(void **state) {
  struct runner runner;
  struct sleeper sleeper;
  concurrent_t *concurrent;
  (void)state;
  start_runner(&runner);
  concurrent = start_sleeper(runner.loop, &sleeper);
  assert_status(-ETIMEDOUT, concurrent_result(concurrent, 0, NULL));
  assert_status(-ETIMEDOUT, concurrent_result(concurrent, 0.001, NULL));
  assert_int_equal(0, concurrent_done(concurrent));
  assert_ok(concurrent_cancel(concurrent, NULL));
  stop_runner(&runner);
  concurrent_unref(concurrent);
  loop_unref(runner.loop);
}

static void wait_here(loop_t *loop, void *userdata) {
  assert_status(LOOP_EDEADLOCK, concurrent_result(userdata, -1, NULL));
  assert_ok(loop_stop(loop));
}

static void waiting_on_the_loops_own_thread_is_edeadlock(void **state) {
  loop_t *loop = new_loop();
  concurrent_t *concurrent = start_task(loop, sleep_briefly, NULL);
  (void)state;
  assert_ok(loop_call_soon(loop, wait_here, concurrent, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  concurrent_unref(concurrent);
  loop_unref(loop);
}

/* ---- cancelling ---- */

static void cancel_stops_the_task(void **state) {
  struct runner runner;
  struct sleeper sleeper;
  concurrent_t *concurrent, *after;
  exception_t *exception;
  int cancelled = -1;
  (void)state;
  start_runner(&runner);
  concurrent = start_sleeper(runner.loop, &sleeper);
  assert_ok(concurrent_cancel(concurrent, &cancelled));
  assert_int_equal(1, cancelled);
  assert_status(LOOP_ECANCELLED, concurrent_result(concurrent, -1, NULL));
  assert_status(LOOP_ECANCELLED, concurrent_exception(concurrent, -1, &exception));
  assert_ok(concurrent_cancel(concurrent, &cancelled));
  assert_int_equal(0, cancelled);
  after = start_task(runner.loop, return_seven, NULL); /* by then the loop has received the cancellation */
  assert_ok(concurrent_result(after, -1, NULL));
  stop_runner(&runner);
  assert_int_equal(1, sleeper.destroyed);
  concurrent_unref(after);
  concurrent_unref(concurrent);
  loop_unref(runner.loop);
}

static void cancel_before_the_start_never_runs_the_task(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  concurrent_t *concurrent;
  (void)state;
  assert_ok(loop_ensure_future_threadsafe(loop, never_step, &destroyed, count_destroy, &concurrent));
  assert_ok(concurrent_cancel(concurrent, NULL));
  run_dry(loop);
  assert_int_equal(1, destroyed);
  concurrent_unref(concurrent);
  loop_unref(loop);
}

/* ---- closing ---- */

static void close_fails_what_has_not_started(void **state) {
  loop_t *loop = new_loop();
  int destroyed = 0;
  concurrent_t *concurrent;
  exception_t *exception;
  (void)state;
  assert_ok(loop_ensure_future_threadsafe(loop, never_step, &destroyed, count_destroy, &concurrent));
  assert_ok(loop_close(loop));
  assert_int_equal(1, destroyed);
  assert_ok(concurrent_exception(concurrent, -1, &exception));
  assert_exception("RuntimeError", "Event loop is closed", exception);
  concurrent_unref(concurrent);
  loop_unref(loop);
}

static void close_fails_what_is_pending(void **state) {
  struct runner runner;
  struct sleeper sleeper;
  concurrent_t *concurrent;
  exception_t *exception;
  struct trace trace = {""};
  (void)state;
  start_runner(&runner);
  concurrent = start_sleeper(runner.loop, &sleeper);
  stop_runner(&runner);
  collect_reports(runner.loop, &trace);
  assert_ok(loop_close(runner.loop));
  assert_ok(concurrent_exception(concurrent, -1, &exception));
  assert_exception("RuntimeError", "Event loop is closed", exception);
  loop_unref(runner.loop);
  assert_int_equal(1, sleeper.destroyed);
  concurrent_unref(concurrent);
}

/* ---- a job that waits for its own loop ---- */

static int wait_for_a_task(void *loop, value_t **ret_value) {
  concurrent_t *concurrent;
  int status = loop_ensure_future_threadsafe(loop, sleep_briefly, NULL, NULL, &concurrent);
  if (status) return status;
  status = concurrent_result(concurrent, -1, ret_value);
  concurrent_unref(concurrent);
  return status;
}

static void job_awaits_a_task_of_its_loop(void **state) {
  loop_t *loop = new_loop();
  future_t *future;
  value_t *value;
  (void)state;
  assert_ok(loop_run_in_executor(loop, wait_for_a_task, loop, NULL, &future));
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_int_equal(7, take_int(value));
  future_unref(future);
  loop_unref(loop);
}

static void close_frees_a_job_that_awaits_a_task(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  for (int i = 0; i < 4; i++) assert_ok(loop_run_in_executor(loop, wait_for_a_task, loop, NULL, NULL));
  for (int i = 0; i < 4; i++) turn(loop);
  assert_ok(loop_close(loop));
  loop_unref(loop);
}

/* ---- many ---- */

enum { THREADS = 4, EACH = 500 };

static void *start_many(void *loop) {
  intptr_t sum = 0;
  for (int i = 0; i < EACH; i++) {
    concurrent_t *concurrent;
    value_t *value = NULL;
    int64_t seven = 0;
    if (loop_ensure_future_threadsafe(loop, return_seven, NULL, NULL, &concurrent)) break;
    if (i % 3 == 0) (void)concurrent_cancel(concurrent, NULL);
    if (concurrent_result(concurrent, -1, &value) == 0) (void)value_get_int(value, &seven);
    sum += seven ? 1 : 0;
    value_unref(value);
    concurrent_unref(concurrent);
  }
  return (void *)sum;
}

static void many_tasks_from_many_threads(void **state) {
  struct runner runner;
  pthread_t threads[THREADS];
  (void)state;
  start_runner(&runner);
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, start_many, runner.loop);
  for (int i = 0; i < THREADS; i++) {
    void *sum;
    pthread_join(threads[i], &sum);
    assert_true((intptr_t)sum >= EACH * 2 / 3 - 1);
  }
  stop_runner(&runner);
  loop_unref(runner.loop);
}

/* ---- misuse ---- */

static void concurrent_with_wrong_arguments_changes_nothing(void **state) {
  loop_t *loop = new_loop();
  int destroyed = 0;
  concurrent_t *concurrent = (concurrent_t *)state;
  value_t *value = (value_t *)state;
  assert_status(-EINVAL, loop_ensure_future_threadsafe(NULL, never_step, &destroyed, count_destroy, &concurrent));
  assert_status(-EINVAL, loop_ensure_future_threadsafe(loop, NULL, &destroyed, count_destroy, &concurrent));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_ensure_future_threadsafe(loop, never_step, &destroyed, count_destroy, &concurrent));
  assert_int_equal(3, destroyed);
  assert_status(-EINVAL, concurrent_result(NULL, 0, &value));
  assert_status(-EINVAL, concurrent_exception(NULL, 0, NULL));
  assert_status(-EINVAL, concurrent_cancel(NULL, NULL));
  assert_int_equal(0, concurrent_done(NULL));
  assert_true((void *)concurrent == state && (void *)value == state);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(result_of_another_threads_task),
      TEST(exception_of_another_threads_task),
      TEST(waiting_may_time_out),
      TEST(waiting_on_the_loops_own_thread_is_edeadlock),
      TEST(cancel_stops_the_task),
      TEST(cancel_before_the_start_never_runs_the_task),
      TEST(close_fails_what_has_not_started),
      TEST(close_fails_what_is_pending),
      TEST(job_awaits_a_task_of_its_loop),
      TEST(close_frees_a_job_that_awaits_a_task),
      TEST(many_tasks_from_many_threads),
      TEST(concurrent_with_wrong_arguments_changes_nothing),
  };
  return cmocka_run_group_tests_name("concurrent", tests, NULL, NULL);
}
