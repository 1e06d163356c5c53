/* Making, running and closing loops. */
#include "support.h"

#include <errno.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void stop_loop(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_ok(loop_stop(loop));
}

static void loop_new_is_open_and_not_running(void **state) {
  loop_t *loop;
  (void)state;
  assert_ok(loop_new(NULL, &loop));
  assert_int_equal(0, loop_is_closed(loop));
  assert_int_equal(0, loop_is_running(loop));
  assert_null(loop_get_running());
  loop_unref(loop);
}

static void loop_new_without_output_is_einval(void **state) {
  (void)state;
  assert_status(-EINVAL, loop_new(NULL, NULL));
  assert_status(-EINVAL, loop_options_new(NULL));
}

static void loop_options_unlisted_value_is_einval(void **state) {
  loop_options_t *options;
  (void)state;
  assert_ok(loop_options_new(&options));
  assert_status(-EINVAL, loop_options_set_clock(options, (loop_clock_t)7));
  assert_status(-EINVAL, loop_options_set_poller(options, (loop_poller_t)7));
  assert_status(-EINVAL, loop_options_set_clock(NULL, LOOP_CLOCK_VIRTUAL));
  loop_options_unref(options);
}

static void loop_options_may_be_destroyed_before_the_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  turn(loop);
  loop_unref(loop_ref(loop));
  loop_unref(loop);
}

static void loop_close_twice_is_fine(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_close(loop));
  assert_int_equal(1, loop_is_closed(loop));
  assert_ok(loop_close(loop));
  assert_int_equal(-1, loop_fd(loop));
  loop_unref(loop);
}

static void loop_close_destroys_what_is_scheduled_without_calling_it(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  assert_ok(loop_call_later(loop, 1, never_call, &destroyed, count_destroy, NULL));
  assert_ok(loop_close(loop));
  assert_int_equal(2, destroyed);
  assert_trace("", &trace);
  loop_unref(loop);
  assert_int_equal(2, destroyed);
}

static void loop_unref_closes(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  loop_unref(loop);
  assert_int_equal(1, destroyed);
}

static void loop_closed_refuses_everything(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop), *other = NULL;
  task_t *task = NULL;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_run_forever(loop));
  assert_status(LOOP_ECLOSED, loop_run_once(loop, 0));
  assert_status(LOOP_ECLOSED, loop_run_until_complete(loop, future, NULL));
  assert_status(LOOP_ECLOSED, loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  assert_status(LOOP_ECLOSED, loop_call_soon_threadsafe(loop, never_call, &destroyed, count_destroy, NULL));
  assert_status(LOOP_ECLOSED, loop_call_later(loop, 1, never_call, &destroyed, count_destroy, NULL));
  assert_status(LOOP_ECLOSED, loop_call_at(loop, 1, never_call, &destroyed, count_destroy, NULL));
  assert_status(LOOP_ECLOSED, loop_ensure_future(loop, never_step, &destroyed, count_destroy, &task));
  assert_status(LOOP_ECLOSED, loop_add_reader(loop, 0, never_call, &destroyed, count_destroy));
  assert_status(LOOP_ECLOSED, loop_gather(loop, &future, 1, 0, &other));
  assert_int_equal(6, destroyed);
  assert_true(!task && !other && loop_is_closed(loop) && !loop_is_running(loop));
  future_unref(future);
  loop_unref(loop);
}

