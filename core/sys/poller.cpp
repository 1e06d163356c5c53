#include "sys/poller.hpp"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>

#include <limits>
#include <new>
#include <vector>

#include "sys/fd.hpp"

namespace boucle {
namespace {

timespec to_timespec(int64_t ns) noexcept { return {ns / 1'000'000'000, static_cast<long>(ns % 1'000'000'000)}; }

class Epoll final : public Poller {
 public:
  Status open() noexcept {
    epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
    return epoll_ ? 0 : -errno;
  }

  Status set(int fd, unsigned interest, unsigned before) noexcept override {
    epoll_event event{};
    event.data.u64 = static_cast<uint32_t>(fd) | (interest & kEdge ? kEdgeMark : 0);
    if (interest & kEdge) event.events |= EPOLLET;
    if (interest & kReadable) event.events |= EPOLLIN;
    if (interest & kWritable) event.events |= EPOLLOUT;
    int op = !interest ? EPOLL_CTL_DEL : before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll_.get(), op, fd, &event) == 0) return 0;
    // The descriptor may have been closed, or closed and opened anew, behind our back.
    if (op == EPOLL_CTL_DEL) return 0;
    if (op == EPOLL_CTL_MOD && errno == ENOENT) return set(fd, interest, 0);
    if (op == EPOLL_CTL_ADD && errno == EEXIST) return set(fd, interest, kReadable);
    return -errno;
  }

  std::span<const Readiness> wait(int64_t timeout_ns) noexcept override {
    int n = wait_for_events(timeout_ns);
    for (int i = 0; i < n; ++i) {
      uint32_t e = events_[i].events;
      unsigned ready = (e & (EPOLLIN | EPOLLHUP | EPOLLERR) ? kReadable : 0) |
                       (e & (EPOLLOUT | EPOLLHUP | EPOLLERR) ? kWritable : 0) |
                       (events_[i].data.u64 & kEdgeMark ? kEdge : 0);
      ready_[i] = {static_cast<int>(events_[i].data.u64), ready};
    }
    return {ready_, n > 0 ? static_cast<size_t>(n) : 0};
  }

  int fd() const noexcept override { return epoll_.get(); }

 private:
  // Nanoseconds where the kernel has them (5.11); else rounded up to milliseconds, so that no timer is early.
  int wait_for_events(int64_t timeout_ns) noexcept {
    if (timeout_ns > 0 && has_pwait2_) {
      timespec t = to_timespec(timeout_ns);
      int n = epoll_pwait2(epoll_.get(), events_, kBatch, &t, nullptr);
      if (n >= 0 || errno != ENOSYS) return n;
      has_pwait2_ = false;
    }
    int64_t ms = timeout_ns <= 0 ? timeout_ns : (timeout_ns + 999'999) / 1'000'000;
    return epoll_wait(epoll_.get(), events_, kBatch, ms > 86'400'000 ? 86'400'000 : static_cast<int>(ms < 0 ? -1 : ms));
  }

  static constexpr int kBatch = 256;
  static constexpr uint64_t kEdgeMark = uint64_t{1} << 32;  // above the descriptor
  Fd epoll_;
  bool has_pwait2_ = true;
  epoll_event events_[kBatch];
  Readiness ready_[kBatch];
};

class Poll final : public Poller {
 public:
  Status set(int fd, unsigned interest, unsigned before) noexcept override {
    if (!before && interest) return add(fd, interest);
    for (size_t i = 0; i < fds_.size(); ++i) {
      if (fds_[i].fd != fd) continue;
      if (interest) {
        fds_[i].events = events_of(interest);
      } else {
        fds_[i] = fds_.back();
        fds_.pop_back();
      }
      return 0;
    }
    return interest ? add(fd, interest) : 0;
  }

  std::span<const Readiness> wait(int64_t timeout_ns) noexcept override {
    timespec t = to_timespec(timeout_ns < 0 ? 0 : timeout_ns);
    int n = ppoll(fds_.data(), fds_.size(), timeout_ns < 0 ? nullptr : &t, nullptr);
    size_t count = 0;
    for (size_t i = 0; n > 0 && i < fds_.size(); ++i) {
      short r = fds_[i].revents;
      unsigned ready = (r & (POLLIN | POLLHUP | POLLERR | POLLNVAL) ? kReadable : 0) |
                       (r & (POLLOUT | POLLHUP | POLLERR | POLLNVAL) ? kWritable : 0);
      if (ready) ready_[count++] = {fds_[i].fd, ready};
    }
    return {ready_.data(), count};
  }

  int fd() const noexcept override { return -1; }

 private:
  static short events_of(unsigned interest) noexcept {
    return static_cast<short>((interest & kReadable ? POLLIN : 0) | (interest & kWritable ? POLLOUT : 0));
  }
  // poll(2) accepts anything; what epoll refuses is refused here, so that both answer alike.
  Status add(int fd, unsigned interest) noexcept {
    pollfd probe{fd, events_of(interest), 0};
    if (ppoll(&probe, 1, &kNow, nullptr) < 0) return -errno;
    if (probe.revents & POLLNVAL) return -EBADF;
    struct stat about;
    if (fstat(fd, &about) == 0 && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) return -EPERM;
    try {
      ready_.resize(fds_.size() + 1);  // room for the answer is made here: a wait cannot fail
      fds_.push_back(probe);
    } catch (const std::bad_alloc &) {
      return status::NO_MEMORY;
    }
    return 0;
  }

  static constexpr timespec kNow{0, 0};
  std::vector<pollfd> fds_;
  std::vector<Readiness> ready_;
};

PollerKind from_environment() noexcept {
  const char *name = secure_getenv("BOUCLE_POLLER");
  return name && strcmp(name, "poll") == 0 ? PollerKind::Poll : PollerKind::Epoll;
}

}  // namespace

Status Poller::make(PollerKind kind, std::unique_ptr<Poller> &ret_poller) noexcept {
  if (kind == PollerKind::Auto) kind = from_environment();
  if (kind == PollerKind::Poll) {
    ret_poller.reset(new (std::nothrow) Poll);
    return ret_poller ? 0 : status::NO_MEMORY;
  }
  std::unique_ptr<Epoll> epoll(new (std::nothrow) Epoll);
  if (!epoll) return status::NO_MEMORY;
  if (Status s = epoll->open()) return s;
  ret_poller = std::move(epoll);
  return 0;
}

}  // namespace boucle
