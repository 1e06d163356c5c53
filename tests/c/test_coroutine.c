/* Tasks on stacks of their own: loop_create_task and await_... */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#if defined(__SANITIZE_THREAD__)
enum { MANY = 1000 }; /* of ThreadSanitizer's 8128 threads */
#else
enum { MANY = 10000 };
#endif

static task_t *create(loop_t *loop, coroutine_fn fn, void *userdata) {
  task_t *task;
  assert_ok(loop_create_task(loop, fn, userdata, NULL, &task));
  return task;
}

/* Runs fn in a task of its own to its end. */
static int run_body(loop_t *loop, coroutine_fn fn, void *userdata, value_t **ret_value) {
  task_t *task = create(loop, fn, userdata);
  int status = loop_run_until_complete(loop, task_as_future(task), ret_value);
  task_unref(task);
  return status;
}

/* Runs fn, which fails, and gives its exception. */
static exception_t *run_failing(loop_t *loop, coroutine_fn fn, void *userdata) {
  task_t *task = create(loop, fn, userdata);
  exception_t *exception = NULL;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_ok(task_exception(task, &exception));
  task_unref(task);
  return exception;
}

/* A body's userdata in these tests: what it awaits, and what it saw. */
struct story {
  struct trace trace;
  loop_t *loop;
  future_t *future;
  coroutine_t *coroutine;
  exception_t *exception;
};

static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  fail_msg("a body ran that should not");
  return 0;
}

static int return_nothing(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 0;
}

/* ---- results ---- */

static int return_nine(void *userdata, value_t **ret_value) {
  (void)userdata;
  return value_new_int(9, ret_value);
}

static void body_returns_its_value(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *value;
  (void)state;
  assert_ok(run_body(loop, return_nine, NULL, &value));
  assert_int_equal(9, take_int(value));
  loop_unref(loop);
}

static void body_that_writes_nothing_returns_nil(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *value = (value_t *)state;
  assert_ok(run_body(loop, return_nothing, NULL, &value));
  assert_null(value);
  loop_unref(loop);
}

static int mark_body(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  (void)ret_value;
  assert_ptr_equal(story, task_get_userdata(task_get_current(loop_get_running())));
  trace_add(&story->trace, "ran");
  return 0;
}

static void body_starts_in_a_later_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = create(loop, mark_body, &story);
  (void)state;
  assert_trace("", &story.trace);
  assert_ptr_equal(&story, task_get_userdata(task));
  turn(loop);
  assert_trace("ran", &story.trace);
  assert_int_equal(1, task_done(task));
  assert_null(task_get_userdata(task));
  task_unref(task);
  loop_unref(loop);
}

static int return_timeout_status(void *userdata, value_t **ret_value) {
  (void)userdata;
  assert_ok(value_new_int(1, ret_value)); /* is dropped */
  return LOOP_EQUEUEEMPTY;
}

static int return_one(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 1;
}

static int return_eexception(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return LOOP_EEXCEPTION;
}

static void body_returning_a_status_raises_its_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_exception("QueueEmpty", NULL, run_failing(loop, return_timeout_status, NULL));
  loop_unref(loop);
}

static void body_returning_a_positive_number_is_a_runtime_error(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_exception("RuntimeError", "a function must return 0 or a negative status, not a positive number",
                   run_failing(loop, return_one, NULL));
  loop_unref(loop);
}

static void body_returning_eexception_without_one_raises_an_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  exception_t *exception = run_failing(loop, return_eexception, NULL);
  (void)state;
  assert_string_equal("Exception", exception_kind(exception));
  exception_unref(exception);
  loop_unref(loop);
}

static int raise_it(void *userdata, value_t **ret_value) {
  (void)ret_value;
  return await_raise(((struct story *)userdata)->exception);
}

static void body_raises_the_very_exception(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.exception = new_exception("ValueError", "boom")};
  exception_t *raised = run_failing(loop, raise_it, &story);
  (void)state;
  assert_ptr_equal(story.exception, raised);
  exception_unref(raised);
  exception_unref(story.exception);
  loop_unref(loop);
}

