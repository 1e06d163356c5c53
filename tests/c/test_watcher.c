/* Readers and writers of file descriptors, on the real clock. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
  loop_t *loop;
  int read_end, write_end;
  int calls;
};

static void open_fixture(struct fixture *fixture) {
  int ends[2];
  assert_int_equal(0, pipe(ends));
  *fixture = (struct fixture){new_loop(), ends[0], ends[1], 0};
}

static void close_fixture(struct fixture *fixture) {
  loop_unref(fixture->loop);
  close(fixture->read_end);
  close(fixture->write_end);
}

static void read_one(loop_t *loop, void *userdata) {
  struct fixture *fixture = userdata;
  char byte;
  (void)loop;
  assert_int_equal(1, read(fixture->read_end, &byte, 1));
  fixture->calls++;
}

static void count_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}

static void watcher_reader_is_called_while_there_is_something_to_read(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, read_one, &f, NULL));
  turn(f.loop);
  assert_int_equal(0, f.calls);
  assert_int_equal(2, write(f.write_end, "ab", 2));
  for (int i = 0; i < 6; i++) turn(f.loop);
  assert_int_equal(2, f.calls);
  close_fixture(&f);
}

static void watcher_reader_sees_the_end_of_a_pipe(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, count_call, &f.calls, NULL));
  close(f.write_end);
  assert_ok(loop_run_once(f.loop, -1));
  turn(f.loop);
  assert_true(f.calls > 0);
  f.write_end = dup(f.read_end);
  close_fixture(&f);
}

static void watcher_writer_is_called_while_there_is_room(void **state) {
  struct fixture f;
  int calls, removed = 0;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_writer(f.loop, f.write_end, count_call, &f.calls, NULL));
  for (int i = 0; i < 4; i++) turn(f.loop);
  calls = f.calls;
  assert_true(calls >= 3);
  assert_ok(loop_remove_writer(f.loop, f.write_end, &removed));
  assert_int_equal(1, removed);
  turn(f.loop);
  assert_int_equal(calls, f.calls);
  close_fixture(&f);
}

static void watcher_added_again_replaces_the_first(void **state) {
  struct fixture f;
  int destroyed = 0;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, never_call, &destroyed, count_destroy));
  assert_ok(loop_add_reader(f.loop, f.read_end, read_one, &f, NULL));
  assert_int_equal(1, destroyed);
  assert_int_equal(1, write(f.write_end, "a", 1));
  assert_ok(loop_run_once(f.loop, -1));
  turn(f.loop);
  assert_int_equal(1, f.calls);
  close_fixture(&f);
}

static void watcher_removed_is_destroyed_and_not_called(void **state) {
  struct fixture f;
  int destroyed = 0, removed = -1;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, never_call, &destroyed, count_destroy));
  assert_int_equal(1, write(f.write_end, "a", 1));
  assert_ok(loop_remove_reader(f.loop, f.read_end, &removed));
  assert_true(removed == 1 && destroyed == 1);
  assert_ok(loop_remove_reader(f.loop, f.read_end, &removed));
  assert_true(removed == 0 && destroyed == 1);
  turn(f.loop);
  close_fixture(&f);
}

static void watcher_removed_without_output_is_fine(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_remove_reader(f.loop, f.read_end, NULL));
  assert_ok(loop_remove_writer(f.loop, f.write_end, NULL));
  close_fixture(&f);
}

static void watcher_left_at_close_is_destroyed_once(void **state) {
  struct fixture f;
  int destroyed = 0;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, never_call, &destroyed, count_destroy));
  assert_ok(loop_add_writer(f.loop, f.write_end, never_call, &destroyed, count_destroy));
  assert_ok(loop_close(f.loop));
  assert_int_equal(2, destroyed);
  close_fixture(&f);
  assert_int_equal(2, destroyed);
}

static void watcher_of_a_bad_descriptor_fails_and_destroys(void **state) {
  struct fixture f;
  int destroyed = 0, closed;
  (void)state;
  open_fixture(&f);
  closed = dup(f.read_end);
  close(closed);
  assert_status(-EBADF, loop_add_reader(f.loop, closed, never_call, &destroyed, count_destroy));
  assert_true(loop_add_reader(f.loop, -1, never_call, &destroyed, count_destroy) < 0);
  assert_status(-EINVAL, loop_add_reader(f.loop, f.read_end, NULL, &destroyed, count_destroy));
  assert_int_equal(3, destroyed);
  turn(f.loop);
  close_fixture(&f);
}

static void watcher_of_a_regular_file_is_eperm(void **state) {
  struct fixture f;
  int destroyed = 0, file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  (void)state;
  open_fixture(&f);
  assert_status(-EPERM, loop_add_reader(f.loop, file, never_call, &destroyed, count_destroy));
  assert_int_equal(1, destroyed);
  close(file);
  close_fixture(&f);
}

static void remove_own_reader(loop_t *loop, void *userdata) {
  struct fixture *f = userdata;
  int removed;
  assert_ok(loop_remove_reader(loop, f->read_end, &removed));
  assert_int_equal(1, removed);
  f->calls++;
}

static void watcher_may_remove_itself_while_called(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  assert_int_equal(1, write(f.write_end, "a", 1));
  assert_ok(loop_add_reader(f.loop, f.read_end, remove_own_reader, &f, NULL));
  for (int i = 0; i < 4; i++) turn(f.loop);
  assert_int_equal(1, f.calls);
  close_fixture(&f);
}

static void watcher_of_both_directions_keeps_one_when_the_other_is_removed(void **state) {
  struct fixture f;
  int ends[2], reads = 0, writes = 0;
  (void)state;
  open_fixture(&f);
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  assert_int_equal(1, write(ends[1], "a", 1));
  assert_ok(loop_add_reader(f.loop, ends[0], count_call, &reads, NULL));
  assert_ok(loop_add_writer(f.loop, ends[0], count_call, &writes, NULL));
  assert_ok(loop_remove_writer(f.loop, ends[0], NULL));
  for (int i = 0; i < 3; i++) turn(f.loop);
  assert_true(reads > 0 && writes == 0);
  assert_ok(loop_remove_reader(f.loop, ends[0], NULL));
  close(ends[0]);
  close(ends[1]);
  close_fixture(&f);
}

/* ---- embedding ---- */

