/* Sockets of the user's: receiving and sending, at once and later, in their order, cancelled. */
#include "sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- receiving ---- */

static void socket_receives_what_is_there_at_once(void **state) {
  struct fixture f;
  future_t *future;
  (void)state;
  open_fixture(&f);
  put(f.ends[1], "hello");
  future = receive(f.loop, f.ends[0], 3);
  assert_true(future_done(future));
  assert_bytes(f.loop, "hel", future);
  assert_bytes(f.loop, "lo", receive(f.loop, f.ends[0], 100));
  close_fixture(&f);
}

static void write_later(loop_t *loop, void *fixture) {
  (void)loop;
  put(((struct fixture *)fixture)->ends[1], "later");
}

static void socket_receives_what_comes_later(void **state) {
  struct fixture f;
  future_t *future;
  (void)state;
  open_fixture(&f);
  future = receive(f.loop, f.ends[0], 100);
  assert_false(future_done(future));
  assert_ok(loop_call_soon(f.loop, write_later, &f, NULL, NULL));
  assert_bytes(f.loop, "later", future);
  close_fixture(&f);
}

static void socket_at_its_end_gives_no_bytes(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  shutdown(f.ends[1], SHUT_WR);
  assert_bytes(f.loop, "", receive(f.loop, f.ends[0], 10));
  assert_bytes(f.loop, "", receive(f.loop, f.ends[0], 10));
  close_fixture(&f);
}

/* Each gets its turn, in the order of the calls, also one that comes when there is something to read already. */
static void socket_readers_get_their_turns_in_order(void **state) {
  struct fixture f;
  future_t *first, *second, *third;
  (void)state;
  open_fixture(&f);
  first = receive(f.loop, f.ends[0], 1);
  second = receive(f.loop, f.ends[0], 1);
  put(f.ends[1], "abc");
  third = receive(f.loop, f.ends[0], 1);
  assert_false(future_done(third));
  assert_bytes(f.loop, "c", third);
  assert_bytes(f.loop, "a", first);
  assert_bytes(f.loop, "b", second);
  close_fixture(&f);
}

static void socket_and_a_watcher_share_the_descriptor(void **state) {
  struct fixture f;
  future_t *future;
  int calls = 0, removed;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_add_reader(f.loop, f.ends[0], on_call, &calls, NULL));
  future = receive(f.loop, f.ends[0], 10);
  put(f.ends[1], "x");
  assert_bytes(f.loop, "x", future);
  assert_true(calls >= 1);
  assert_ok(loop_remove_reader(f.loop, f.ends[0], &removed));
  assert_true(removed);
  future = receive(f.loop, f.ends[0], 10);
  put(f.ends[1], "y");
  assert_bytes(f.loop, "y", future);
  close_fixture(&f);
}

static void socket_cancelled_receive_loses_nothing(void **state) {
  struct fixture f;
  future_t *first, *second;
  int cancelled;
  (void)state;
  open_fixture(&f);
  first = receive(f.loop, f.ends[0], 10);
  second = receive(f.loop, f.ends[0], 10);
  assert_ok(future_cancel(first, NULL, &cancelled));
  assert_true(cancelled && future_cancelled(first));
  put(f.ends[1], "kept");
  assert_bytes(f.loop, "kept", second);
  future_unref(first);
  close_fixture(&f);
}

/* The descriptor was ready, and its turn had come: the bytes stay where they are. */
static void socket_cancelled_on_the_ready_queue_loses_nothing(void **state) {
  struct fixture f;
  future_t *future;
  (void)state;
  open_fixture(&f);
  future = receive(f.loop, f.ends[0], 10);
  put(f.ends[1], "kept");
  for (int i = 0; i < 2 && !future_done(future); i++) {
    assert_ok(loop_run_once(f.loop, 0));
    if (i == 0 && !future_done(future)) assert_ok(future_cancel(future, NULL, NULL));
  }
  if (future_cancelled(future)) assert_bytes(f.loop, "kept", receive(f.loop, f.ends[0], 10));
  future_unref(future);
  close_fixture(&f);
}

static void socket_that_is_dropped_does_not_wait_any_more(void **state) {
  struct fixture f;
  (void)state;
  open_fixture(&f);
  future_unref(receive(f.loop, f.ends[0], 10)); /* its queue keeps it */
  put(f.ends[1], "x");
  for (int i = 0; i < 3; i++) assert_ok(loop_run_once(f.loop, 0));
  put(f.ends[1], "y");
  assert_bytes(f.loop, "y", receive(f.loop, f.ends[0], 10));
  close_fixture(&f);
}

/* ---- sending ---- */

static void drain_some(loop_t *loop, void *fixture) {
  char bytes[32768];
  struct fixture *f = fixture;
  if (recv(f->ends[1], bytes, sizeof bytes, MSG_DONTWAIT) >= 0 || errno == EAGAIN) {
    assert_ok(loop_call_soon(loop, drain_some, f, NULL, NULL));
  }
}

static void socket_sends_all_of_a_megabyte(void **state) {
  struct fixture f;
  future_t *future;
  char *data = calloc(1, 1 << 20);
  (void)state;
  open_fixture(&f);
  assert_ok(loop_sock_sendall(f.loop, f.ends[0], data, 1 << 20, &future));
  memset(data, 'x', 1 << 20); /* it was copied */
  free(data);
  assert_false(future_done(future));
  assert_ok(loop_call_soon(f.loop, drain_some, &f, NULL, NULL));
  assert_ok(loop_run_until_complete(f.loop, future, NULL));
  future_unref(future);
  close_fixture(&f);
}

static void socket_sends_nothing_at_once(void **state) {
  struct fixture f;
  future_t *future;
  (void)state;
  open_fixture(&f);
  assert_ok(loop_sock_sendall(f.loop, f.ends[0], NULL, 0, &future));
  assert_true(future_done(future));
  assert_ok(loop_run_until_complete(f.loop, future, NULL));
  future_unref(future);
  close_fixture(&f);
}

/* Without a SIGPIPE. */
static void socket_send_to_nobody_fails(void **state) {
  struct fixture f;
  future_t *future;
  (void)state;
  open_fixture(&f);
  close(f.ends[1]);
  assert_ok(loop_sock_sendall(f.loop, f.ends[0], "x", 1, &future));
  assert_fails_with(f.loop, -EPIPE, future);
  f.ends[1] = dup(f.ends[0]);
  close_fixture(&f);
}

static void socket_send_that_waits_is_cancelled(void **state) {
  struct fixture f;
  future_t *future;
  char *data = calloc(1, 1 << 20);
  (void)state;
  open_fixture(&f);
  assert_ok(loop_sock_sendall(f.loop, f.ends[0], data, 1 << 20, &future));
  free(data);
  assert_ok(future_cancel(future, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(f.loop, future, NULL));
  future_unref(future);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(socket_receives_what_is_there_at_once),
      TEST(socket_receives_what_comes_later),
      TEST(socket_at_its_end_gives_no_bytes),
      TEST(socket_readers_get_their_turns_in_order),
      TEST(socket_and_a_watcher_share_the_descriptor),
      TEST(socket_cancelled_receive_loses_nothing),
      TEST(socket_cancelled_on_the_ready_queue_loses_nothing),
      TEST(socket_that_is_dropped_does_not_wait_any_more),
      TEST(socket_sends_all_of_a_megabyte),
      TEST(socket_sends_nothing_at_once),
      TEST(socket_send_to_nobody_fails),
      TEST(socket_send_that_waits_is_cancelled),
  };
  return cmocka_run_group_tests_name("socket", tests, NULL, NULL);
}
