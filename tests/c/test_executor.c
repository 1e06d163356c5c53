/* loop_run_in_executor: jobs on worker threads. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "support.h"

static future_t *run_job(loop_t *loop, executor_fn fn, void *userdata) {
  future_t *future;
  assert_ok(loop_run_in_executor(loop, fn, userdata, NULL, &future));
  return future;
}

static loop_t *new_loop_of_threads(size_t count) {
  loop_options_t *options;
  loop_t *loop;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_executor_threads(options, count));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  return loop;
}

/* A job that says when it has begun, and waits until it may end. */
struct gate {
  sem_t begun, open;
};

static void gate_init(struct gate *gate) {
  sem_init(&gate->begun, 0, 0);
  sem_init(&gate->open, 0, 0);
}

static int pass_gate(void *userdata, value_t **ret_value) {
  struct gate *gate = userdata;
  sem_post(&gate->begun);
  sem_wait(&gate->open);
  return value_new_int(3, ret_value);
}

static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  abort();
}

static int return_thread(void *userdata, value_t **ret_value) {
  *(pthread_t *)userdata = pthread_self();
  return value_new_text("done", ret_value);
}

/* ---- results ---- */

static void job_runs_on_another_thread(void **state) {
  loop_t *loop = new_loop();
  pthread_t thread = pthread_self();
  future_t *future = run_job(loop, return_thread, &thread);
  value_t *value;
  (void)state;
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_false(pthread_equal(thread, pthread_self()));
  assert_int_equal(VALUE_TEXT, value_kind(value));
  value_unref(value);
  future_unref(future);
  loop_unref(loop);
}

static int return_enoent(void *userdata, value_t **ret_value) {
  (void)userdata;
  assert_ok(value_new_text("dropped", ret_value));
  return -ENOENT;
}

static int return_one(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 1;
}

static int return_ecancelled(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return LOOP_ECANCELLED;
}

static int raise_its_own(void *userdata, value_t **ret_value) {
  exception_t *exception;
  int status = exception_new("KeyError", userdata, &exception);
  if (status) return status;
  status = value_new_exception(exception, ret_value);
  exception_unref(exception);
  return status ? status : LOOP_EEXCEPTION;
}

static exception_t *failure_of(loop_t *loop, executor_fn fn, void *userdata) {
  future_t *future = run_job(loop, fn, userdata);
  exception_t *exception;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, future, NULL));
  assert_ok(future_exception(future, &exception));
  future_unref(future);
  return exception;
}

static void job_that_fails_raises_its_status(void **state) {
  loop_t *loop = new_loop();
  exception_t *exception = failure_of(loop, return_enoent, NULL);
  (void)state;
  assert_int_equal(-ENOENT, exception_status(exception));
  assert_exception("OSError", "No such file or directory", exception);
  assert_exception("RuntimeError", "a function must return 0 or a negative status, not a positive number",
                   failure_of(loop, return_one, NULL));
  assert_exception("KeyError", "mine", failure_of(loop, raise_its_own, "mine"));
  loop_unref(loop);
}

static void job_that_returns_ecancelled_cancels_its_future(void **state) {
  loop_t *loop = new_loop();
  future_t *future = run_job(loop, return_ecancelled, NULL);
  (void)state;
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop_unref(loop);
}

static void job_failure_that_nobody_reads_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(loop_run_in_executor(loop, raise_its_own, "lost", NULL, NULL));
  run_dry(loop);
  assert_trace("[Future exception was never retrieved: KeyError: lost]", &trace);
  loop_unref(loop);
}

/* ---- order and number ---- */

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

