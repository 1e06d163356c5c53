/* How a loop waits: how long, what ends a wait, and when the wait hook is called. */
#include "support.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A stop while the loop is not running does not leave the loop's descriptor readable. */
static void wait_stop_between_runs_is_taken(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_ok(loop_stop_threadsafe(loop));
  assert_ok(loop_run_forever(loop));
  assert_ok(loop_stop_threadsafe(loop));
  assert_ok(loop_stop_threadsafe(loop));
  for (int i = 0; i < 2; i++) turn(loop);
  double start = now();
  assert_ok(loop_run_once(loop, 0.01));
  assert_true(now() - start >= 0.01);
  loop_unref(loop);
}

/* ---- deadlines at infinity ---- */

static void wait_infinite_deadline_is_never_due(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handles[3];
  int destroyed = 0, called = 0;
  struct trace trace = {""};
  struct mark soon = {&trace, "soon"};
  (void)state, (void)called;
  assert_ok(loop_call_later(loop, INFINITY, never_call, &destroyed, count_destroy, &handles[0]));
  assert_ok(loop_call_at(loop, INFINITY, never_call, &destroyed, count_destroy, &handles[1]));
  assert_ok(loop_call_later(loop, 1e300, never_call, &destroyed, count_destroy, &handles[2]));
  for (int i = 0; i < 3; i++) assert_true(isinf(handle_when(handles[i])));
  assert_true(loop_timeout(loop) < 0);
  assert_status(LOOP_EDEADLOCK, loop_run_once(loop, -1));
  assert_status(LOOP_EDEADLOCK, loop_run_once(loop, 1e300));
  assert_true(loop_time(loop) == 0);
  assert_ok(loop_run_once(loop, 9e9));
  assert_true(loop_time(loop) == 9e9);
  /* One of them is moved, another cancelled. */
  assert_ok(handle_again(handles[0], 5));
  assert_true(handle_when(handles[0]) == 9e9 + 5);
  assert_ok(handle_again(handles[0], INFINITY));
  assert_ok(handle_cancel(handles[1]));
  assert_int_equal(1, destroyed);
  assert_ok(loop_call_later(loop, 1, mark_callback, &soon, NULL, NULL));
  for (int i = 0; i < 3; i++) assert_ok(loop_run_once(loop, 10));
  assert_trace("soon", &trace);
  loop_unref(loop);
  assert_int_equal(3, destroyed);
  for (int i = 0; i < 3; i++) handle_unref(handles[i]);
}

static void sleep_for_ever(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep(task, INFINITY, never_step));
}

static void wait_task_that_sleeps_for_ever_is_a_deadlock_on_the_virtual_clock(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, sleep_for_ever, NULL);
  struct trace reports = {""};
  (void)state;
  collect_reports(loop, &reports);
  assert_status(LOOP_EDEADLOCK, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  loop_unref(loop);
  assert_trace("", &reports);
}

/* ---- slack ---- */

static void count_down(loop_t *loop, void *left) {
  (void)loop;
  --*(int *)left;
}

static loop_t *new_loop_with(int (*set)(loop_options_t *, double), double seconds, double slack) {
  loop_options_t *options;
  loop_t *loop;
  assert_ok(loop_options_new(&options));
  if (set) assert_ok(set(options, seconds));
  assert_ok(loop_options_set_timer_slack(options, slack));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  return loop;
}

static void wait_timer_slack_refuses_what_is_no_time(void **state) {
  loop_options_t *options;
  (void)state;
  assert_ok(loop_options_new(&options));
  assert_status(-EINVAL, loop_options_set_timer_slack(options, -1));
  assert_status(-EINVAL, loop_options_set_timer_slack(options, NAN));
  assert_status(-EINVAL, loop_options_set_timer_slack(NULL, 0));
  loop_options_unref(options);
}

/* Twenty timers that are due at once, then one in a millisecond: how long it takes until that one is called. */
static double time_behind_a_crowd(loop_t *loop) {
  int left = 21;
  for (int i = 0; i < 20; i++) assert_ok(loop_call_later(loop, 0, count_down, &left, NULL, NULL));
  assert_ok(loop_call_later(loop, 0.001, count_down, &left, NULL, NULL));
  double start = now();
  while (left > 0) assert_ok(loop_run_once(loop, -1));
  double took = now() - start;
  loop_unref(loop);
  return took;
}

static void wait_behind_a_crowd_lasts_as_long_as_the_slack(void **state) {
  (void)state;
  assert_true(time_behind_a_crowd(new_loop_with(NULL, 0, 0.05)) >= 0.05);
}

/* Far below the slack, even on a busy machine. */
static void wait_of_a_loop_that_spins_has_no_slack(void **state) {
  (void)state;
  assert_true(time_behind_a_crowd(new_loop_with(loop_options_set_spin, INFINITY, 5)) < 4);
}

