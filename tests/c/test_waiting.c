/* How long a loop waits, what ends the wait, and what a run leaves to the next. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void stop_loop(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_ok(loop_stop(loop));
}

static handle_t *call_later(loop_t *loop, double delay) {
  handle_t *handle;
  assert_ok(loop_call_later(loop, delay, ignore_callback, NULL, NULL, &handle));
  return handle;
}

static void cancel(handle_t *handle) {
  assert_ok(handle_cancel(handle));
  handle_unref(handle);
}

/* ---- timers that were cancelled ---- */

static void wait_is_until_the_first_timer_that_is_left(void **state) {
  static const double later[] = {0.004, 0.02, 0.3};
  (void)state;
  for (size_t i = 0; i < COUNT(later); i++) {
    loop_t *loop = new_loop();
    handle_t *early = call_later(loop, 0.001), *earlier = call_later(loop, 0.0005);
    double start = seconds_now(), took;
    assert_ok(loop_call_later(loop, later[i], stop_loop, NULL, NULL, NULL));
    handle_unref(call_later(loop, 60));
    cancel(early), cancel(earlier);
    assert_ok(loop_run_forever(loop));
    took = seconds_now() - start;
    assert_true(took >= later[i] && took < later[i] + 10);
    loop_unref(loop);
  }
}

/* loop_timeout is never later than the first timer, and never much earlier because of timers that were cancelled. */
static void timeout_is_that_of_the_first_timer_whichever_are_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  enum { TIMERS = 40 };
  (void)state;
  for (int first = 1; first < TIMERS; first++) {
    handle_t *handles[TIMERS];
    for (int i = 0; i < TIMERS; i++) handles[i] = call_later(loop, 0.01 * (i + 1));
    for (int i = 0; i < first; i++) assert_ok(handle_cancel(handles[i]));
    assert_true(fabs(loop_timeout(loop) - 0.01 * (first + 1)) < 1e-6);
    for (int i = 0; i < TIMERS; i++) cancel(handles[i]);
    assert_true(loop_timeout(loop) < 0);
  }
  loop_unref(loop);
}

static void timers_all_cancelled_let_a_virtual_run_end_where_it_began(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  for (int i = 0; i < 100; i++) cancel(call_later(loop, i));
  run_dry(loop);
  assert_true(loop_time(loop) == 0);
  loop_unref(loop);
}

static void virtual_clock_is_at_the_deadline_of_what_it_runs(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  cancel(call_later(loop, 1));
  handle_unref(call_later(loop, 2));
  assert_ok(loop_run_once(loop, -1));
  assert_true(loop_time(loop) == 2);
  handle_unref(call_later(loop, 3));
  assert_ok(loop_run_once(loop, 1)); /* no timer is due in that second */
  assert_true(loop_time(loop) == 3);
  assert_ok(loop_run_once(loop, 5)); /* the timer is nearer than that */
  assert_true(loop_time(loop) == 5);
  assert_ok(loop_run_once(loop, 5));
  assert_true(loop_time(loop) == 10);
  run_dry(loop);
  loop_unref(loop);
}

static void run_once_waits_for_its_timeout_and_no_longer(void **state) {
  loop_t *loop = new_loop();
  double start = seconds_now(), took;
  handle_t *late;
  (void)state;
  assert_ok(loop_run_once(loop, 0.01));
  took = seconds_now() - start;
  assert_true(took >= 0.01 && took < 10);
  late = call_later(loop, 60);
  start = seconds_now();
  assert_ok(loop_run_once(loop, 0.01));
  took = seconds_now() - start;
  assert_true(took >= 0.01 && took < 10);
  cancel(late);
  loop_unref(loop);
}

static void timer_that_is_far_away_does_not_overflow_the_wait(void **state) {
  static const double delays[] = {1e6, 1e9, 1e12, INFINITY};
  (void)state;
  for (size_t i = 0; i < COUNT(delays); i++) {
    loop_t *loop = new_loop();
    assert_ok(loop_call_later(loop, delays[i], never_call, NULL, NULL, NULL));
    assert_true(loop_timeout(loop) > 1e5 || loop_timeout(loop) < 0); /* beyond the clock there is no limit */
    assert_ok(loop_run_once(loop, 0.001));
    loop_unref(loop);
  }
}

/* ---- loop_timeout and loop_fd, for a foreign loop ---- */