static void body_that_raises_cancelled_error_is_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.exception = new_exception("CancelledError", "mine")};
  (void)state;
  assert_status(LOOP_ECANCELLED, run_body(loop, raise_it, &story, NULL));
  exception_unref(story.exception);
  loop_unref(loop);
}

/* ---- awaiting futures ---- */

static int await_and_return(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  int status = await_future(story->future, ret_value);
  trace_add(&story->trace, loop_status_name(status));
  return status;
}

static void await_gets_the_result(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = create(loop, await_and_return, &story);
  value_t *value = new_int(5);
  (void)state;
  turn(loop);
  assert_trace("", &story.trace);
  assert_ok(future_set_result(story.future, value));
  value_unref(value);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(5, take_int(value));
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static void await_of_a_done_future_does_not_yield(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = create(loop, await_and_return, &story);
  (void)state;
  assert_ok(future_set_result(story.future, NULL));
  turn(loop);
  assert_int_equal(1, task_done(task));
  assert_trace("LOOP_OK", &story.trace);
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

static int cancel_self_and_await_twice(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_ok(task_cancel(task_get_current(story->loop), NULL, NULL));
  trace_add(&story->trace, loop_status_name(await_future(story->future, ret_value)));
  return await_sleep(0);
}

static void await_of_a_done_future_leaves_a_cancellation_for_the_next_step(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop, .future = new_future(loop)};
  (void)state;
  assert_ok(future_set_result(story.future, NULL));
  assert_status(LOOP_ECANCELLED, run_body(loop, cancel_self_and_await_twice, &story, NULL));
  assert_trace("LOOP_OK", &story.trace);
  future_unref(story.future);
  loop_unref(loop);
}

static void await_of_a_failure_passes_the_very_exception_on(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.future = task_as_future(inner)};
  exception_t *raised, *passed = run_failing(loop, await_and_return, &story);
  (void)state;
  assert_ok(task_exception(inner, &raised));
  assert_ptr_equal(raised, passed);
  assert_trace("LOOP_EEXCEPTION", &story.trace);
  exception_unref(raised);
  exception_unref(passed);
  task_unref(inner);
  loop_unref(loop);
}

static int catch_it(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  exception_t *none = (exception_t *)userdata;
  assert_ok(await_exception(&none));
  assert_null(none);
  assert_status(LOOP_EEXCEPTION, await_future(story->future, ret_value));
  assert_ok(await_sleep(0));
  return await_exception(&story->exception);
}

static void await_exception_tells_the_last_failure(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.future = task_as_future(inner)};
  (void)state;
  assert_ok(run_body(loop, catch_it, &story, NULL));
  assert_exception("ValueError", "boom", story.exception);
  task_unref(inner);
  loop_unref(loop);
}

/* Cleans up, with failures of its own, before it passes the first one on. */
static int fail_again_in_cleanup(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  int status = await_future(story->future, ret_value);
  future_t *cancelled = new_future(story->loop);
  assert_ok(future_cancel(cancelled, NULL, NULL));
  assert_status(LOOP_ECANCELLED, await_future(cancelled, NULL));
  future_unref(cancelled);
  return status;
}

static void body_may_pass_on_a_failure_after_one_of_the_other_kind(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *inner = new_task(loop, raise_boom, NULL);
  struct story story = {.loop = loop, .future = task_as_future(inner)};
  (void)state;
  assert_exception("ValueError", "boom", run_failing(loop, fail_again_in_cleanup, &story));
  task_unref(inner);
  loop_unref(loop);
}

static int await_self(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  return await_future(task_as_future(task_get_current(story->loop)), ret_value);
}

static void await_of_the_task_itself_is_a_runtime_error(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  (void)state;
  assert_exception("RuntimeError", "Task cannot await on itself", run_failing(loop, await_self, &story));
  loop_unref(loop);
}

/* ---- sleeping and coroutines ---- */

static int sleep_twice(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  assert_ok(await_sleep(1.5));
  return await_sleep(0.25);
}

static void sleep_takes_its_time(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(run_body(loop, sleep_twice, NULL, NULL));
  assert_true(loop_time(loop) == 1.75);
  loop_unref(loop);
}

