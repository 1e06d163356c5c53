/* Descriptors that are closed, duplicated or hung up while they are watched; and what keeps a run from being a
 * deadlock. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"

static void make_pipe(int ends[2]) { assert_int_equal(0, pipe2(ends, O_CLOEXEC | O_NONBLOCK)); }
static void close_both(const int ends[2]) {
  close(ends[0]);
  close(ends[1]);
}
static void count_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}
/* Enough turns to call all that is ready. */
static void turns(loop_t *loop) {
  for (int i = 0; i < 3; i++) turn(loop);
}
static void add_reader(loop_t *loop, int fd, int *calls) {
  assert_ok(loop_add_reader(loop, fd, count_call, calls, NULL));
}
static void add_writer(loop_t *loop, int fd, int *calls) {
  assert_ok(loop_add_writer(loop, fd, count_call, calls, NULL));
}

/* ---- how many are watched: a virtual loop that watches nothing cannot go on ---- */

static void watching_nothing_any_more_is_a_deadlock(void **state) {
  loop_t *loop = new_virtual_loop();
  int ends[2], calls = 0, removed = 0;
  (void)state;
  make_pipe(ends);
  run_dry(loop);
  add_reader(loop, ends[0], &calls);
  assert_ok(loop_remove_reader(loop, ends[0], &removed));
  assert_int_equal(1, removed);
  run_dry(loop);
  for (int i = 0; i < 3; i++) add_reader(loop, ends[0], &calls); /* replaced, they count as one */
  add_writer(loop, ends[0], &calls);
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  assert_ok(loop_remove_writer(loop, ends[0], NULL));
  run_dry(loop);
  loop_unref(loop);
  close_both(ends);
}

static void write_byte(loop_t *loop, void *fd) {
  (void)loop;
  assert_int_equal(1, write(*(int *)fd, "x", 1));
}
static void stop_and_count(loop_t *loop, void *calls) {
  ++*(int *)calls;
  assert_ok(loop_stop(loop));
}

/* A loop that watches something waits for it, even if others were removed. */
static void watching_one_still_is_no_deadlock(void **state) {
  loop_t *loop = new_virtual_loop();
  int ends[2], other[2], calls = 0;
  (void)state;
  make_pipe(ends), make_pipe(other);
  add_reader(loop, other[0], &calls);
  assert_ok(loop_add_reader(loop, ends[0], stop_and_count, &calls, NULL));
  assert_ok(loop_remove_reader(loop, other[0], NULL));
  assert_ok(loop_remove_reader(loop, other[0], NULL));
  assert_ok(loop_call_soon(loop, write_byte, &ends[1], NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_int_equal(1, calls);
  loop_unref(loop);
  close_both(ends), close_both(other);
}

static void signal_handled_no_more_is_a_deadlock(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL)); /* replaces the former */
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, ignore_callback, NULL, NULL));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR2, NULL));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, NULL));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, NULL));
  run_dry(loop);
  loop_unref(loop);
}

static void raise_usr1(loop_t *loop, void *userdata) {
  (void)loop, (void)userdata;
  assert_int_equal(0, raise(SIGUSR1));
}

static void signal_handled_still_is_no_deadlock(void **state) {
  loop_t *loop = new_virtual_loop();
  int calls = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, never_call, NULL, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, stop_and_count, &calls, NULL));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR2, NULL));
  assert_ok(loop_call_soon(loop, raise_usr1, NULL, NULL, NULL));
  assert_ok(loop_run_forever(loop));
  assert_int_equal(1, calls);
  loop_unref(loop);
}

/* ---- what is ready ---- */

static void hang_up_wakes_reader_and_writer(void **state) {
  loop_t *loop = new_loop();
  int ends[2], reads = 0, writes = 0;
  (void)state;
  make_pipe(ends);
  add_reader(loop, ends[0], &reads);
  add_writer(loop, ends[0], &writes); /* an end that cannot be written to: only the hang-up comes */
  turns(loop);
  assert_true(reads == 0 && writes == 0);
  close(ends[1]);
  turns(loop);
  assert_true(reads > 0 && writes > 0);
  loop_unref(loop);
  close(ends[0]);
}

static void error_wakes_reader_and_writer(void **state) {
  loop_t *loop = new_loop();
  int ends[2], reads = 0, writes = 0;
  char block[4096] = {0};
  (void)state;
  make_pipe(ends);
  while (write(ends[1], block, sizeof block) > 0) {
  }
  add_reader(loop, ends[1], &reads);
  add_writer(loop, ends[1], &writes);
  turns(loop);
  assert_true(reads == 0 && writes == 0);
  close(ends[0]);
  turns(loop);
  assert_true(reads > 0 && writes > 0);
  loop_unref(loop);
  close(ends[1]);
}

static void only_the_direction_that_is_ready_is_called(void **state) {
  loop_t *loop = new_loop();
  int ends[2], reads = 0, writes = 0;
  (void)state;
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  add_reader(loop, ends[0], &reads);
  add_writer(loop, ends[0], &writes);
  turns(loop);
  assert_true(reads == 0 && writes > 0);
  assert_ok(loop_remove_writer(loop, ends[0], NULL));
  writes = 0;
  assert_int_equal(1, write(ends[1], "x", 1));
  turns(loop);
  assert_true(reads > 0 && writes == 0);
  add_writer(loop, ends[0], &writes);
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  reads = 0;
  turns(loop);
  assert_true(reads == 0 && writes > 0);
  loop_unref(loop);
  close_both(ends);
}

