/* Descriptors that the library itself uses: a program cannot watch them, and a call that is refused changes nothing. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

enum { MOST = 64 };

static void find_open(bool open[MOST]) {
  for (int fd = 0; fd < MOST; fd++) open[fd] = fcntl(fd, F_GETFD) >= 0;
}

static void on_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}

/* They are those of the waker, of the signals' pipe, and of the poller. */
static void descriptor_of_the_library_is_refused(void **state) {
  bool before[MOST], after[MOST];
  int own = 0, destroyed = 0, removed = 1;
  loop_t *loop;
  (void)state;
  find_open(before);
  loop = new_loop();
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  find_open(after);
  for (int fd = 0; fd < MOST; fd++) {
    if (before[fd] || !after[fd]) continue;
    own++;
    assert_status(LOOP_EBUSY, loop_add_reader(loop, fd, never_call, &destroyed, count_destroy));
    assert_int_equal(2 * own - 1, destroyed);
    assert_status(LOOP_EBUSY, loop_add_writer(loop, fd, never_call, &destroyed, count_destroy));
    assert_int_equal(2 * own, destroyed);
    assert_ok(loop_remove_reader(loop, fd, &removed));
    assert_false(removed);
  }
  assert_true(own >= 3);
  loop_unref(loop);
}

/* After calls that were refused, the library's own descriptors still work. */
static void descriptor_refusal_changes_nothing(void **state) {
  loop_t *loop = new_loop();
  int calls = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, on_call, &calls, NULL));
  for (int fd = 3; fd < MOST; fd++) loop_add_reader(loop, fd, ignore_callback, NULL, NULL);
  for (int fd = 3; fd < MOST; fd++) assert_ok(loop_remove_reader(loop, fd, NULL));
  raise(SIGUSR1);
  while (calls == 0) assert_ok(loop_run_once(loop, -1));
  assert_ok(loop_stop_threadsafe(loop));
  assert_ok(loop_run_forever(loop));
  assert_ok(loop_call_soon_threadsafe(loop, on_call, &calls, NULL, NULL));
  while (calls == 1) assert_ok(loop_run_once(loop, -1));
  loop_unref(loop);
}

/* A watched descriptor was closed, and another file got its number: the same call watches that file. */
static void descriptor_whose_number_was_given_anew_is_watched(void **state) {
  loop_t *loop = new_loop();
  int first[2], second[2], calls = 0;
  (void)state;
  assert_int_equal(0, pipe(first));
  assert_ok(loop_add_reader(loop, first[0], never_call, NULL, NULL));
  close(first[0]);
  assert_int_equal(0, pipe(second));
  assert_int_equal(first[0], second[0]);
  assert_ok(loop_add_reader(loop, second[0], on_call, &calls, NULL));
  assert_int_equal(1, write(second[1], "x", 1));
  while (calls == 0) assert_ok(loop_run_once(loop, -1));
  assert_ok(loop_remove_reader(loop, second[0], NULL));
  loop_unref(loop);
  close(first[1]);
  close(second[0]);
  close(second[1]);
}

/* Both watchers of a descriptor are removed: the loop has nothing to wait for any more. */
static void descriptor_is_let_go_with_its_last_watcher(void **state) {
  loop_t *loop = new_virtual_loop();
  int ends[2];
  (void)state;
  assert_int_equal(0, pipe(ends));
  assert_ok(loop_add_reader(loop, ends[0], never_call, NULL, NULL));
  assert_ok(loop_add_writer(loop, ends[0], never_call, NULL, NULL));
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  assert_ok(loop_remove_writer(loop, ends[0], NULL));
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  assert_int_equal(1, write(ends[1], "x", 1));
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  loop_unref(loop);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(descriptor_of_the_library_is_refused),
      TEST(descriptor_refusal_changes_nothing),
      TEST(descriptor_whose_number_was_given_anew_is_watched),
      TEST(descriptor_is_let_go_with_its_last_watcher),
  };
  return cmocka_run_group_tests_name("own_descriptor", tests, NULL, NULL);
}
