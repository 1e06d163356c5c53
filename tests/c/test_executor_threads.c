/* loop_run_in_executor: many jobs, their order, and the threads that run them. */
#include <pthread.h>
#include <signal.h>

#include "support.h"

struct counter {
  int next, out_of_order;
};
struct numbered {
  struct counter *counter;
  int number;
};

static int count_in_order(void *userdata, value_t **ret_value) {
  struct numbered *job = userdata;
  if (job->counter->next++ != job->number) job->counter->out_of_order = 1;
  return value_new_int(job->number, ret_value);
}

static void one_thread_runs_jobs_in_their_order(void **state) {
  enum { JOBS = 1000 };
  static struct numbered jobs[JOBS];
  loop_t *loop = new_loop_of_threads(1);
  struct counter counter = {0, 0};
  future_t *last = NULL;
  (void)state;
  for (int i = 0; i < JOBS; i++) {
    jobs[i] = (struct numbered){&counter, i};
    assert_ok(loop_run_in_executor(loop, count_in_order, &jobs[i], NULL, i == JOBS - 1 ? &last : NULL));
  }
  assert_ok(loop_run_until_complete(loop, last, NULL));
  assert_int_equal(JOBS, counter.next);
  assert_int_equal(0, counter.out_of_order);
  future_unref(last);
  loop_unref(loop);
}

static int meet(void *barrier, value_t **ret_value) {
  (void)ret_value;
  pthread_barrier_wait(barrier);
  return 0;
}

static void as_many_jobs_run_at_once_as_there_are_threads(void **state) {
  enum { THREADS = 8 };
  loop_t *loop = new_loop_of_threads(THREADS);
  future_t *futures[THREADS];
  pthread_barrier_t barrier;
  (void)state;
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < THREADS; i++) futures[i] = run_job(loop, meet, &barrier);
    for (int i = 0; i < THREADS; i++) {
      assert_ok(loop_run_until_complete(loop, futures[i], NULL));
      future_unref(futures[i]);
    }
  }
  pthread_barrier_destroy(&barrier);
  loop_unref(loop);
}

static int are_signals_blocked(void *userdata, value_t **ret_value) {
  sigset_t set;
  (void)userdata;
  pthread_sigmask(SIG_SETMASK, NULL, &set);
  return value_new_bool(sigismember(&set, SIGINT) && sigismember(&set, SIGTERM) && !sigismember(&set, SIGSEGV),
                        ret_value);
}

static void workers_block_signals(void **state) {
  loop_t *loop = new_loop();
  future_t *future = run_job(loop, are_signals_blocked, NULL);
  value_t *value;
  int blocked;
  (void)state;
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_ok(value_get_bool(value, &blocked));
  assert_int_equal(1, blocked);
  value_unref(value);
  future_unref(future);
  loop_unref(loop);
}

static void shutdown_lets_all_jobs_end(void **state) {
  enum { JOBS = 100 };
  static struct numbered jobs[JOBS];
  loop_t *loop = new_loop_of_threads(1);
  struct counter counter = {0, 0};
  (void)state;
  for (int i = 0; i < JOBS; i++) {
    jobs[i] = (struct numbered){&counter, i};
    assert_ok(loop_run_in_executor(loop, count_in_order, &jobs[i], NULL, NULL));
  }
  assert_ok(loop_shutdown(loop));
  assert_int_equal(JOBS, counter.next);
  loop_unref(loop);
}

struct series {
  int count, limit;
};

static int add_one(void *userdata, value_t **ret_value) {
  return value_new_int(++((struct series *)userdata)->count, ret_value);
}

static void offload_again(task_t *task, void *userdata) {
  struct series *series = userdata;
  future_t *future;
  if (series->count >= series->limit) return;
  assert_ok(loop_run_in_executor(loop_get_running(), add_one, series, NULL, &future));
  assert_ok(task_await(task, future, offload_again));
  future_unref(future);
}

static void tasks_offload_again_and_again(void **state) {
  loop_t *loop = new_virtual_loop();
  struct series series[4] = {{0, 500}, {0, 1000}, {0, 1500}, {0, 2000}};
  (void)state;
  for (size_t i = 0; i < COUNT(series); i++) {
    assert_ok(loop_ensure_future(loop, offload_again, &series[i], NULL, NULL));
  }
  run_dry(loop);
  for (size_t i = 0; i < COUNT(series); i++) assert_int_equal(series[i].limit, series[i].count);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(one_thread_runs_jobs_in_their_order),
      TEST(as_many_jobs_run_at_once_as_there_are_threads),
      TEST(workers_block_signals),
      TEST(shutdown_lets_all_jobs_end),
      TEST(tasks_offload_again_and_again),
  };
  return cmocka_run_group_tests_name("executor_threads", tests, NULL, NULL);
}
