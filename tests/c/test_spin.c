/* Loops that spin before they sleep. What ends the spinning is tested with loops that spin for ever. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

static loop_t *new_loop_that_spins(double seconds, loop_clock_t clock) {
  loop_options_t *options;
  loop_t *loop;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_spin(options, seconds));
  assert_ok(loop_options_set_clock(options, clock));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  return loop;
}

static loop_t *new_spinning_loop(void) { return new_loop_that_spins(INFINITY, LOOP_CLOCK_MONOTONIC); }

static void stop_loop(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_ok(loop_stop(loop));
}

/* Runs the loop, and a thread at the same time. */
static void run_beside(loop_t *loop, void *(*main)(void *), void *userdata) {
  pthread_t thread;
  assert_int_equal(0, pthread_create(&thread, NULL, main, userdata));
  assert_ok(loop_run_forever(loop));
  pthread_join(thread, NULL);
}

static void spin_negative_or_nan_is_einval(void **state) {
  loop_options_t *options;
  (void)state;
  assert_ok(loop_options_new(&options));
  assert_status(-EINVAL, loop_options_set_spin(NULL, 0));
  assert_status(-EINVAL, loop_options_set_spin(options, -1e-9));
  assert_status(-EINVAL, loop_options_set_spin(options, -INFINITY));
  assert_status(-EINVAL, loop_options_set_spin(options, NAN));
  assert_ok(loop_options_set_spin(options, 0));
  assert_ok(loop_options_set_spin(options, INFINITY));
  assert_ok(loop_options_set_spin(options, 1e-12));
  loop_options_unref(options);
}

/* ---- what ends it ---- */

enum { ROUNDS = 200 };

struct player {
  loop_t *loop;
  int rounds, failed, was_readable;
  sem_t answered;
};

static void answer(loop_t *loop, void *userdata) {
  struct player *player = userdata;
  if (++player->rounds == ROUNDS) assert_ok(loop_stop(loop));
  sem_post(&player->answered);
}

static void *play(void *userdata) {
  struct player *player = userdata;
  struct pollfd fd = {loop_fd(player->loop), POLLIN, 0};
  for (int i = 0; i < ROUNDS; i++) {
    player->failed |= loop_call_soon_threadsafe(player->loop, answer, player, NULL, NULL);
    if (i < ROUNDS - 1) player->was_readable |= fd.fd >= 0 && poll(&fd, 1, 0) != 0;
    sem_wait(&player->answered);
  }
  return NULL;
}

static void begin_to_play(loop_t *loop, void *thread_and_player) {
  void **both = thread_and_player;
  (void)loop;
  assert_int_equal(0, pthread_create(both[0], NULL, play, both[1]));
}

/* The thread begins during the run, and nothing makes the loop's descriptor readable. */
static void spin_sees_posts_that_make_no_system_call(void **state) {
  struct player player = {.loop = new_spinning_loop()};
  pthread_t thread;
  void *both[] = {&thread, &player};
  (void)state;
  sem_init(&player.answered, 0, 0);
  assert_ok(loop_call_soon(player.loop, begin_to_play, both, NULL, NULL));
  assert_ok(loop_run_forever(player.loop));
  pthread_join(thread, NULL);
  assert_ok(player.failed);
  assert_int_equal(ROUNDS, player.rounds);
  assert_int_equal(0, player.was_readable);
  sem_destroy(&player.answered);
  loop_unref(player.loop);
}

static void spin_that_has_ended_lets_posts_wake_the_loop(void **state) {
  const double spins[] = {1e-9, 1e-6, 1e-5, 1e-4};
  (void)state;
  for (size_t i = 0; i < COUNT(spins); i++) {
    struct player player = {.loop = new_loop_that_spins(spins[i], LOOP_CLOCK_MONOTONIC)};
    sem_init(&player.answered, 0, 0);
    run_beside(player.loop, play, &player);
    assert_ok(player.failed);
    assert_int_equal(ROUNDS, player.rounds);
    sem_destroy(&player.answered);
    loop_unref(player.loop);
  }
}

static void *stop_from_thread(void *loop) { return loop_stop_threadsafe(loop) ? loop : NULL; }

static void spin_ends_with_a_stop_from_a_thread(void **state) {
  loop_t *loop = new_spinning_loop();
  (void)state;
  run_beside(loop, stop_from_thread, loop);
  loop_unref(loop);
}

static void *write_byte(void *fd) { return write(*(int *)fd, "x", 1) == 1 ? NULL : fd; }

static void spin_sees_descriptors(void **state) {
  loop_t *loop = new_spinning_loop();
  int ends[2];
  (void)state;
  assert_int_equal(0, pipe(ends));
  assert_ok(loop_add_reader(loop, ends[0], stop_loop, NULL, NULL));
  run_beside(loop, write_byte, &ends[1]);
  loop_unref(loop);
  close(ends[0]);
  close(ends[1]);
}