static void loop_null_is_einval_everywhere(void **state) {
  int destroyed = 0;
  task_t *task = NULL;
  future_t *future = NULL;
  (void)state;
  assert_status(-EINVAL, loop_run_forever(NULL));
  assert_status(-EINVAL, loop_run_once(NULL, 0));
  assert_status(-EINVAL, loop_run_until_complete(NULL, NULL, NULL));
  assert_status(-EINVAL, loop_stop(NULL));
  assert_status(-EINVAL, loop_stop_threadsafe(NULL));
  assert_status(-EINVAL, loop_close(NULL));
  assert_status(-EINVAL, loop_shutdown(NULL));
  assert_status(-EINVAL, loop_call_soon(NULL, never_call, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_call_soon_threadsafe(NULL, never_call, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_call_later(NULL, 0, never_call, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_call_at(NULL, 0, never_call, &destroyed, count_destroy, NULL));
  assert_status(-EINVAL, loop_ensure_future(NULL, never_step, &destroyed, count_destroy, &task));
  assert_status(-EINVAL, loop_create_future(NULL, &future));
  assert_status(-EINVAL, loop_raise(NULL, NULL));
  assert_int_equal(5, destroyed);
  assert_true(!task && !future);
  loop_unref(NULL);
}

static void run_inside(loop_t *loop, void *userdata) {
  future_t *future = new_future(loop);
  assert_status(LOOP_ERUNNING, loop_run_forever(loop));
  assert_status(LOOP_ERUNNING, loop_run_once(loop, 0));
  assert_status(LOOP_ERUNNING, loop_run_until_complete(loop, future, NULL));
  assert_status(LOOP_ERUNNING, loop_close(loop));
  assert_int_equal(1, loop_is_running(loop));
  assert_int_equal(0, loop_is_closed(loop));
  assert_ptr_equal(loop, loop_get_running());
  future_unref(future);
  mark_callback(loop, userdata);
}

static void loop_run_inside_itself_is_erunning(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark inside = {&trace, "inside"}, after = {&trace, "after"};
  (void)state;
  assert_ok(loop_call_soon(loop, run_inside, &inside, NULL, NULL));
  assert_ok(loop_call_later(loop, 1, mark_callback, &after, NULL, NULL));
  run_dry(loop);
  assert_trace("inside after", &trace);
  assert_null(loop_get_running());
  loop_unref(loop);
}

static void run_other(loop_t *loop, void *other) {
  assert_status(LOOP_ERUNNING, loop_run_once(other, 0));
  assert_int_equal(0, loop_is_running(other));
  assert_ptr_equal(loop, loop_get_running());
  assert_ok(loop_stop(loop));
}

static void loop_run_inside_another_is_erunning(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  (void)state;
  assert_ok(loop_call_soon(loop, run_other, other, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  turn(other);
  loop_unref(loop);
  loop_unref(other);
}

static void loop_stop_before_a_run_makes_one_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark first = {&trace, "first"}, later = {&trace, "later"};
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &first, NULL, NULL));
  assert_ok(loop_call_later(loop, 1, mark_callback, &later, NULL, NULL));
  assert_ok(loop_stop(loop));
  assert_ok(loop_run_forever(loop));
  assert_trace("first", &trace);
  run_dry(loop);
  assert_trace("first later", &trace);
  loop_unref(loop);
}

static void loop_stop_finishes_the_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark same = {&trace, "same-turn"};
  (void)state;
  assert_ok(loop_call_soon(loop, stop_loop, NULL, NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, &same, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_trace("same-turn", &trace);
  assert_int_equal(0, loop_is_running(loop));
  loop_unref(loop);
}

static void loop_stopped_before_completion_is_estopped(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  value_t *value = (value_t *)state;
  assert_ok(loop_call_soon(loop, stop_loop, NULL, NULL, NULL));
  assert_status(LOOP_ESTOPPED, loop_run_until_complete(loop, future, &value));
  assert_ptr_equal(state, value);
  assert_int_equal(0, future_done(future));
  assert_ok(future_set_result(future, NULL));
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_null(value);
  future_unref(future);
  loop_unref(loop);
}

static void loop_deadlock_leaves_the_loop_usable(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_status(LOOP_EDEADLOCK, loop_run_until_complete(loop, future, NULL));
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  assert_int_equal(0, loop_is_running(loop));
  assert_ok(future_set_result(future, NULL));
  assert_ok(loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop_unref(loop);
}

static void loop_run_of_another_loops_future_is_ewrongloop(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  future_t *future = new_future(other);
  (void)state;
  assert_status(LOOP_EWRONGLOOP, loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop_unref(loop);
  loop_unref(other);
}

static void loop_virtual_clock_jumps_to_the_next_timer(void **state) {
  loop_t *loop = new_virtual_loop();
  double start = loop_time(loop);
  struct trace trace = {""};
  struct mark mark = {&trace, "hour"};
  (void)state;
  assert_ok(loop_call_later(loop, 3600, mark_callback, &mark, NULL, NULL));
  assert_true(fabs(loop_timeout(loop) - 3600) < 1e-6);
  run_dry(loop);
  assert_true(fabs(loop_time(loop) - start - 3600) < 1e-6);
  assert_true(loop_timeout(loop) < 0);
  loop_unref(loop);
}

static void loop_timeout_is_zero_while_something_is_ready(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "ready"};
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &mark, NULL, NULL));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_trace("ready", &trace);
  loop_unref(loop);
}

static void loop_used_in_a_child_process_is_eforked(void **state) {
  loop_t *loop = new_virtual_loop();
  int status = 0;
  pid_t child = fork();
  (void)state;
  if (child == 0) _exit(loop_run_once(loop, 0) == LOOP_EFORKED ? 0 : 1);
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
  turn(loop);
  loop_unref(loop);
}

static void loop_new_without_descriptors_is_emfile(void **state) {
  struct rlimit limit, none = {3, 3};
  loop_t *loop = NULL;
  int status;
  (void)state;
  assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
  none.rlim_max = limit.rlim_max;
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
  status = loop_new(NULL, &loop);
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
  assert_status(-EMFILE, status);
  assert_null(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(loop_new_is_open_and_not_running),
      TEST(loop_new_without_output_is_einval),
      TEST(loop_options_unlisted_value_is_einval),
      TEST(loop_options_may_be_destroyed_before_the_loop),
      TEST(loop_close_twice_is_fine),
      TEST(loop_close_destroys_what_is_scheduled_without_calling_it),
      TEST(loop_unref_closes),
      TEST(loop_closed_refuses_everything),
      TEST(loop_null_is_einval_everywhere),
      TEST(loop_run_inside_itself_is_erunning),
      TEST(loop_run_inside_another_is_erunning),
      TEST(loop_stop_before_a_run_makes_one_turn),
      TEST(loop_stop_finishes_the_turn),
      TEST(loop_stopped_before_completion_is_estopped),
      TEST(loop_deadlock_leaves_the_loop_usable),
      TEST(loop_run_of_another_loops_future_is_ewrongloop),
      TEST(loop_virtual_clock_jumps_to_the_next_timer),
      TEST(loop_timeout_is_zero_while_something_is_ready),
      TEST(loop_used_in_a_child_process_is_eforked),
      TEST(loop_new_without_descriptors_is_emfile),
  };
  return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
