/* Futures and tasks to which an exception handler takes a reference when their end is reported: they continue to
 * exist, and are reported once. */
#include "support.h"

struct keeper {
  future_t *kept;
  int reports;
};

static void keep_future(loop_t *loop, const report_t *report, void *userdata) {
  struct keeper *keeper = userdata;
  (void)loop;
  keeper->reports++;
  assert_null(keeper->kept);
  keeper->kept = future_ref(report_future(report));
}

static loop_t *new_loop_with(struct keeper *keeper) {
  loop_t *loop = new_virtual_loop();
  *keeper = (struct keeper){.reports = 0};
  assert_ok(loop_set_exception_handler(loop, keep_future, keeper, NULL));
  return loop;
}

/* It has not changed, and is not reported again later. */
static void assert_kept_alive(loop_t *loop, struct keeper *keeper) {
  exception_t *exception = NULL;
  assert_int_equal(1, keeper->reports);
  assert_non_null(keeper->kept);
  assert_ptr_equal(loop, future_get_loop(keeper->kept));
  for (int i = 0; i < 2; i++) {
    assert_ok(future_exception(keeper->kept, &exception));
    assert_exception("ValueError", "boom", exception);
  }
  future_unref(keeper->kept);
  assert_int_equal(1, keeper->reports);
}

static void fail_future(future_t *future) {
  exception_t *exception = new_exception("ValueError", "boom");
  assert_ok(future_set_exception(future, exception));
  exception_unref(exception);
}

static void future_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future = new_future(loop);
  (void)state;
  fail_future(future);
  future_unref(future);
  assert_kept_alive(loop, &keeper);
  loop_unref(loop);
}

static void future_kept_and_dropped_unread_is_reported_no_more(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future = new_future(loop);
  (void)state;
  fail_future(future);
  future_unref(future);
  future_unref(keeper.kept);
  assert_int_equal(1, keeper.reports);
  loop_unref(loop);
}

static void future_kept_beyond_its_loop_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future = new_future(loop);
  (void)state;
  fail_future(future);
  future_unref(future);
  loop_unref(loop);
  assert_int_equal(1, future_done(keeper.kept));
  future_unref(keeper.kept);
}

static void task_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  (void)state;
  task_unref(new_task(loop, raise_boom, NULL));
  run_dry(loop);
  assert_non_null(future_as_task(keeper.kept));
  assert_kept_alive(loop, &keeper);
  loop_unref(loop);
}

static void gather_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *child = new_future(loop), *gather;
  (void)state;
  assert_ok(loop_gather(loop, &child, 1, 0, &gather));
  fail_future(child);
  run_dry(loop);
  future_unref(child);
  assert_int_equal(0, keeper.reports);
  future_unref(gather);
  assert_kept_alive(loop, &keeper);
  loop_unref(loop);
}

static void shield_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *inner = new_future(loop), *shield;
  (void)state;
  assert_ok(loop_shield(loop, inner, &shield));
  fail_future(inner);
  run_dry(loop);
  future_unref(inner);
  assert_int_equal(0, keeper.reports);
  future_unref(shield);
  assert_kept_alive(loop, &keeper);
  loop_unref(loop);
}

static int fail_job(void *userdata, value_t **ret_value) {
  exception_t *exception;
  int status = exception_new("ValueError", "boom", &exception);
  (void)userdata;
  if (status) return status;
  status = value_new_exception(exception, ret_value);
  exception_unref(exception);
  return status ? status : LOOP_EEXCEPTION;
}

static void job_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future;
  (void)state;
  assert_ok(loop_run_in_executor(loop, fail_job, NULL, NULL, &future));
  while (!future_done(future)) assert_ok(loop_run_once(loop, -1));
  future_unref(future);
  assert_kept_alive(loop, &keeper);
  loop_unref(loop);
}

struct stuck {
  future_t *gate;
  int destroyed;
};

static void await_gate(task_t *task, void *userdata) {
  struct stuck *stuck = userdata;
  assert_ok(task_await(task, stuck->gate, return_seven));
}

static void count_stuck(void *userdata) { ((struct stuck *)userdata)->destroyed++; }

/* "Task was destroyed but it is pending!" is reported; but if the handler keeps the task, it is still pending,
 * though nothing can wake it. */
static void task_pending_kept_by_its_handler_lives_on(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  struct stuck stuck = {.gate = new_future(loop)};
  task_t *task;
  (void)state;
  assert_ok(loop_ensure_future(loop, await_gate, &stuck, count_stuck, &task));
  turn(loop);
  task_unref(task);
  future_unref(stuck.gate);
  assert_int_equal(1, keeper.reports);
  assert_non_null(keeper.kept);
  assert_int_equal(0, future_done(keeper.kept));
  assert_int_equal(0, stuck.destroyed);
  future_unref(keeper.kept);
  assert_int_equal(1, keeper.reports);
  assert_int_equal(1, stuck.destroyed);
  loop_unref(loop);
}

static void task_pending_kept_by_its_handler_can_be_cancelled(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  struct stuck stuck = {.gate = new_future(loop)};
  task_t *task;
  (void)state;
  assert_ok(loop_ensure_future(loop, await_gate, &stuck, count_stuck, &task));
  turn(loop);
  task_unref(task);
  future_unref(stuck.gate);
  assert_ok(future_cancel(keeper.kept, NULL, NULL));
  run_dry(loop);
  assert_int_equal(1, future_cancelled(keeper.kept));
  assert_int_equal(1, stuck.destroyed);
  future_unref(keeper.kept);
  loop_unref(loop);
}

