#include "boundary.hpp"

namespace {
// Hands out the future that f makes.
template <class F>
int start(loop_t *loop, future_t **ret_future, F &&f) noexcept {
  if (!ret_future) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  Ref<Future> future;
  if (Status s = f(*unwrap(loop), future)) return s;
  return give(std::move(future), ret_future);
}
}  // namespace

int loop_sock_readable(loop_t *loop, int fd, future_t **ret_future) {
  return start(loop, ret_future,
               [&](Loop &l, Ref<Future> &ret) { return SocketFuture::wait(l, fd, kReadable, ret); });
}
int loop_sock_writable(loop_t *loop, int fd, future_t **ret_future) {
  return start(loop, ret_future,
               [&](Loop &l, Ref<Future> &ret) { return SocketFuture::wait(l, fd, kWritable, ret); });
}

int loop_sock_recv(loop_t *loop, int fd, size_t max, future_t **ret_future) {
  return start(loop, ret_future, [&](Loop &l, Ref<Future> &ret) { return SocketFuture::receive(l, fd, max, ret); });
}

int loop_sock_sendall(loop_t *loop, int fd, const void *data, size_t size, future_t **ret_future) {
  if (!data && size) return status::INVALID;
  return start(loop, ret_future,
               [&](Loop &l, Ref<Future> &ret) { return SocketFuture::send_all(l, fd, data, size, ret); });
}

int loop_sock_accept(loop_t *loop, int fd, future_t **ret_future) {
  return start(loop, ret_future, [&](Loop &l, Ref<Future> &ret) { return SocketFuture::accept(l, fd, ret); });
}

int value_take_fd(const value_t *value, int *ret_fd) {
  if (!ret_fd) return status::INVALID;
  return OwnedFd::take(unwrap(value), *ret_fd);
}
