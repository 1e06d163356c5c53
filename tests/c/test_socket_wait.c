/* Sockets of the user's: waiting, accepting, what is refused, and the end of the loop. */
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- waiting, refusals and the end ---- */

static void socket_readable_and_writable_are_told(void **state) {
  struct fixture f;
  future_t *readable, *writable;
  int pipe_ends[2];
  (void)state;
  open_fixture(&f);
  assert_ok(loop_sock_readable(f.loop, f.ends[0], &readable));
  assert_ok(loop_sock_writable(f.loop, f.ends[0], &writable));
  assert_ok(loop_run_until_complete(f.loop, writable, NULL));
  assert_false(future_done(readable));
  put(f.ends[1], "x");
  assert_ok(loop_run_until_complete(f.loop, readable, NULL));
  future_unref(readable);
  future_unref(writable);
  assert_int_equal(0, pipe(pipe_ends)); /* any descriptor that can be watched */
  assert_ok(loop_sock_readable(f.loop, pipe_ends[0], &readable));
  close(pipe_ends[1]);
  assert_ok(loop_run_until_complete(f.loop, readable, NULL));
  future_unref(readable);
  close(pipe_ends[0]);
  close_fixture(&f);
}

static void socket_that_is_none_fails(void **state) {
  loop_t *loop = new_loop();
  future_t *future = NULL;
  int ends[2], file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), closed;
  (void)state;
  assert_int_equal(0, pipe(ends));
  closed = dup(file);
  close(closed);
  assert_fails_with(loop, -ENOTSOCK, receive(loop, ends[0], 1));
  assert_fails_with(loop, -ENOTSOCK, receive(loop, file, 1));
  assert_fails_with(loop, -EBADF, receive(loop, closed, 1));
  assert_fails_with(loop, -EBADF, receive(loop, -1, 1));
  assert_status(-EPERM, loop_sock_readable(loop, file, &future));
  assert_status(-EBADF, loop_sock_readable(loop, closed, &future));
  assert_status(-EBADF, loop_sock_writable(loop, -1, &future));
  assert_null(future);
  loop_unref(loop);
  close(file);
  close(ends[0]);
  close(ends[1]);
}

static void socket_arguments_are_checked(void **state) {
  struct fixture f;
  future_t *future = NULL;
  int fd = -2;
  (void)state;
  open_fixture(&f);
  assert_status(-EINVAL, loop_sock_readable(NULL, 0, &future));
  assert_status(-EINVAL, loop_sock_writable(f.loop, 0, NULL));
  assert_status(-EINVAL, loop_sock_recv(NULL, 0, 1, &future));
  assert_status(-EINVAL, loop_sock_recv(f.loop, 0, 1, NULL));
  assert_status(-EINVAL, loop_sock_sendall(f.loop, f.ends[0], NULL, 1, &future));
  assert_status(-EINVAL, loop_sock_sendall(NULL, f.ends[0], "x", 1, &future));
  assert_status(-EINVAL, loop_sock_accept(f.loop, 0, NULL));
  assert_status(-EINVAL, value_take_fd(NULL, NULL));
  assert_status(LOOP_EKIND, value_take_fd(NULL, &fd));
  assert_ok(loop_close(f.loop));
  assert_status(LOOP_ECLOSED, loop_sock_recv(f.loop, f.ends[0], 1, &future));
  assert_status(LOOP_ECLOSED, loop_sock_readable(f.loop, f.ends[0], &future));
  assert_null(future);
  assert_int_equal(-2, fd);
  close_fixture(&f);
}

/* As in asyncio: what still waits stays pending. */
static void socket_that_waits_when_the_loop_closes_stays_pending(void **state) {
  struct fixture f;
  future_t *first, *second, *ready;
  (void)state;
  open_fixture(&f);
  first = receive(f.loop, f.ends[0], 10);
  second = receive(f.loop, f.ends[0], 10);
  assert_ok(loop_sock_writable(f.loop, f.ends[0], &ready));
  assert_ok(loop_close(f.loop));
  assert_false(future_done(first) || future_done(second) || future_done(ready));
  assert_ok(future_cancel(second, NULL, NULL));
  future_unref(first);
  future_unref(second);
  future_unref(ready);
  close_fixture(&f);
}

