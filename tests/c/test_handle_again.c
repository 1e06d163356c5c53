/* Timers that are armed again. */
#include "support.h"

#include <errno.h>
#include <math.h>

static void handle_again_moves_the_call(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark first = {&trace, "first"}, second = {&trace, "second"};
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_later(loop, 1, mark_callback, &first, NULL, &handle));
  assert_ok(loop_call_later(loop, 3, mark_callback, &second, NULL, NULL));
  assert_ok(handle_again(handle, 3));
  assert_true(handle_when(handle) == 3);
  run_dry(loop);
  assert_trace("second first", &trace); /* as if it was scheduled again */
  handle_unref(handle);
  loop_unref(loop);
}

static double called_at;
static void note_time(loop_t *loop, void *userdata) {
  (void)userdata;
  called_at = loop_time(loop);
  assert_ok(loop_stop(loop));
}

/* On the real clock, a timer that is moved to later stays in its slot until its old deadline. */
static void handle_again_on_the_real_clock_is_neither_early_nor_lost(void **state) {
  loop_t *loop;
  handle_t *handle;
  (void)state;
  assert_ok(loop_new(NULL, &loop));
  for (int delay_ms = 30; delay_ms >= 0; delay_ms -= 15) { /* later than before, and sooner */
    assert_ok(loop_call_later(loop, 0.01, note_time, NULL, NULL, &handle));
    assert_ok(handle_again(handle, 0.02));
    assert_ok(handle_again(handle, delay_ms / 1e3));
    double when = handle_when(handle);
    assert_ok(loop_run_forever(loop));
    assert_true(called_at >= when);
    handle_unref(handle);
  }
  loop_unref(loop);
}

static void handle_again_of_a_ready_call_takes_it_back(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark soon = {&trace, "soon"}, later = {&trace, "later"};
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &soon, NULL, &handle));
  assert_ok(loop_call_later(loop, 1, mark_callback, &later, NULL, NULL));
  assert_ok(handle_again(handle, 2));
  turn(loop);
  assert_trace("", &trace);
  run_dry(loop);
  assert_trace("later soon", &trace);
  handle_unref(handle);
  loop_unref(loop);
}

static void handle_again_of_a_ready_call_tells_its_new_time(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  (void)state;
  assert_ok(loop_run_once(loop, 1));
  assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, &handle));
  assert_ok(handle_again(handle, 2));
  assert_true(handle_when(handle) == 3);
  handle_unref(handle);
  loop_unref(loop);
}

static void handle_again_of_a_post_is_refused_until_it_has_arrived(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "called"};
  handle_t *handle, *first;
  (void)state;
  assert_ok(loop_call_soon_threadsafe(loop, mark_callback, &mark, NULL, &handle));
  assert_status(LOOP_EINVALIDSTATE, handle_again(handle, 2));
  assert_ok(loop_call_soon(loop, mark_callback, &mark, NULL, &first)); /* earlier posts are called before it */
  assert_ok(handle_again(handle, 2));
  turn(loop);
  assert_trace("called", &trace);
  run_dry(loop);
  assert_true(loop_time(loop) == 2);
  assert_trace("called called", &trace);
  handle_unref(handle);
  handle_unref(first);
  loop_unref(loop);
}

static void handle_again_of_what_is_over_is_refused(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "called"};
  handle_t *called, *cancelled;
  (void)state;
  assert_ok(loop_call_later(loop, 1, mark_callback, &mark, NULL, &called));
  assert_ok(loop_call_later(loop, 1, mark_callback, &mark, NULL, &cancelled));
  assert_ok(handle_cancel(cancelled));
  assert_int_equal(-EINVAL, handle_again(NULL, 1));
  assert_int_equal(-EINVAL, handle_again(called, NAN));
  assert_int_equal(LOOP_EINVALIDSTATE, handle_again(cancelled, 1));
  run_dry(loop);
  assert_int_equal(LOOP_EINVALIDSTATE, handle_again(called, 1));
  assert_ok(loop_close(loop));
  assert_int_equal(LOOP_ECLOSED, handle_again(called, 1));
  assert_trace("called", &trace);
  handle_unref(called);
  handle_unref(cancelled);
  loop_unref(loop);
}

static void call_again(loop_t *loop, void *handle) {
  (void)loop;
  assert_int_equal(LOOP_EINVALIDSTATE, handle_again(*(handle_t **)handle, 1));
}

static void handle_again_within_its_call_is_refused(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_later(loop, 1, call_again, &handle, NULL, &handle));
  run_dry(loop);
  handle_unref(handle);
  loop_unref(loop);
}

static void again_in_its_destroy(void *handle) {
  assert_status(LOOP_EINVALIDSTATE, handle_again(*(handle_t **)handle, 1));
  handle_unref(*(handle_t **)handle);
}

static void handle_again_while_it_is_being_cancelled_is_refused(void **state) {
  (void)state;
  for (int is_virtual = 0; is_virtual < 2; is_virtual++) {
    loop_t *loop = is_virtual ? new_virtual_loop() : new_loop();
    handle_t *handle;
    assert_ok(loop_call_later(loop, 0.001, never_call, &handle, again_in_its_destroy, &handle));
    assert_ok(handle_cancel(handle));
    assert_ok(loop_run_once(loop, 0.01));
    loop_unref(loop);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(handle_again_moves_the_call),
      TEST(handle_again_on_the_real_clock_is_neither_early_nor_lost),
      TEST(handle_again_of_a_ready_call_takes_it_back),
      TEST(handle_again_of_a_ready_call_tells_its_new_time),
      TEST(handle_again_of_a_post_is_refused_until_it_has_arrived),
      TEST(handle_again_of_what_is_over_is_refused),
      TEST(handle_again_within_its_call_is_refused),
      TEST(handle_again_while_it_is_being_cancelled_is_refused),
  };
  return cmocka_run_group_tests_name("handle_again", tests, NULL, NULL);
}