static void workers_leave_signals_to_others(void **state) {
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

/* ---- cancelling ---- */

static void cancel_drops_a_job_that_has_not_begun(void **state) {
  loop_t *loop = new_loop_of_threads(1);
  struct gate gate;
  int destroyed = 0;
  future_t *first, *second;
  (void)state;
  gate_init(&gate);
  first = run_job(loop, pass_gate, &gate);
  sem_wait(&gate.begun);
  assert_ok(loop_run_in_executor(loop, never_run, &destroyed, count_destroy, &second));
  assert_ok(future_cancel(second, NULL, NULL));
  assert_int_equal(1, destroyed);
  assert_int_equal(1, future_cancelled(second));
  sem_post(&gate.open);
  assert_ok(loop_run_until_complete(loop, first, NULL));
  future_unref(first);
  future_unref(second);
  loop_unref(loop);
}

static int pass_gate_with_text(void *userdata, value_t **ret_value) {
  pass_gate(userdata, ret_value);
  value_unref(*ret_value);
  return value_new_text("for nobody", ret_value);
}
static void tell_end(void *gate) { sem_post(&((struct gate *)gate)->begun); }

static void cancel_leaves_a_running_job_to_end(void **state) {
  loop_t *loop = new_virtual_loop();
  struct gate gate;
  future_t *future;
  (void)state;
  gate_init(&gate);
  assert_ok(loop_run_in_executor(loop, pass_gate_with_text, &gate, tell_end, &future));
  sem_wait(&gate.begun);
  assert_ok(future_cancel(future, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, future, NULL));
  assert_int_equal(-1, sem_trywait(&gate.begun)); /* its userdata is still in use */
  sem_post(&gate.open);
  run_dry(loop);
  assert_int_equal(0, sem_trywait(&gate.begun));
  assert_int_equal(1, future_cancelled(future));
  future_unref(future);
  loop_unref(loop);
}

static void job_nobody_waits_for_runs_all_the_same(void **state) {
  loop_t *loop = new_virtual_loop();
  struct gate gate;
  (void)state;
  gate_init(&gate);
  sem_post(&gate.open);
  assert_ok(loop_run_in_executor(loop, pass_gate, &gate, NULL, NULL));
  run_dry(loop);
  assert_int_equal(0, sem_trywait(&gate.begun));
  loop_unref(loop);
}

/* ---- closing ---- */

static void open_gate(void *gate) { sem_post(&((struct gate *)gate)->open); }

/* The job that is dropped lets the running one end: close must drop before it waits. */
static void close_drops_queued_jobs_and_waits_for_running_ones(void **state) {
  loop_t *loop = new_loop_of_threads(1);
  struct gate gate;
  future_t *running, *queued;
  (void)state;
  gate_init(&gate);
  assert_ok(loop_run_in_executor(loop, pass_gate, &gate, tell_end, &running));
  assert_ok(loop_run_in_executor(loop, never_run, &gate, open_gate, &queued));
  sem_wait(&gate.begun);
  assert_ok(loop_close(loop));
  assert_int_equal(0, sem_trywait(&gate.begun));
  assert_int_equal(0, future_done(running));
  assert_int_equal(0, future_done(queued));
  future_unref(running);
  future_unref(queued);
  loop_unref(loop);
}

static void last_unref_waits_too(void **state) {
  loop_t *loop = new_loop();
  struct gate gate;
  (void)state;
  gate_init(&gate);
  sem_post(&gate.open);
  assert_ok(loop_run_in_executor(loop, pass_gate, &gate, NULL, NULL));
  sem_wait(&gate.begun);
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

/* ---- the virtual clock ---- */

static void virtual_clock_stands_still_while_a_job_runs(void **state) {
  loop_t *loop = new_virtual_loop();
  struct gate gate;
  struct trace trace = {""};
  struct mark timer = {&trace, "timer"}, job = {&trace, "job"};
  future_t *future;
  (void)state;
  gate_init(&gate);
  sem_post(&gate.open);
  assert_ok(loop_call_later(loop, 0.001, mark_callback, &timer, NULL, NULL));
  future = run_job(loop, pass_gate, &gate);
  assert_ok(future_add_done_callback(future, mark_done, &job, NULL));
  run_dry(loop);
  assert_trace("job timer", &trace);
  future_unref(future);
  loop_unref(loop);
}

/* ---- tasks ---- */

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

/* ---- misuse ---- */

static void run_in_executor_of_nonsense_destroys_its_userdata(void **state) {
  loop_t *loop = new_loop();
  int destroyed = 0;
  future_t *future = (future_t *)state;
  assert_status(-EINVAL, loop_run_in_executor(NULL, never_run, &destroyed, count_destroy, &future));
  assert_status(-EINVAL, loop_run_in_executor(loop, NULL, &destroyed, count_destroy, &future));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_run_in_executor(loop, never_run, &destroyed, count_destroy, &future));
  assert_int_equal(3, destroyed);
  assert_ptr_equal(state, future);
  loop_unref(loop);
}

static void set_executor_threads_refuses_none_and_too_many(void **state) {
  loop_options_t *options;
  (void)state;
  assert_ok(loop_options_new(&options));
  assert_status(-EINVAL, loop_options_set_executor_threads(NULL, 1));
  assert_status(-EINVAL, loop_options_set_executor_threads(options, 0));
  assert_status(-EINVAL, loop_options_set_executor_threads(options, 1025));
  assert_ok(loop_options_set_executor_threads(options, 1024));
  loop_options_unref(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(job_runs_on_another_thread),
      TEST(job_that_fails_raises_its_status),
      TEST(job_that_returns_ecancelled_cancels_its_future),
      TEST(job_failure_that_nobody_reads_is_reported),
      TEST(one_thread_runs_jobs_in_their_order),
      TEST(as_many_jobs_run_at_once_as_there_are_threads),
      TEST(workers_leave_signals_to_others),
      TEST(cancel_drops_a_job_that_has_not_begun),
      TEST(cancel_leaves_a_running_job_to_end),
      TEST(job_nobody_waits_for_runs_all_the_same),
      TEST(close_drops_queued_jobs_and_waits_for_running_ones),
      TEST(last_unref_waits_too),
      TEST(shutdown_lets_all_jobs_end),
      TEST(virtual_clock_stands_still_while_a_job_runs),
      TEST(tasks_offload_again_and_again),
      TEST(run_in_executor_of_nonsense_destroys_its_userdata),
      TEST(set_executor_threads_refuses_none_and_too_many),
  };
  return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