static void *send_signal(void *thread) {
  pthread_kill(*(pthread_t *)thread, SIGUSR1);
  return NULL;
}

static void spin_sees_signals(void **state) {
  loop_t *loop = new_spinning_loop();
  pthread_t self = pthread_self();
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, stop_loop, NULL, NULL));
  run_beside(loop, send_signal, &self);
  loop_unref(loop);
}

static void spin_ends_with_the_next_timer(void **state) {
  loop_t *loop = new_spinning_loop();
  struct trace trace = {""};
  struct mark soon = {&trace, "soon"}, later = {&trace, "later"};
  (void)state;
  assert_ok(loop_call_later(loop, 0.003, stop_loop, NULL, NULL, NULL));
  assert_ok(loop_call_later(loop, 0.002, mark_callback, &later, NULL, NULL));
  assert_ok(loop_call_later(loop, 0, mark_callback, &soon, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_trace("soon later", &trace);
  loop_unref(loop);
}

static void spin_ends_with_the_time_of_run_once(void **state) {
  loop_t *loop = new_spinning_loop();
  (void)state;
  assert_ok(loop_run_once(loop, 0));
  assert_ok(loop_run_once(loop, 0.001));
  loop_unref(loop);
}

static void spin_is_not_for_the_virtual_clock(void **state) {
  loop_t *loop = new_loop_that_spins(INFINITY, LOOP_CLOCK_VIRTUAL);
  (void)state;
  assert_ok(loop_call_later(loop, 1e6, stop_loop, NULL, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  loop_unref(loop);
}

/* ---- worker threads ---- */

static int add_one(void *userdata, value_t **ret_value) {
  return value_new_int((int64_t)(intptr_t)userdata + 1, ret_value);
}

static void spin_of_workers_runs_jobs_one_by_one(void **state) {
  loop_t *loop = new_spinning_loop();
  (void)state;
  for (int64_t i = 0; i < ROUNDS; i++) {
    future_t *future;
    value_t *value;
    int64_t sum;
    assert_ok(loop_run_in_executor(loop, add_one, (void *)(intptr_t)i, NULL, &future));
    assert_ok(loop_run_until_complete(loop, future, &value));
    assert_ok(value_get_int(value, &sum));
    assert_int_equal(i + 1, sum);
    value_unref(value);
    future_unref(future);
  }
  loop_unref(loop);
}

static int meet(void *barrier, value_t **ret_value) {
  (void)ret_value;
  pthread_barrier_wait(barrier);
  return 0;
}

/* All threads must run, although at most one of them spins. */
static void spin_of_one_worker_does_not_keep_jobs_from_others(void **state) {
  loop_t *loop = new_spinning_loop();
  pthread_barrier_t barrier;
  (void)state;
  pthread_barrier_init(&barrier, NULL, 5);
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < 4; i++) assert_ok(loop_run_in_executor(loop, meet, &barrier, NULL, NULL));
    pthread_barrier_wait(&barrier);
    assert_ok(loop_run_once(loop, 0));
  }
  loop_unref(loop); /* the threads have ended */
  pthread_barrier_destroy(&barrier);
}

static void spin_of_workers_ends_with_the_loop(void **state) {
  (void)state;
  for (int round = 0; round < 20; round++) {
    loop_t *loop = new_spinning_loop();
    future_t *future;
    for (intptr_t i = 0; i < 3; i++) assert_ok(loop_run_in_executor(loop, add_one, (void *)i, NULL, NULL));
    assert_ok(loop_run_in_executor(loop, add_one, NULL, NULL, &future));
    if (round % 2) assert_ok(loop_run_until_complete(loop, future, NULL));
    future_unref(future);
    assert_ok(loop_close(loop));
    loop_unref(loop);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(spin_negative_or_nan_is_einval),
      TEST(spin_sees_posts_that_make_no_system_call),
      TEST(spin_that_has_ended_lets_posts_wake_the_loop),
      TEST(spin_ends_with_a_stop_from_a_thread),
      TEST(spin_sees_descriptors),
      TEST(spin_sees_signals),
      TEST(spin_ends_with_the_next_timer),
      TEST(spin_ends_with_the_time_of_run_once),
      TEST(spin_is_not_for_the_virtual_clock),
      TEST(spin_of_workers_runs_jobs_one_by_one),
      TEST(spin_of_one_worker_does_not_keep_jobs_from_others),
      TEST(spin_of_workers_ends_with_the_loop),
  };
  return cmocka_run_group_tests_name("spin", tests, NULL, NULL);
}
