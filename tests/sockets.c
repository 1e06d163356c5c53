#include "sockets.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void open_fixture(struct fixture *fixture) {
  fixture->loop = new_loop();
  assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fixture->ends)); /* they may block */
}

void close_fixture(struct fixture *fixture) {
  loop_unref(fixture->loop);
  close(fixture->ends[0]);
  close(fixture->ends[1]);
}

future_t *receive(loop_t *loop, int fd, size_t max) {
  future_t *future;
  assert_ok(loop_sock_recv(loop, fd, max, &future));
  return future;
}

void assert_bytes(loop_t *loop, const char *expected, future_t *future) {
  value_t *value;
  const void *data;
  size_t size;
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_ok(value_get_bytes(value, &data, &size));
  assert_int_equal(strlen(expected), size);
  assert_memory_equal(expected, data, size);
  value_unref(value);
  future_unref(future);
}

void assert_fails_with(loop_t *loop, int status, future_t *future) {
  exception_t *exception;
  loop_run_until_complete(loop, future, NULL);
  assert_ok(future_exception(future, &exception));
  assert_non_null(exception);
  assert_int_equal(status, exception_status(exception));
  assert_true(exception_matches(exception, "OSError"));
  exception_unref(exception);
  future_unref(future);
}

void put(int fd, const char *text) { assert_int_equal(strlen(text), write(fd, text, strlen(text))); }

void on_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}
