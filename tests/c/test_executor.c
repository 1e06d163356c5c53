/* loop_run_in_executor: what becomes of one job. Many jobs and threads are in test_executor_threads.c. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "support.h"

/* A job that posts `begun` when it has begun, and ends after `open` is posted. */
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
  assert_exception("FileNotFoundError", "[Errno 2] No such file or directory", exception);
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

static void job_failure_that_is_never_read_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(loop_run_in_executor(loop, raise_its_own, "lost", NULL, NULL));
  run_dry(loop);
  assert_trace("[Future exception was never retrieved: KeyError: lost]", &trace);
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

static void job_without_a_future_runs(void **state) {
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

/* The destroy of the dropped job lets the running one end: close must drop jobs before it waits. */
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

/* What is ready while it waits belongs to no handler any more. */
static void close_with_a_running_job_forgets_descriptors_that_are_ready(void **state) {
  loop_t *loop = new_loop_of_threads(1);
  struct gate gate;
  int ends[2];
  (void)state;
  gate_init(&gate);
  assert_int_equal(0, pipe(ends));
  assert_int_equal(1, write(ends[1], "x", 1));
  assert_ok(loop_add_reader(loop, ends[0], never_call, &gate, open_gate));
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, never_call, NULL, NULL));
  assert_int_equal(0, raise(SIGUSR1));
  assert_ok(loop_run_in_executor(loop, pass_gate, &gate, NULL, NULL));
  sem_wait(&gate.begun);
  assert_ok(loop_close(loop));
  loop_unref(loop);
  close(ends[0]), close(ends[1]);
}

static void last_unref_waits_for_running_jobs(void **state) {
  loop_t *loop = new_loop();
  struct gate gate;
  (void)state;
  gate_init(&gate);
  sem_post(&gate.open);
  assert_ok(loop_run_in_executor(loop, pass_gate, &gate, NULL, NULL));
  sem_wait(&gate.begun);
  loop_unref(loop);
}

/* ---- the virtual clock ---- */

static void virtual_clock_does_not_move_while_a_job_runs(void **state) {
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

/* ---- misuse ---- */

static void run_in_executor_with_wrong_arguments_destroys_its_userdata(void **state) {
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
      TEST(job_failure_that_is_never_read_is_reported),
      TEST(cancel_drops_a_job_that_has_not_begun),
      TEST(cancel_leaves_a_running_job_to_end),
      TEST(job_without_a_future_runs),
      TEST(close_drops_queued_jobs_and_waits_for_running_ones),
      TEST(close_with_a_running_job_forgets_descriptors_that_are_ready),
      TEST(last_unref_waits_for_running_jobs),
      TEST(virtual_clock_does_not_move_while_a_job_runs),
      TEST(run_in_executor_with_wrong_arguments_destroys_its_userdata),
      TEST(set_executor_threads_refuses_none_and_too_many),
  };
  return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