static void timeout_is_zero_while_something_is_posted(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_true(loop_timeout(loop) < 0);
  assert_ok(loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_true(loop_timeout(loop) < 0);
  assert_ok(loop_stop_threadsafe(loop));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_true(loop_timeout(loop) < 0);
  assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_ok(loop_stop(loop));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_true(loop_timeout(loop) < 0);
  loop_unref(loop);
}

static void timeout_of_a_timer_that_is_overdue_is_zero(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_ok(loop_call_at(loop, loop_time(loop) - 5, ignore_callback, NULL, NULL, NULL));
  assert_true(loop_timeout(loop) == 0);
  turn(loop);
  assert_true(loop_timeout(loop) < 0);
  loop_unref(loop);
}

static int is_readable(const loop_t *loop) {
  struct pollfd fd = {loop_fd(loop), POLLIN, 0};
  return poll(&fd, 1, 0);
}

static void *post_once(void *loop) {
  return loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL) ? loop : NULL;
}
static void *stop_once(void *loop) { return loop_stop_threadsafe(loop) ? loop : NULL; }

/* In another thread, while the loop is in a callback. */
static void in_thread(loop_t *loop, void *(*main)(void *)) {
  pthread_t thread;
  void *failed;
  assert_int_equal(0, pthread_create(&thread, NULL, main, loop));
  pthread_join(thread, &failed);
  assert_null(failed);
}
static void post_and_stop(loop_t *loop, void *userdata) {
  (void)userdata;
  in_thread(loop, post_once);
  assert_ok(loop_stop(loop));
}
static void stop_from_thread(loop_t *loop, void *userdata) {
  (void)userdata;
  in_thread(loop, stop_once);
}

static void post_in_the_last_turn_of_a_run_shows_in_the_descriptor(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  for (int round = 0; round < 3; round++) {
    assert_ok(loop_call_soon(loop, post_and_stop, NULL, NULL, NULL));
    assert_ok(round ? loop_run_once(loop, 0) : loop_run_forever(loop));
    assert_true(loop_timeout(loop) == 0);
    if (loop_fd(loop) >= 0) assert_int_equal(1, is_readable(loop));
    turn(loop);
    assert_true(loop_timeout(loop) < 0);
    if (loop_fd(loop) >= 0) assert_int_equal(0, is_readable(loop));
  }
  loop_unref(loop);
}

static void stop_in_the_last_turn_of_a_run_shows_in_the_descriptor(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_ok(loop_call_soon(loop, stop_from_thread, NULL, NULL, NULL));
  turn(loop);
  assert_true(loop_timeout(loop) == 0);
  if (loop_fd(loop) >= 0) assert_int_equal(1, is_readable(loop));
  assert_ok(loop_run_forever(loop));
  if (loop_fd(loop) >= 0) assert_int_equal(0, is_readable(loop));
  loop_unref(loop);
}

static void *post_later(void *loop) {
  struct timespec pause = {0, 2000000};
  nanosleep(&pause, NULL);
  return loop_call_soon_threadsafe(loop, stop_loop, NULL, NULL, NULL) ? loop : NULL;
}

/* Also in the second sleep and the third: each is announced anew. */
static void post_ends_each_sleep(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  handle_unref(call_later(loop, 60));
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    double start = seconds_now();
    assert_int_equal(0, pthread_create(&thread, NULL, i % 2 ? stop_once : post_later, loop));
    assert_ok(loop_run_forever(loop));
    pthread_join(thread, NULL);
    assert_true(seconds_now() - start < 10);
  }
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(wait_is_until_the_first_timer_that_is_left),
      TEST(timeout_is_that_of_the_first_timer_whichever_are_cancelled),
      TEST(timers_all_cancelled_let_a_virtual_run_end_where_it_began),
      TEST(virtual_clock_is_at_the_deadline_of_what_it_runs),
      TEST(run_once_waits_for_its_timeout_and_no_longer),
      TEST(timer_that_is_far_away_does_not_overflow_the_wait),
      TEST(timeout_is_zero_while_something_is_posted),
      TEST(timeout_of_a_timer_that_is_overdue_is_zero),
      TEST(post_in_the_last_turn_of_a_run_shows_in_the_descriptor),
      TEST(stop_in_the_last_turn_of_a_run_shows_in_the_descriptor),
      TEST(post_ends_each_sleep),
  };
  return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