/* ---- a chain of tasks, each of which awaits the next, goes without recursion: all are kept on the way ---- */

enum { CHAIN = 60 };
struct chain {
  future_t *kept[CHAIN];
  int count, destroyed;
};

static void keep_all(loop_t *loop, const report_t *report, void *userdata) {
  struct chain *chain = userdata;
  (void)loop;
  assert_true(chain->count < CHAIN);
  assert_string_equal("Task was destroyed but it is pending!", report_message(report));
  chain->kept[chain->count++] = future_ref(report_future(report));
}
static void await_future_given(task_t *task, void *future) { assert_ok(task_await(task, future, never_step)); }

static void chain_of_tasks_kept_by_its_handler_lives_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct chain chain = {.count = 0};
  future_t *gate = new_future(loop), *awaited = gate;
  task_t *tasks[CHAIN];
  (void)state;
  assert_ok(loop_set_exception_handler(loop, keep_all, &chain, NULL));
  for (int i = 0; i < CHAIN; i++) {
    tasks[i] = new_task(loop, await_future_given, awaited);
    awaited = task_as_future(tasks[i]);
  }
  turn(loop);
  for (int i = 0; i < CHAIN; i++) task_unref(tasks[i]);
  assert_int_equal(0, chain.count);
  future_unref(gate);
  for (int kept = 0; kept < CHAIN; kept++) { /* the end of each destroys the one that awaited it */
    assert_int_equal(kept + 1, chain.count);
    assert_int_equal(0, future_done(chain.kept[kept]));
    future_unref(chain.kept[kept]);
  }
  loop_unref(loop);
}

/* ---- what was read is not reported, whoever read it ---- */

static void end_here(task_t *task, void *userdata) { (void)task, (void)userdata; }
static void await_and_end(task_t *task, void *future) { assert_ok(task_await_catch(task, future, end_here)); }

static void failure_that_a_task_awaited_is_not_reported(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future = new_future(loop);
  task_t *task = new_task(loop, await_and_end, future);
  (void)state;
  turn(loop);
  fail_future(future);
  run_dry(loop);
  assert_int_equal(1, task_done(task));
  task_unref(task);
  future_unref(future);
  loop_unref(loop);
  assert_int_equal(0, keeper.reports);
}

static void failure_that_was_cancelled_late_is_not_reported(void **state) {
  struct keeper keeper;
  loop_t *loop = new_loop_with(&keeper);
  future_t *future = new_future(loop);
  int cancelled = 1;
  (void)state;
  fail_future(future);
  assert_ok(future_cancel(future, NULL, &cancelled));
  assert_int_equal(0, cancelled);
  future_unref(future);
  assert_int_equal(0, keeper.reports);
  loop_unref(loop);
}

/* ---- other objects that report ---- */

static void coroutine_never_awaited_is_reported_in_debug_mode_only(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace reports = {""};
  coroutine_t *coroutine;
  (void)state;
  collect_reports(loop, &reports);
  assert_ok(coroutine_sleep(loop, 1, &coroutine));
  coroutine_unref(coroutine);
  assert_trace("", &reports);
  assert_ok(loop_set_debug(loop, 1));
  assert_ok(coroutine_sleep(loop, 1, &coroutine));
  coroutine_unref(coroutine);
  assert_trace("[a coroutine was never awaited]", &reports);
  loop_unref(loop);
}

static void coroutine_that_was_awaited_is_not_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace reports = {""};
  coroutine_t *coroutine;
  task_t *task;
  (void)state;
  collect_reports(loop, &reports);
  assert_ok(loop_set_debug(loop, 1));
  assert_ok(coroutine_sleep(loop, 1, &coroutine));
  assert_ok(loop_ensure_coroutine(loop, coroutine, &task));
  coroutine_unref(coroutine);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  loop_unref(loop);
  assert_trace("", &reports);
}

static void slow_callback_is_reported_in_debug_mode_only(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace reports = {""};
  (void)state;
  collect_reports(loop, &reports);
  assert_ok(loop_set_slow_callback_duration(loop, 0)); /* all callbacks are slow */
  for (int debug = 0; debug < 2; debug++) {
    assert_ok(loop_set_debug(loop, debug));
    assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
    assert_trace("", &reports);
    turn(loop);
  }
  assert_true(reports.text[0] == '[');
  reports.text[0] = 0;
  assert_ok(loop_set_slow_callback_duration(loop, 1e6)); /* none is slow */
  assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
  turn(loop);
  assert_trace("", &reports);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(future_kept_by_its_handler_lives_on),
      TEST(future_kept_and_dropped_unread_is_reported_no_more),
      TEST(future_kept_beyond_its_loop_lives_on),
      TEST(task_kept_by_its_handler_lives_on),
      TEST(gather_kept_by_its_handler_lives_on),
      TEST(shield_kept_by_its_handler_lives_on),
      TEST(job_kept_by_its_handler_lives_on),
      TEST(task_pending_kept_by_its_handler_lives_on),
      TEST(task_pending_kept_by_its_handler_can_be_cancelled),
      TEST(chain_of_tasks_kept_by_its_handler_lives_on),
      TEST(failure_that_a_task_awaited_is_not_reported),
      TEST(failure_that_was_cancelled_late_is_not_reported),
      TEST(coroutine_never_awaited_is_reported_in_debug_mode_only),
      TEST(coroutine_that_was_awaited_is_not_reported),
      TEST(slow_callback_is_reported_in_debug_mode_only),
  };
  return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