static int await_its_coroutine(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_ok(await_coroutine(story->coroutine, ret_value));
  return await_coroutine(story->coroutine, ret_value);
}

static void coroutine_is_awaited_once(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  (void)state;
  assert_ok(coroutine_sleep(loop, 2, &story.coroutine));
  assert_exception("RuntimeError", "cannot reuse already awaited coroutine",
                   run_failing(loop, await_its_coroutine, &story));
  assert_true(loop_time(loop) == 2);
  coroutine_unref(story.coroutine);
  loop_unref(loop);
}

static int await_sleeping_coroutine(void *userdata, value_t **ret_value) {
  return await_coroutine(((struct story *)userdata)->coroutine, ret_value);
}

static void coroutine_is_cancelled_with_its_task(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = create(loop, await_sleeping_coroutine, &story);
  (void)state;
  assert_ok(coroutine_sleep(loop, 2, &story.coroutine));
  turn(loop);
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_true(loop_time(loop) == 0);
  coroutine_unref(story.coroutine);
  task_unref(task);
  loop_unref(loop);
}

/* ---- cancelling ---- */

static int catch_cancellation(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  assert_status(LOOP_ECANCELLED, await_sleep(60));
  assert_ok(await_exception(&story->exception));
  return value_new_int(1, ret_value);
}

static void cancel_wakes_a_sleeper_who_may_catch_it(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.loop = loop};
  task_t *task = create(loop, catch_cancellation, &story);
  value_t *value;
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "enough", NULL));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  assert_int_equal(1, take_int(value));
  assert_exception("CancelledError", "enough", story.exception);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_before_the_first_step_never_runs_the_body(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  task_t *task;
  (void)state;
  assert_ok(loop_create_task(loop, never_run, &destroyed, count_destroy, &task));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_int_equal(1, destroyed);
  task_unref(task);
  loop_unref(loop);
}

static void cancel_passed_on_reaches_what_is_awaited(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  task_t *task = create(loop, await_and_return, &story);
  exception_t *exception;
  (void)state;
  turn(loop);
  assert_ok(task_cancel(task, "enough", NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_int_equal(1, task_cancelled(task));
  assert_status(LOOP_ECANCELLED, task_exception(task, &exception));
  assert_int_equal(1, future_cancelled(story.future));
  future_unref(story.future);
  task_unref(task);
  loop_unref(loop);
}

/* ---- nesting ---- */

struct level {
  loop_t *loop;
  int depth;
};

/* 1 + what a task one level deeper returns; or boom, at the bottom. */
static int deepen(void *userdata, value_t **ret_value) {
  struct level *level = userdata, deeper = {level->loop, level->depth - 1};
  value_t *value = NULL;
  task_t *task;
  int status;
  if (level->depth == 0) return value_new_int(0, ret_value);
  task = create(level->loop, deepen, &deeper);
  status = await_future(task_as_future(task), &value);
  task_unref(task);
  return status ? status : value_new_int(1 + take_int(value), ret_value);
}

static void bodies_await_one_another_a_hundred_deep(void **state) {
  loop_t *loop = new_virtual_loop();
  struct level level = {loop, 100};
  value_t *value;
  (void)state;
  assert_ok(run_body(loop, deepen, &level, &value));
  assert_int_equal(100, take_int(value));
  loop_unref(loop);
}

static int sum_of_sleeps(void *userdata, value_t **ret_value) {
  int *sum = userdata, kept[16];
  (void)ret_value;
  for (int i = 0; i < 16; i++) {
    kept[i] = i;
    assert_ok(await_sleep(0));
  }
  for (int i = 0; i < 16; i++) *sum += kept[i];
  return 0;
}

static void ten_thousand_live_bodies_keep_their_variables(void **state) {
  loop_t *loop = new_virtual_loop();
  int sum = 0;
  (void)state;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < MANY; i++) assert_ok(loop_create_task(loop, sum_of_sleeps, &sum, NULL, NULL));
    run_dry(loop);
  }
  assert_int_equal(2 * MANY * 120, sum);
  loop_unref(loop);
}

/* ---- dropped while pending ---- */