static void wait_slack_of_nothing_is_exact(void **state) {
  (void)state;
  assert_true(time_behind_a_crowd(new_loop_with(NULL, 0, 0)) < 4);
}

/* Twenty timers that were due at once a sleep ago: the next sleep is as long as asked for. */
static void wait_after_that_behind_a_crowd_has_no_slack(void **state) {
  loop_t *loop = new_loop_with(NULL, 0, 5);
  int left = 20;
  (void)state;
  for (int i = 0; i < 20; i++) assert_ok(loop_call_later(loop, 0, count_down, &left, NULL, NULL));
  while (left > 0) assert_ok(loop_run_once(loop, -1));
  assert_ok(loop_call_later(loop, 0.002, count_down, &left, NULL, NULL));
  assert_ok(loop_run_once(loop, 0.001)); /* the timer after the twenty */
  double start = now();
  while (left == 0) assert_ok(loop_run_once(loop, -1));
  assert_true(now() - start < 4);
  loop_unref(loop);
}

/* The slack depends on how many timers were due, not on how many there are. */
static void wait_behind_one_of_many_timers_has_no_slack(void **state) {
  loop_t *loop = new_loop_with(NULL, 0, 5);
  int left = 2;
  (void)state;
  for (int i = 0; i < 20; i++) assert_ok(loop_call_later(loop, 1000, never_call, NULL, NULL, NULL));
  assert_ok(loop_call_later(loop, 0, count_down, &left, NULL, NULL));
  assert_ok(loop_call_later(loop, 0.001, count_down, &left, NULL, NULL));
  double start = now();
  while (left > 0) assert_ok(loop_run_once(loop, -1));
  assert_true(now() - start < 4);
  loop_unref(loop);
}

/* ---- the hook ---- */

static void count_waits(loop_t *loop, int begins, void *waits) {
  (void)loop;
  *(int *)waits += begins;
}

struct host {
  pthread_mutex_t lock;
  loop_t *loop;
  struct trace trace;
  int waits, depth, destroyed;
};

static void give_lock_up(loop_t *loop, int begins, void *userdata) {
  struct host *host = userdata;
  assert_ptr_equal(host->loop, loop);
  if (begins) {
    host->waits++;
    pthread_mutex_unlock(&host->lock);
  } else {
    pthread_mutex_lock(&host->lock);
  }
  host->depth += begins ? 1 : -1;
}

static void wait_hook_surrounds_each_wait(void **state) {
  struct host host = {.lock = PTHREAD_MUTEX_INITIALIZER, .loop = new_loop()};
  (void)state;
  pthread_mutex_lock(&host.lock);
  assert_ok(loop_set_wait_hook(host.loop, give_lock_up, &host, NULL));
  turn(host.loop);
  assert_int_equal(0, host.waits);  /* it looked and did not wait */
  assert_ok(loop_run_once(host.loop, 0.001));
  assert_true(host.waits == 1 && host.depth == 0);
  assert_ok(loop_set_wait_hook(host.loop, NULL, NULL, NULL));
  assert_ok(loop_run_once(host.loop, 0.001));
  assert_int_equal(1, host.waits);
  pthread_mutex_unlock(&host.lock);
  loop_unref(host.loop);
}

static void wait_hook_replaced_is_destroyed_once(void **state) {
  loop_t *loop = new_loop();
  int first = 0, second = 0, waits = 0;
  (void)state, (void)waits;
  assert_status(-EINVAL, loop_set_wait_hook(NULL, count_waits, &first, count_destroy));
  assert_int_equal(1, first);
  assert_ok(loop_set_wait_hook(loop, count_waits, &first, count_destroy));
  assert_ok(loop_set_wait_hook(loop, count_waits, &second, count_destroy));
  assert_true(first == 2 && second == 0);
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_set_wait_hook(loop, count_waits, &first, count_destroy));
  assert_int_equal(3, first);
  loop_unref(loop);
  assert_int_equal(1, second);
}

static void replace_hook(loop_t *loop, int begins, void *destroyed) {
  (void)begins;
  assert_status(LOOP_EBUSY, loop_set_wait_hook(loop, count_waits, destroyed, count_destroy));
}

static void wait_hook_cannot_be_replaced_in_itself(void **state) {
  loop_t *loop = new_loop();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_set_wait_hook(loop, replace_hook, &destroyed, NULL));
  assert_ok(loop_run_once(loop, 0.001));
  assert_int_equal(2, destroyed);
  loop_unref(loop);
}

static void stop_it(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_ok(loop_stop(loop));
}