static void reader_is_called_once_in_a_turn(void **state) {
  loop_t *loop = new_loop();
  int ends[2], calls = 0;
  (void)state;
  make_pipe(ends);
  assert_int_equal(1, write(ends[1], "x", 1));
  add_reader(loop, ends[0], &calls);
  for (int i = 1; i <= 4; i++) {
    turn(loop);
    assert_true(calls <= i);
  }
  assert_true(calls >= 3);
  loop_unref(loop);
  close_both(ends);
}

/* ---- descriptors that were closed or duplicated ---- */

static void duplicate_under_the_same_number_can_be_watched_again(void **state) {
  loop_t *loop = new_loop();
  int ends[2], spare, calls = 0;
  (void)state;
  make_pipe(ends);
  add_reader(loop, ends[0], &calls);
  spare = dup(ends[0]);
  close(ends[0]); /* the file that was watched is still open in the duplicate */
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  assert_int_equal(ends[0], dup2(spare, ends[0]));
  add_reader(loop, ends[0], &calls);
  turns(loop);
  assert_int_equal(0, calls);
  assert_int_equal(1, write(ends[1], "x", 1));
  turns(loop);
  assert_true(calls > 0);
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  calls = 0;
  turns(loop);
  assert_int_equal(0, calls);
  loop_unref(loop);
  close(spare);
  close_both(ends);
}

static void another_file_under_the_same_number_can_be_watched(void **state) {
  loop_t *loop = new_loop();
  int ends[2], other[2], calls = 0;
  (void)state;
  make_pipe(ends), make_pipe(other);
  add_reader(loop, ends[0], &calls);
  assert_int_equal(ends[0], dup2(other[0], ends[0])); /* closes the file that was watched; the loop does not know */
  add_reader(loop, ends[0], &calls);
  turns(loop);
  assert_int_equal(0, calls);
  assert_int_equal(1, write(other[1], "x", 1));
  turns(loop);
  assert_true(calls > 0);
  loop_unref(loop);
  close_both(ends), close_both(other);
}

static void descriptors_far_apart_have_readers_of_their_own(void **state) {
  loop_t *loop = new_loop();
  int ends[2], far, near_calls = 0, far_calls = 0, removed = 1;
  (void)state;
  make_pipe(ends);
  far = fcntl(ends[0], F_DUPFD_CLOEXEC, 900);
  assert_true(far >= 900);
  add_reader(loop, ends[0], &near_calls);
  assert_ok(loop_remove_reader(loop, far, &removed)); /* a higher number than any that was watched */
  assert_int_equal(0, removed);
  add_reader(loop, far, &far_calls);
  assert_ok(loop_remove_reader(loop, far - 1, &removed));
  assert_int_equal(0, removed);
  assert_ok(loop_remove_reader(loop, -1, &removed));
  assert_int_equal(0, removed);
  assert_int_equal(1, write(ends[1], "x", 1));
  turns(loop);
  assert_true(near_calls > 0 && far_calls > 0);
  assert_ok(loop_remove_reader(loop, far, &removed));
  assert_int_equal(1, removed);
  far_calls = 0;
  turns(loop);
  assert_int_equal(0, far_calls);
  close(far);
  loop_unref(loop);
  close_both(ends);
}

static void watcher_that_cannot_be_added_leaves_the_former_one(void **state) {
  loop_t *loop = new_loop();
  int ends[2], calls = 0, destroyed = 0;
  (void)state;
  make_pipe(ends);
  add_reader(loop, ends[0], &calls);
  assert_status(-EINVAL, loop_add_reader(loop, ends[0], NULL, &destroyed, count_destroy));
  assert_int_equal(1, destroyed);
  assert_int_equal(1, write(ends[1], "x", 1));
  turns(loop);
  assert_true(calls > 0);
  loop_unref(loop);
  close_both(ends);
}

static void poller_is_the_one_that_was_chosen(void **state) {
  static const loop_poller_t pollers[] = {LOOP_POLLER_EPOLL, LOOP_POLLER_POLL};
  loop_options_t *options;
  (void)state;
  assert_ok(loop_options_new(&options));
  for (size_t i = 0; i < COUNT(pollers); i++) {
    loop_t *loop;
    assert_ok(loop_options_set_poller(options, pollers[i]));
    assert_ok(loop_new(options, &loop));
    assert_int_equal(pollers[i] == LOOP_POLLER_EPOLL, loop_fd(loop) >= 0);
    assert_ok(loop_close(loop));
    assert_int_equal(-1, loop_fd(loop));
    loop_unref(loop);
  }
  loop_options_unref(options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(watching_nothing_any_more_is_a_deadlock),
      TEST(watching_one_still_is_no_deadlock),
      TEST(signal_handled_no_more_is_a_deadlock),
      TEST(signal_handled_still_is_no_deadlock),
      TEST(hang_up_wakes_reader_and_writer),
      TEST(error_wakes_reader_and_writer),
      TEST(only_the_direction_that_is_ready_is_called),
      TEST(reader_is_called_once_in_a_turn),
      TEST(duplicate_under_the_same_number_can_be_watched_again),
      TEST(another_file_under_the_same_number_can_be_watched),
      TEST(descriptors_far_apart_have_readers_of_their_own),
      TEST(watcher_that_cannot_be_added_leaves_the_former_one),
      TEST(poller_is_the_one_that_was_chosen),
  };
  return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