static int await_forever(void *userdata, value_t **ret_value) {
  int status = await_future(((struct story *)userdata)->future, ret_value);
  fail_msg("a dropped body went on");
  return status;
}

static void destroy_story(void *userdata) { trace_add(&((struct story *)userdata)->trace, "destroyed"); }

static void body_that_nothing_can_wake_is_dropped_and_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(loop_create_task(loop, await_forever, &story, destroy_story, NULL));
  turn(loop);
  future_unref(story.future);
  assert_trace("[Task was destroyed but it is pending!] destroyed", &story.trace);
  loop_unref(loop);
}

static void bodies_pending_when_the_loop_goes_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(loop_create_task(loop, await_forever, &story, destroy_story, NULL)); /* waits */
  turn(loop);
  assert_ok(loop_create_task(loop, never_run, &story, destroy_story, NULL)); /* has not started */
  assert_ok(loop_close(loop));
  loop_unref(loop);
  future_unref(story.future);
  assert_trace("[Task was destroyed but it is pending!] destroyed [Task was destroyed but it is pending!] destroyed",
               &story.trace);
}

static void stacks_are_used_again(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  for (int i = 0; i < MANY; i++) assert_ok(run_body(loop, return_nothing, NULL, NULL));
  loop_unref(loop);
}

/* ---- misuse ---- */

static void assert_no_body_here(loop_t *loop) {
  future_t *future = new_future(loop);
  exception_t *exception = new_exception("ValueError", "x"), *none;
  coroutine_t *coroutine;
  assert_ok(coroutine_sleep(loop, 1, &coroutine));
  assert_status(LOOP_ENOTASK, await_future(future, NULL));
  assert_status(LOOP_ENOTASK, await_coroutine(coroutine, NULL));
  assert_status(LOOP_ENOTASK, await_sleep(1));
  assert_status(LOOP_ENOTASK, await_exception(&none));
  assert_status(LOOP_ENOTASK, await_raise(exception));
  coroutine_unref(coroutine);
  exception_unref(exception);
  future_unref(future);
}

static void callback_without_body(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_no_body_here(loop);
}

static void step_without_body(task_t *task, void *userdata) {
  (void)task;
  assert_no_body_here(userdata);
}

static void await_outside_a_body_is_enotask(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_no_body_here(loop);
  assert_ok(loop_call_soon(loop, callback_without_body, NULL, NULL, NULL));
  assert_ok(loop_ensure_future(loop, step_without_body, loop, NULL, NULL));
  run_dry(loop);
  loop_unref(loop);
}

static int misuse(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  task_t *self = task_get_current(story->loop);
  value_t *untouched = (value_t *)userdata;
  (void)ret_value;
  assert_status(-EINVAL, await_future(NULL, &untouched));
  assert_status(-EINVAL, await_coroutine(NULL, &untouched));
  assert_status(-EINVAL, await_sleep(0.0 / 0.0));
  assert_status(-EINVAL, await_exception(NULL));
  assert_status(-EINVAL, await_raise(NULL));
  assert_status(LOOP_EWRONGLOOP, await_future(story->future, &untouched));
  assert_status(LOOP_EWRONGLOOP, await_coroutine(story->coroutine, &untouched));
  assert_ptr_equal(userdata, untouched);
  assert_status(LOOP_ENOTASK, task_return(self, NULL));
  assert_status(LOOP_ENOTASK, task_sleep(self, 1, never_step));
  assert_status(LOOP_ENOTASK, task_awaited(self, &untouched));
  trace_add(&story->trace, "survived");
  return 0;
}

static void await_of_nonsense_changes_nothing(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  struct story story = {.loop = loop, .future = new_future(other)};
  (void)state;
  assert_ok(coroutine_await(other, story.future, &story.coroutine));
  assert_ok(run_body(loop, misuse, &story, NULL));
  assert_trace("survived", &story.trace);
  coroutine_unref(story.coroutine);
  future_unref(story.future);
  loop_unref(other);
  loop_unref(loop);
}

