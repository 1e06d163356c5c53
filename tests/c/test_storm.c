/* loop_stop_threadsafe in the handlers of many signals. It takes longer than other suites. */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static loop_t *stormy;

static void stop_from_handler(int signal) {
  (void)signal;
  if (loop_stop_threadsafe(stormy)) abort();
}

/* A loop that is stopped again and again may be so far behind that it refuses posts. */
static void post_where_there_is_room(void) {
  int status = loop_call_soon_threadsafe(stormy, ignore_callback, NULL, NULL, NULL);
  if (status && status != -ENOBUFS) abort();
}

static void *post_in_a_thread(void *stopped) {
  while (!__atomic_load_n((int *)stopped, __ATOMIC_RELAXED)) post_where_there_is_room();
  return NULL;
}

/* A timer's signal every 20 microseconds stops the run, again and again, whatever it interrupts: posts of this thread and
 * of another one, or the loop as it takes them. */
static void storm(void (*between)(void), int posts) {
  struct sigaction action = {.sa_handler = stop_from_handler, .sa_flags = SA_RESTART}, former;
  const struct itimerval often = {{0, 20}, {0, 20}}, off = {{0, 0}, {0, 0}};
  pthread_t thread;
  int stopped = 0;
  loop_options_t *options;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_post_limit(options, 64 * 1024)); /* a run is then a matter of microseconds */
  assert_ok(loop_new(options, &stormy));
  loop_options_unref(options);
  if (posts) assert_int_equal(0, pthread_create(&thread, NULL, post_in_a_thread, &stopped));
  assert_int_equal(0, sigaction(SIGALRM, &action, &former));
  assert_int_equal(0, setitimer(ITIMER_REAL, &often, NULL));
  for (int run = 0; run < 2000; run++) {
    between();
    assert_ok(loop_run_forever(stormy));
  }
  assert_int_equal(0, setitimer(ITIMER_REAL, &off, NULL));
  assert_int_equal(0, sigaction(SIGALRM, &former, NULL));
  __atomic_store_n(&stopped, 1, __ATOMIC_RELAXED);
  if (posts) pthread_join(thread, NULL);
  loop_unref(stormy);
}

static void post_some(void) {
  for (int i = 0; i < 20; i++) post_where_there_is_room();
}
static void nothing(void) {}

static void storm_of_signals_stops_each_run(void **state) {
  (void)state;
  storm(nothing, 0);
}
static void storm_of_signals_amid_posts_stops_each_run(void **state) {
  (void)state;
  storm(post_some, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(storm_of_signals_stops_each_run),
      TEST(storm_of_signals_amid_posts_stops_each_run),
  };
  return cmocka_run_group_tests_name("storm", tests, NULL, NULL);
}
