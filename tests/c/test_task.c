/* Tasks of steps: starting, awaiting, catching, returning, raising, and errors that are never retrieved. */
#include "support.h"

/* A task's userdata in these tests: what it awaits, and what it saw. */
struct story {
  struct trace trace;
  future_t *future;
  exception_t *exception;
};

static void finish_story(task_t *task, void *userdata) {
  struct story *story = userdata;
  value_t *value = NULL;
  int status = task_awaited(task, &value);
  trace_add(&story->trace, loop_status_name(status));
  if (status == 0) assert_ok(task_return(task, value));
  value_unref(value);
}

static void catch_story(task_t *task, void *userdata) {
  struct story *story = userdata;
  int status = task_awaited(task, NULL);
  trace_add(&story->trace, loop_status_name(status));
  assert_ok(task_awaited_exception(task, &story->exception));
}

static void await_story(task_t *task, void *userdata) {
  assert_ok(task_await(task, ((struct story *)userdata)->future, finish_story));
}

static void await_catch_story(task_t *task, void *userdata) {
  assert_ok(task_await_catch(task, ((struct story *)userdata)->future, catch_story));
}

static void task_starts_in_a_later_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "started"};
  task_t *task = new_task(loop, mark_step, &mark);
  (void)state;
  assert_trace("", &trace);
  assert_int_equal(0, task_done(task));
  assert_ptr_equal(&mark, task_get_userdata(task));
  turn(loop);
  assert_trace("started", &trace);
  assert_int_equal(1, task_done(task));
  task_unref(task);
  loop_unref(loop);
}

static void task_that_chooses_nothing_returns_nil(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "x"};
  task_t *task = new_task(loop, mark_step, &mark);
  value_t *value = (value_t *)state;
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_null(value);
  task_unref(task);
  loop_unref(loop);
}

static void task_returns_its_value(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  value_t *value;
  (void)state;
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(7, take_int(value));
  assert_ok(task_result(task, &value));
  assert_int_equal(7, take_int(value));
  assert_ptr_equal(task, future_as_task(task_as_future(task)));
  task_unref(task);
  loop_unref(loop);
}

static void task_result_too_early_is_einvalidstate(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  value_t *value = (value_t *)state;
  exception_t *exception = (exception_t *)state;
  assert_status(LOOP_EINVALIDSTATE, task_result(task, &value));
  assert_status(LOOP_EINVALIDSTATE, task_exception(task, &exception));
  assert_true((void *)value == state && (void *)exception == state);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  loop_unref(loop);
}

static void task_that_raises_keeps_its_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, raise_boom, NULL);
  exception_t *exception;
  (void)state;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_status(LOOP_EEXCEPTION, task_result(task, NULL));
  assert_ok(task_exception(task, &exception));
  assert_exception("ValueError", "boom", exception);
  task_unref(task);
  loop_unref(loop);
}

static void task_refuses_to_be_set(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  exception_t *exception = new_exception("ValueError", "x");
  (void)state;
  assert_status(LOOP_ENOTSUPPORTED, future_set_result(task_as_future(task), NULL));
  assert_status(LOOP_ENOTSUPPORTED, future_set_exception(task_as_future(task), exception));
  assert_int_equal(0, task_done(task));
  exception_unref(exception);
  turn(loop);
  assert_ok(task_result(task, NULL));
  task_unref(task);
  loop_unref(loop);
}

static void task_awaiting_gets_the_result(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_story, &story);
  value_t *value = new_int(9);
  (void)state;
  turn(loop);
  assert_ok(future_set_result(story.future, value));
  value_unref(value);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(9, take_int(value));
  assert_trace("LOOP_OK", &story.trace);
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static void task_awaiting_a_done_future_continues_in_a_later_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_catch_story, &story);
  (void)state;
  assert_ok(future_set_result(story.future, NULL));
  for (int turns = 0; turns < 3; turns++) turn(loop);
  assert_trace("LOOP_OK", &story.trace);
  assert_int_equal(1, task_done(task));
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static void task_awaiting_a_failure_fails_likewise_without_next(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL), *outer;
  struct story story = {.future = task_as_future(inner)};
  exception_t *raised, *passed;
  (void)state;
  outer = new_task(loop, await_story, &story);
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(outer), NULL));
  assert_trace("", &story.trace);
  assert_ok(task_exception(inner, &raised));
  assert_ok(task_exception(outer, &passed));
  assert_ptr_equal(raised, passed);
  exception_unref(raised);
  exception_unref(passed);
  task_unref(inner);
  task_unref(outer);
  loop_unref(loop);
}