static void create_task_that_fails_destroys_its_userdata(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, loop_create_task(loop, NULL, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_create_task(NULL, never_run, &destroyed, count_destroy, NULL));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_create_task(loop, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(3, destroyed);
  loop_unref(loop);
}

/* ---- the end of the stack ---- */

static int fill(int depth) {
  volatile char room[4096];
  memset((char *)room, depth, sizeof room);
  return depth ? fill(depth - 1) + room[depth] : 0;
}

static int fill_stack(void *depth, value_t **ret_value) {
  (void)ret_value;
  return fill(*(int *)depth) ? 0 : 0;
}

/* How a process dies, or ends, whose body needs so many pages of its stack of 32. */
static int fate_of_a_body_that_needs(int pages) {
  int status, depth = pages - 1;
  pid_t child = fork();
  if (child == 0) {
    loop_options_t *options;
    loop_t *loop;
    signal(SIGSEGV, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (loop_options_new(&options) || loop_options_set_stack_size(options, 32 * 4096)) _exit(2);
    if (loop_new(options, &loop) || loop_create_task(loop, fill_stack, &depth, NULL, NULL)) _exit(2);
    loop_run_once(loop, 0);
    _exit(0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  return status;
}

static void stack_of_the_chosen_size_suffices(void **state) {
  (void)state;
  assert_int_equal(0, fate_of_a_body_that_needs(16));
}

static void stack_overflow_dies_on_the_guard_page(void **state) {
  int status = fate_of_a_body_that_needs(40);
  (void)state;
  assert_true(WIFSIGNALED(status));
  assert_int_equal(SIGSEGV, WTERMSIG(status));
}

static void unsupported_without_the_feature(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_status(LOOP_ENOTSUPPORTED, loop_create_task(loop, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
  assert_status(LOOP_ENOTSUPPORTED, await_sleep(1));
  loop_unref(loop);
}

static int is_supported(void) {
  exception_t *none;
  return await_exception(&none) != LOOP_ENOTSUPPORTED;
}

int main(void) {
  const struct CMUnitTest without[] = {TEST(unsupported_without_the_feature)};
  const struct CMUnitTest tests[] = {
      TEST(body_returns_its_value),
      TEST(body_that_writes_nothing_returns_nil),
      TEST(body_starts_in_a_later_turn),
      TEST(body_returning_a_status_raises_its_exception),
      TEST(body_returning_a_positive_number_is_a_runtime_error),
      TEST(body_returning_eexception_without_one_raises_an_exception),
      TEST(body_raises_the_very_exception),
      TEST(body_that_raises_cancelled_error_is_cancelled),
      TEST(await_gets_the_result),
      TEST(await_of_a_done_future_does_not_yield),
      TEST(await_of_a_done_future_leaves_a_cancellation_for_the_next_step),
      TEST(await_of_a_failure_passes_the_very_exception_on),
      TEST(await_exception_tells_the_last_failure),
      TEST(body_may_pass_on_a_failure_after_one_of_the_other_kind),
      TEST(await_of_the_task_itself_is_a_runtime_error),
      TEST(sleep_takes_its_time),
      TEST(coroutine_is_awaited_once),
      TEST(coroutine_is_cancelled_with_its_task),
      TEST(cancel_wakes_a_sleeper_who_may_catch_it),
      TEST(cancel_before_the_first_step_never_runs_the_body),
      TEST(cancel_passed_on_reaches_what_is_awaited),
      TEST(bodies_await_one_another_a_hundred_deep),
      TEST(ten_thousand_live_bodies_keep_their_variables),
      TEST(body_that_nothing_can_wake_is_dropped_and_reported),
      TEST(bodies_pending_when_the_loop_goes_are_dropped),
      TEST(stacks_are_used_again),
      TEST(await_outside_a_body_is_enotask),
      TEST(await_of_nonsense_changes_nothing),
      TEST(create_task_that_fails_destroys_its_userdata),
      TEST(stack_of_the_chosen_size_suffices),
      TEST(stack_overflow_dies_on_the_guard_page),
  };
  if (!is_supported()) return cmocka_run_group_tests_name("coroutine", without, NULL, NULL);
  return cmocka_run_group_tests_name("coroutine", tests, NULL, NULL);
}