/* Under the lock: five callbacks and the stop, between which the loop's own thread could have scheduled as well. */
static void *post_under_the_lock(void *userdata) {
  struct host *host = userdata;
  static struct mark mark;
  mark = (struct mark){&host->trace, "b"};
  pthread_mutex_lock(&host->lock);
  if (loop_call_soon_locked(host->loop, mark_callback, &mark, NULL, NULL)) abort();
  if (loop_call_soon_locked(host->loop, stop_it, NULL, NULL, NULL)) abort();
  pthread_mutex_unlock(&host->lock);
  return NULL;
}

static void wait_locked_post_wakes_the_loop(void **state) {
  struct host host = {.lock = PTHREAD_MUTEX_INITIALIZER, .loop = new_loop()};
  pthread_t thread;
  (void)state;
  pthread_mutex_lock(&host.lock);
  assert_ok(loop_set_wait_hook(host.loop, give_lock_up, &host, NULL));
  assert_int_equal(0, pthread_create(&thread, NULL, post_under_the_lock, &host));
  assert_ok(loop_run_forever(host.loop));
  pthread_mutex_unlock(&host.lock);
  pthread_join(thread, NULL);
  assert_trace("b", &host.trace);
  loop_unref(host.loop);
}

/* A callback gives the lock to another thread between two calls of its own, as Python's interpreter does. */
static void let_another_post(loop_t *loop, void *userdata) {
  struct host *host = userdata;
  static struct mark before, after;
  pthread_t thread;
  before = (struct mark){&host->trace, "a"};
  after = (struct mark){&host->trace, "c"};
  assert_ok(loop_call_soon(loop, mark_callback, &before, NULL, NULL));
  pthread_mutex_unlock(&host->lock);
  assert_int_equal(0, pthread_create(&thread, NULL, post_under_the_lock, host));
  pthread_join(thread, NULL);
  pthread_mutex_lock(&host->lock);
  assert_ok(loop_call_soon(loop, mark_callback, &after, NULL, NULL));
}

static void wait_locked_posts_are_called_in_their_order(void **state) {
  struct host host = {.lock = PTHREAD_MUTEX_INITIALIZER, .loop = new_loop()};
  (void)state;
  pthread_mutex_lock(&host.lock);
  assert_ok(loop_set_wait_hook(host.loop, give_lock_up, &host, NULL));
  assert_ok(loop_call_soon(host.loop, let_another_post, &host, NULL, NULL));
  assert_ok(loop_run_forever(host.loop));
  pthread_mutex_unlock(&host.lock);
  assert_trace("a b c", &host.trace);
  loop_unref(host.loop);
}

static void wait_locked_post_without_a_hook_is_threadsafe(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark a = {&trace, "a"}, b = {&trace, "b"};
  handle_t *handle;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon_locked(loop, mark_callback, &a, NULL, &handle));
  assert_ok(loop_call_soon_locked(loop, mark_callback, &b, NULL, NULL));
  turn(loop);
  assert_trace("a b", &trace);
  handle_unref(handle);
  assert_status(-EINVAL, loop_call_soon_locked(loop, NULL, &destroyed, count_destroy, NULL));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_call_soon_locked(loop, never_call, &destroyed, count_destroy, NULL));
  assert_int_equal(2, destroyed);
  loop_unref(loop);
}

/* ---- which poller ---- */

static void wait_unknown_poller_in_the_environment_is_refused(void **state) {
  const char *was = getenv("BOUCLE_POLLER");
  loop_options_t *options;
  loop_t *loop = NULL;
  char *kept = was ? strdup(was) : NULL;
  (void)state;
  setenv("BOUCLE_POLLER", "kqueue", 1);
  assert_status(LOOP_ENOPOLLER, loop_new(NULL, &loop));
  assert_null(loop);
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_poller(options, LOOP_POLLER_POLL));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  loop_unref(loop);
  kept ? setenv("BOUCLE_POLLER", kept, 1) : unsetenv("BOUCLE_POLLER");
  free(kept);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(wait_stop_between_runs_is_taken),
      TEST(wait_infinite_deadline_is_never_due),
      TEST(wait_task_that_sleeps_for_ever_is_a_deadlock_on_the_virtual_clock),
      TEST(wait_timer_slack_refuses_what_is_no_time),
      TEST(wait_behind_a_crowd_lasts_as_long_as_the_slack),
      TEST(wait_of_a_loop_that_spins_has_no_slack),
      TEST(wait_slack_of_nothing_is_exact),
      TEST(wait_after_that_behind_a_crowd_has_no_slack),
      TEST(wait_behind_one_of_many_timers_has_no_slack),
      TEST(wait_hook_surrounds_each_wait),
      TEST(wait_hook_replaced_is_destroyed_once),
      TEST(wait_hook_cannot_be_replaced_in_itself),
      TEST(wait_locked_post_wakes_the_loop),
      TEST(wait_locked_posts_are_called_in_their_order),
      TEST(wait_locked_post_without_a_hook_is_threadsafe),
      TEST(wait_unknown_poller_in_the_environment_is_refused),
  };
  return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