static void task_catching_a_failure_continues(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL), *outer;
  struct story story = {.future = task_as_future(inner)};
  (void)state;
  outer = new_task(loop, await_catch_story, &story);
  assert_ok(loop_run_until_complete(loop, task_as_future(outer), NULL));
  assert_trace("LOOP_EEXCEPTION", &story.trace);
  assert_exception("ValueError", "boom", story.exception);
  task_unref(inner);
  task_unref(outer);
  loop_unref(loop);
}

static void task_catching_a_result_has_no_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, return_seven, NULL), *outer;
  struct story story = {.future = task_as_future(inner), .exception = (exception_t *)state};
  outer = new_task(loop, await_catch_story, &story);
  assert_ok(loop_run_until_complete(loop, task_as_future(outer), NULL));
  assert_trace("LOOP_OK", &story.trace);
  assert_null(story.exception);
  task_unref(inner);
  task_unref(outer);
  loop_unref(loop);
}

/* ---- boom: an exception four levels deep ---- */

static int levels[] = {0, 1, 2, 3, 4};

static void boom(task_t *task, void *userdata) {
  int *level = userdata;
  task_t *deeper;
  if (*level == 0) {
    raise_boom(task, NULL);
    return;
  }
  deeper = new_task(loop_get_running(), boom, level - 1);
  assert_ok(task_await(task, task_as_future(deeper), never_step));
  task_unref(deeper);
}

static void task_exception_four_levels_deep_reaches_the_top(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  task_t *task = new_task(loop, boom, &levels[4]);
  exception_t *exception;
  (void)state;
  collect_reports(loop, &trace);
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_ok(task_exception(task, &exception));
  assert_exception("ValueError", "boom", exception);
  task_unref(task);
  assert_trace("", &trace);
  loop_unref(loop);
}

/* ---- errors nobody took ---- */

static void task_exception_never_read_is_reported_with_the_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(loop_ensure_future(loop, boom, &levels[2], NULL, NULL));
  run_dry(loop);
  assert_trace("[Task exception was never retrieved: ValueError: boom]", &trace);
  loop_unref(loop);
}

static void task_exception_never_read_waits_for_the_last_reference(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  task_t *task = new_task(loop, raise_boom, NULL);
  (void)state;
  collect_reports(loop, &trace);
  run_dry(loop);
  assert_trace("", &trace);
  task_unref(task);
  assert_trace("[Task exception was never retrieved: ValueError: boom]", &trace);
  loop_unref(loop);
}

static void task_that_nothing_can_wake_is_destroyed_and_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(loop_ensure_future(loop, await_story, &story, NULL, NULL));
  turn(loop);
  assert_trace("", &story.trace);
  future_unref(story.future);
  assert_trace("[Task was destroyed but it is pending!]", &story.trace);
  loop_unref(loop);
}

static void task_pending_may_be_destroyed_silently_on_request(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = new_task(loop, await_story, &story);
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(task_set_log_destroy_pending(task, 0));
  turn(loop);
  task_unref(task);
  future_unref(story.future);
  assert_trace("", &story.trace);
  loop_unref(loop);
}

static void await_userdata(task_t *task, void *userdata) { task_await(task, userdata, await_userdata); }
static void unref_future(void *userdata) { future_unref(userdata); }
static void ignore_report(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)report, (void)userdata;
}

/* Each task awaits the one before; giving up the future at the start destroys them all. */
static void task_chain_is_dropped_without_recursion(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *last = future_ref(first);
  (void)state;
  assert_ok(loop_set_exception_handler(loop, ignore_report, NULL, NULL));
  for (int i = 0; i < 100000; i++) {
    task_t *task;
    assert_ok(loop_ensure_future(loop, await_userdata, last, unref_future, &task));
    last = future_ref(task_as_future(task));
    task_unref(task);
  }
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  future_unref(last);
  loop_unref(loop);
  future_unref(first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(task_starts_in_a_later_turn),
      TEST(task_that_chooses_nothing_returns_nil),
      TEST(task_returns_its_value),
      TEST(task_result_too_early_is_einvalidstate),
      TEST(task_that_raises_keeps_its_exception),
      TEST(task_refuses_to_be_set),
      TEST(task_awaiting_gets_the_result),
      TEST(task_awaiting_a_done_future_continues_in_a_later_turn),
      TEST(task_awaiting_a_failure_fails_likewise_without_next),
      TEST(task_catching_a_failure_continues),
      TEST(task_catching_a_result_has_no_exception),
      TEST(task_exception_four_levels_deep_reaches_the_top),
      TEST(task_exception_never_read_is_reported_with_the_task),
      TEST(task_exception_never_read_waits_for_the_last_reference),
      TEST(task_that_nothing_can_wake_is_destroyed_and_reported),
      TEST(task_pending_may_be_destroyed_silently_on_request),
      TEST(task_chain_is_dropped_without_recursion),
  };
  return cmocka_run_group_tests_name("task", tests, NULL, NULL);
}
