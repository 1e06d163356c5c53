#include "sys/waker.hpp"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace boucle {

Status Waker::open() noexcept {
  event_ = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  return event_ ? 0 : -errno;
}

void Waker::wake() noexcept {
  int saved = errno;  // a signal handler may be calling
  uint64_t one = 1;
  // It fails only with EAGAIN, if the counter is full: then the descriptor is readable anyway.
  [[maybe_unused]] ssize_t n = ::write(event_.get(), &one, sizeof one);
  errno = saved;
}

void Waker::clear() noexcept {
  uint64_t count;
  [[maybe_unused]] ssize_t n = ::read(event_.get(), &count, sizeof count);
}

}  // namespace boucle