static void loop_fd_is_readable_when_a_descriptor_is_ready(void **state) {
  struct fixture f;
  struct timeval now = {0, 0};
  fd_set set;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, read_one, &f, NULL));
  turn(f.loop);
  if (loop_fd(f.loop) < 0) { /* poll(2) has no descriptor of its own */
    close_fixture(&f);
    return;
  }
  assert_int_equal(1, write(f.write_end, "a", 1));
  FD_ZERO(&set);
  FD_SET(loop_fd(f.loop), &set);
  assert_int_equal(1, select(loop_fd(f.loop) + 1, &set, NULL, NULL, &now));
  turn(f.loop);
  turn(f.loop);
  assert_int_equal(1, f.calls);
  close_fixture(&f);
}

static int is_readable(loop_t *loop) {
  struct pollfd fd = {loop_fd(loop), POLLIN, 0};
  return poll(&fd, 1, 0);
}

static void loop_fd_is_readable_only_while_something_was_posted(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  for (int round = 0; round < 3 && loop_fd(loop) >= 0; round++) {
    assert_int_equal(0, is_readable(loop));
    assert_ok(loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL));
    assert_int_equal(1, is_readable(loop));
    turn(loop);
    assert_int_equal(0, is_readable(loop));
    assert_ok(loop_stop_threadsafe(loop));
    assert_int_equal(1, is_readable(loop));
    turn(loop);
  }
  loop_unref(loop);
}

static void call_again(loop_t *loop, void *left) {
  if (--*(int *)left > 0) assert_ok(loop_call_soon(loop, call_again, left, NULL, NULL));
  else assert_ok(loop_stop(loop));
}
static void stop_on_byte(loop_t *loop, void *fixture) {
  read_one(loop, fixture);
  assert_ok(loop_stop(loop));
}

/* A busy loop looks at its descriptors every 20 microseconds, and in the first turn of each run. */
static void watcher_is_called_by_a_busy_loop(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, stop_on_byte, &f, NULL));
  for (int run = 0; run < 20; run++) {
    int left = 50000000;
    assert_ok(loop_call_soon(f.loop, call_again, &left, NULL, NULL));
    assert_int_equal(1, write(f.write_end, "x", 1));
    assert_ok(loop_run_forever(f.loop));
    assert_int_equal(run + 1, f.calls);
    assert_true(left > 49000000);
  }
  close_fixture(&f);
}

static void write_late(loop_t *loop, void *fixture) {
  (void)loop;
  assert_int_equal(1, write(((struct fixture *)fixture)->write_end, "x", 1));
}

static void watcher_that_becomes_ready_is_called_by_a_busy_loop(void **state) {
  struct fixture f;
  int left = 50000000;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.read_end, stop_on_byte, &f, NULL));
  assert_ok(loop_call_soon(f.loop, call_again, &left, NULL, NULL));
  assert_ok(loop_call_later(f.loop, 0.002, write_late, &f, NULL, NULL));
  assert_ok(loop_run_forever(f.loop));
  assert_true(f.calls == 1 && left > 0);
  close_fixture(&f);
}