/* On a virtual clock: timers come first, and with nothing else the descriptor is waited for. */
static void socket_on_a_virtual_clock_waits_after_the_timers(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future;
  int ends[2], calls = 0;
  (void)state;
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  future = receive(loop, ends[0], 10);
  assert_ok(loop_call_later(loop, 3600, on_call, &calls, NULL, NULL));
  while (calls == 0) assert_ok(loop_run_once(loop, -1));
  assert_true(loop_time(loop) >= 3600);
  put(ends[1], "x");
  assert_bytes(loop, "x", future);
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop));
  loop_unref(loop);
  close(ends[0]);
  close(ends[1]);
}

/* ---- accepting ---- */

static int listen_on_loopback(struct sockaddr_in *address) {
  socklen_t size = sizeof *address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(0, bind(fd, (struct sockaddr *)address, sizeof *address));
  assert_int_equal(0, listen(fd, 8));
  assert_int_equal(0, getsockname(fd, (struct sockaddr *)address, &size));
  return fd;
}

static int connect_to(const struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_int_equal(0, connect(fd, (const struct sockaddr *)address, sizeof *address));
  return fd;
}

static void socket_accepts_now_and_later(void **state) {
  struct sockaddr_in address;
  int listener = listen_on_loopback(&address), client, fd, again = -2;
  loop_t *loop = new_loop();
  future_t *future;
  value_t *value;
  (void)state;
  assert_ok(loop_sock_accept(loop, listener, &future));
  assert_false(future_done(future));
  client = connect_to(&address);
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_ok(value_take_fd(value, &fd));
  assert_status(LOOP_EINVALIDSTATE, value_take_fd(value, &again));
  assert_int_equal(-2, again);
  value_unref(value);
  future_unref(future);
  put(client, "hi");
  assert_bytes(loop, "hi", receive(loop, fd, 10));
  assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC);
  close(fd);
  close(client);
  client = connect_to(&address);
  assert_ok(loop_sock_accept(loop, listener, &future));
  assert_true(future_done(future));
  future_unref(future); /* nobody takes it: it is closed */
  assert_int_equal(0, read(client, &again, 1));
  close(client);
  loop_unref(loop);
  close(listener);
}

static void socket_cancelled_accept_leaves_the_connection(void **state) {
  struct sockaddr_in address;
  int listener = listen_on_loopback(&address), client;
  loop_t *loop = new_loop();
  future_t *first, *second;
  value_t *value;
  (void)state;
  assert_ok(loop_sock_accept(loop, listener, &first));
  client = connect_to(&address);
  assert_ok(future_cancel(first, NULL, NULL));
  assert_ok(loop_sock_accept(loop, listener, &second));
  assert_ok(loop_run_until_complete(loop, second, &value));
  value_unref(value);
  future_unref(first);
  future_unref(second);
  close(client);
  loop_unref(loop);
  close(listener);
}

static void socket_that_does_not_listen_accepts_nothing(void **state) {
  struct fixture f;
  future_t *future;
  int ends[2];
  (void)state;
  open_fixture(&f);
  for (int flags = 0; flags <= O_NONBLOCK; flags += O_NONBLOCK) { /* one that blocks is asked before it is waited for */
    assert_int_equal(0, fcntl(f.ends[0], F_SETFL, flags));
    assert_ok(loop_sock_accept(f.loop, f.ends[0], &future));
    assert_fails_with(f.loop, -EINVAL, future);
  }
  assert_int_equal(0, pipe(ends));
  assert_ok(loop_sock_accept(f.loop, ends[0], &future));
  assert_fails_with(f.loop, -ENOTSOCK, future);
  close(ends[0]);
  close(ends[1]);
  close_fixture(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(socket_readable_and_writable_are_told),
      TEST(socket_that_is_none_fails),
      TEST(socket_arguments_are_checked),
      TEST(socket_that_waits_when_the_loop_closes_stays_pending),
      TEST(socket_on_a_virtual_clock_waits_after_the_timers),
      TEST(socket_accepts_now_and_later),
      TEST(socket_cancelled_accept_leaves_the_connection),
      TEST(socket_that_does_not_listen_accepts_nothing),
  };
  return cmocka_run_group_tests_name("socket_wait", tests, NULL, NULL);
}
