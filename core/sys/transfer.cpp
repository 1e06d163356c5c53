// transfer_now: transfers of pollers, by system calls that do not wait.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "sys/pollers.hpp"

namespace boucle {
namespace {

constexpr int64_t kWouldBlock = INT64_MIN;

int64_t negative_errno() noexcept { return errno == EAGAIN ? kWouldBlock : -errno; }

// Returns true if the system call would not block now. accept() may block although the descriptor was ready, because
// the connection may be gone again.
bool is_ready(int fd, short events) noexcept {
  pollfd probe{fd, events, 0};
  return ::poll(&probe, 1, 0) == 1;
}

// What never listens is never ready either, and must not be waited for.
int64_t check_listening(int fd) noexcept {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0) return -errno;
  return listens ? kWouldBlock : -EINVAL;
}

int64_t accept_one(int fd) noexcept {
  bool may_block = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
  if (may_block && !is_ready(fd, POLLIN)) return check_listening(fd);
  int accepted = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  return accepted < 0 ? negative_errno() : accepted;
}

// The descriptor must be nonblocking. The first call makes the system connect in the background; later ones read the
// result from SO_ERROR.
int64_t connect_or_get_result(Transfer &transfer) noexcept {
  if (!transfer.begun) {
    auto *address = static_cast<const sockaddr *>(transfer.data);
    if (connect(transfer.fd, address, static_cast<socklen_t>(transfer.size)) == 0) return 0;
    transfer.begun = errno == EINPROGRESS || errno == EINTR;
    return transfer.begun ? kWouldBlock : -errno;
  }
  if (!is_ready(transfer.fd, POLLOUT)) return kWouldBlock;
  int failed = 0;
  socklen_t size = sizeof failed;
  if (getsockopt(transfer.fd, SOL_SOCKET, SO_ERROR, &failed, &size) < 0) return -errno;
  return -failed;
}

int64_t attempt(Transfer &transfer) noexcept {
  ssize_t n;
  switch (transfer.verb) {
    case Verb::Receive: n = recv(transfer.fd, transfer.data, transfer.size, MSG_DONTWAIT); break;
    case Verb::Send: n = send(transfer.fd, transfer.data, transfer.size, MSG_DONTWAIT | MSG_NOSIGNAL); break;
    case Verb::Accept: return accept_one(transfer.fd);
    default: return connect_or_get_result(transfer);
  }
  return n < 0 ? negative_errno() : n;
}

}  // namespace

bool transfer_now(Transfer &transfer) noexcept {
  do {
    transfer.result = attempt(transfer);
  } while (transfer.result == -EINTR);
  return transfer.result != kWouldBlock;
}

}  // namespace boucle