static void count_lost(loop_t *loop, const report_t *report, void *lost) {
  (void)loop;
  *(int *)lost += strstr(report_message(report), "was closed while it was watched") != NULL;
}

/* The kernel still reports the file, and its registration can no longer be removed. The loop reports this once, and
 * waits again. */
static void watcher_of_a_closed_descriptor_with_a_duplicate_is_forgotten(void **state) {
  struct fixture f;
  int duplicate, lost = 0, turns = 0, other[2], calls = 0;
  (void)state;
  open_fixture(&f);
  assert_int_equal(0, pipe(other));
  assert_ok(loop_set_exception_handler(f.loop, count_lost, &lost, NULL));
  assert_ok(loop_add_reader(f.loop, f.read_end, never_call, NULL, NULL));
  assert_ok(loop_add_reader(f.loop, other[0], count_call, &calls, NULL));
  duplicate = dup(f.read_end);
  close(f.read_end);
  assert_ok(loop_remove_reader(f.loop, f.read_end, NULL));
  assert_int_equal(1, write(f.write_end, "x", 1));
  for (double start = loop_time(f.loop); loop_time(f.loop) < start + 0.02; turns++) {
    assert_ok(loop_run_once(f.loop, 0.02));
  }
  assert_true(turns <= 3);
  if (loop_fd(f.loop) >= 0) {  /* epoll: poll(2) watches by number, and never loses one */
    struct pollfd fd = {loop_fd(f.loop), POLLIN, 0};
    assert_int_equal(1, lost);
    assert_int_equal(0, poll(&fd, 1, 0));
  }
  /* The others are watched as before. */
  assert_int_equal(1, write(other[1], "x", 1));
  turn(f.loop);
  turn(f.loop);
  assert_true(calls > 0);
  f.read_end = duplicate;
  close_fixture(&f);
  close(other[0]);
  close(other[1]);
}

/* The number is used again and watched: events of the former file must not be taken for those of the present one. */
static void watcher_of_a_number_used_again_gets_no_event_of_the_former_file(void **state) {
  struct fixture f;
  int duplicate, lost = 0, other[2];
  (void)state;
  open_fixture(&f);
  assert_int_equal(0, pipe(other));
  assert_ok(loop_set_exception_handler(f.loop, count_lost, &lost, NULL));
  assert_ok(loop_add_reader(f.loop, f.read_end, never_call, NULL, NULL));
  duplicate = dup(f.read_end);
  assert_int_equal(f.read_end, dup2(other[0], f.read_end));
  assert_ok(loop_add_reader(f.loop, f.read_end, count_call, &f.calls, NULL));
  assert_int_equal(1, write(f.write_end, "x", 1));
  for (int i = 0; i < 5; i++) turn(f.loop);
  assert_int_equal(0, f.calls);
  assert_int_equal(1, write(other[1], "x", 1));
  for (int i = 0; i < 5; i++) turn(f.loop);
  assert_true(f.calls > 0);
  assert_ok(loop_remove_reader(f.loop, f.read_end, NULL));
  close(f.read_end);
  f.read_end = duplicate;
  close_fixture(&f);
  close(other[0]);
  close(other[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(watcher_reader_is_called_while_there_is_something_to_read),
      TEST(watcher_reader_sees_the_end_of_a_pipe),
      TEST(watcher_writer_is_called_while_there_is_room),
      TEST(watcher_added_again_replaces_the_first),
      TEST(watcher_removed_is_destroyed_and_not_called),
      TEST(watcher_removed_without_output_is_fine),
      TEST(watcher_left_at_close_is_destroyed_once),
      TEST(watcher_of_a_bad_descriptor_fails_and_destroys),
      TEST(watcher_of_a_regular_file_is_eperm),
      TEST(watcher_may_remove_itself_while_called),
      TEST(watcher_of_both_directions_keeps_one_when_the_other_is_removed),
      TEST(loop_fd_is_readable_when_a_descriptor_is_ready),
      TEST(loop_fd_is_readable_only_while_something_was_posted),
      TEST(watcher_is_called_by_a_busy_loop),
      TEST(watcher_that_becomes_ready_is_called_by_a_busy_loop),
      TEST(watcher_of_a_closed_descriptor_with_a_duplicate_is_forgotten),
      TEST(watcher_of_a_number_used_again_gets_no_event_of_the_former_file),
  };
  return cmocka_run_group_tests_name("watcher", tests, NULL, NULL);
}
