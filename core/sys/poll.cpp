// Poll: an Io that waits with poll(2). It is for systems without epoll, and shows that nothing depends on epoll.
#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

#include <new>

#include "base/allocation.hpp"
#include "sys/pollers.hpp"

namespace boucle {
namespace {

class Poll final : public Io {
 public:
  std::span<const IoResult> wait(int64_t timeout_ns) noexcept override {
    timespec t = to_timespec(timeout_ns < 0 ? 0 : timeout_ns);
    int n = ppoll(fds_.data(), fds_.size(), timeout_ns < 0 ? nullptr : &t, nullptr);
    size_t count = 0;
    for (size_t i = 0; n > 0 && i < fds_.size(); ++i) {
      short r = fds_[i].revents;
      unsigned ready = (r & (POLLIN | POLLHUP | POLLERR | POLLNVAL) ? kReadable : 0) |
                       (r & (POLLOUT | POLLHUP | POLLERR | POLLNVAL) ? kWritable : 0);
      if (ready) results_[count++] = {source_of(fds_[i].fd), ready};
    }
    return {results_.data(), count};
  }

  bool perform(Transfer &transfer) noexcept override { return transfer_now(transfer); }
  int fd() const noexcept override { return -1; }

 private:
  Status control(Slot &, Source &source, unsigned interest) noexcept override {
    if (!source.interest) return add(source.fd, interest);
    for (size_t i = 0; i < fds_.size(); ++i) {
      if (fds_[i].fd != source.fd) continue;
      if (interest) {
        fds_[i].events = events_of(interest);
      } else {
        fds_[i] = fds_.back();
        fds_.pop_back();
      }
      break;
    }
    return 0;
  }

  static short events_of(unsigned interest) noexcept {
    return static_cast<short>((interest & kReadable ? POLLIN : 0) | (interest & kWritable ? POLLOUT : 0));
  }
  // poll(2) accepts any descriptor. This refuses those that epoll refuses, so that both have the same errors.
  Status add(int fd, unsigned interest) noexcept {
    pollfd probe{fd, events_of(interest), 0};
    if (ppoll(&probe, 1, &kNow, nullptr) < 0) return -errno;
    if (probe.revents & POLLNVAL) return -EBADF;
    struct stat about;
    if (fstat(fd, &about) == 0 && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode))) return -EPERM;
    bool has_room = try_allocate([&] {
      results_.resize(fds_.size() + 1);  // allocates for the result now, because a wait must not fail
      fds_.push_back(probe);
    });
    return has_room ? 0 : status::NO_MEMORY;
  }

  static constexpr timespec kNow{0, 0};
  std::vector<pollfd> fds_;
  std::vector<IoResult> results_;
};

}  // namespace

Status make_poll(std::unique_ptr<Io> &ret_io) noexcept {
  ret_io.reset(new (std::nothrow) Poll);
  return ret_io ? 0 : status::NO_MEMORY;
}

}  // namespace boucle
