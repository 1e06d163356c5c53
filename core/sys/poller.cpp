#include "sys/poller.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <limits>
#include <new>
#include <vector>

#include "sys/fd.hpp"

namespace boucle {
namespace {

timespec to_timespec(int64_t ns) noexcept { return {ns / 1'000'000'000, static_cast<long>(ns % 1'000'000'000)}; }

// The kernel watches open files, not descriptors: a descriptor that is closed while a duplicate of it lives stays watched,
// and can no longer be removed. So each registration has a generation, which its events carry. One of another generation
// than its descriptor's is such a leftover; then all that is still wanted moves to a new epoll instance.
class Epoll final : public Poller {
 public:
  Status open() noexcept {
    epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
    return epoll_ ? 0 : -errno;
  }

  Status set(int fd, unsigned interest, unsigned before) noexcept override {
    if (!interest) return forget(fd);
    try {
      if (static_cast<size_t>(fd) >= watched_.size()) watched_.resize(static_cast<size_t>(fd) + 1);
    } catch (const std::bad_alloc &) {
      return status::NO_MEMORY;
    }
    Watched &own = watched_[static_cast<size_t>(fd)];
    Watched wanted{before ? own.generation : next_generation(), interest};
    Status s = control(before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, wanted);
    // The descriptor may have been closed, or closed and opened anew, behind our back.
    if (s == -ENOENT && before) {
      wanted.generation = next_generation();
      s = control(EPOLL_CTL_ADD, fd, wanted);
    } else if (s == -EEXIST && !before) {
      s = control(EPOLL_CTL_MOD, fd, wanted);
    }
    if (s == 0) own = wanted;
    return s;
  }

  std::span<const Readiness> wait(int64_t timeout_ns) noexcept override {
    int n = wait_for_events(timeout_ns);
    bool lost = false;
    for (int i = 0; i < n; ++i) {
      uint32_t e = events_[i].events;
      int fd = static_cast<int>(static_cast<uint32_t>(events_[i].data.u64));
      unsigned ready = (e & (EPOLLIN | EPOLLHUP | EPOLLERR) ? kReadable : 0) |
                       (e & (EPOLLOUT | EPOLLHUP | EPOLLERR) ? kWritable : 0);
      const Watched &own = watched_[static_cast<size_t>(fd)];
      bool known = own.generation == events_[i].data.u64 >> 32;
      ready_[i] = {fd, known ? ready | (own.interest & kEdge) : kLost};
      lost |= !known;
    }
    if (lost) [[unlikely]] renew();
    return {ready_, n > 0 ? static_cast<size_t>(n) : 0};
  }

  int fd() const noexcept override { return epoll_.get(); }

 private:
  struct Watched {
    uint32_t generation = 0;  // 0: it is not
    unsigned interest = 0;
  };

  uint32_t next_generation() noexcept { return ++generations_ ? generations_ : ++generations_; }

  Status control(int op, int fd, const Watched &wanted) noexcept {
    epoll_event event{};
    event.data.u64 = static_cast<uint32_t>(fd) | uint64_t{wanted.generation} << 32;
    if (wanted.interest & kEdge) event.events |= EPOLLET;
    if (wanted.interest & kReadable) event.events |= EPOLLIN;
    if (wanted.interest & kWritable) event.events |= EPOLLOUT;
    return epoll_ctl(epoll_.get(), op, fd, &event) == 0 ? 0 : -errno;
  }

  // The kernel may have forgotten it already, or may refuse to: see above.
  Status forget(int fd) noexcept {
    if (static_cast<size_t>(fd) >= watched_.size()) return 0;
    watched_[static_cast<size_t>(fd)] = {};
    epoll_event event{};
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &event);
    return 0;
  }

  // Under the same descriptor, which others may poll. If the system refuses, the next wait tries again.
  void renew() noexcept {
    Fd renewed(epoll_create1(EPOLL_CLOEXEC));
    if (!renewed || dup3(renewed.get(), epoll_.get(), O_CLOEXEC) < 0) return;
    for (size_t fd = 0; fd < watched_.size(); ++fd) {
      if (watched_[fd].generation) control(EPOLL_CTL_ADD, static_cast<int>(fd), watched_[fd]);
    }
  }

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
  Fd epoll_;
  std::vector<Watched> watched_;  // by descriptor
  uint32_t generations_ = 0;
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

Status from_environment(PollerKind &ret_kind) noexcept {
  const char *name = secure_getenv("BOUCLE_POLLER");
  if (name && strcmp(name, "poll") == 0) {
    ret_kind = PollerKind::Poll;
  } else if (!name || !*name || strcmp(name, "epoll") == 0 || strcmp(name, "auto") == 0) {
    ret_kind = PollerKind::Epoll;
  } else {
    return status::NOPOLLER;
  }
  return 0;
}

}  // namespace

Status Poller::make(PollerKind kind, std::unique_ptr<Poller> &ret_poller) noexcept {
  if (kind == PollerKind::Auto) {
    if (Status s = from_environment(kind)) return s;
  }
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
