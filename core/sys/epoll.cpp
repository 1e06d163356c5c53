// Epoll: an Io that waits with epoll.
//
// The kernel watches open files, not descriptors: if a descriptor is closed while a duplicate of it is open, the file
// is still watched, and can no longer be removed. An event of such a file has another generation than its slot. Then a
// new epoll instance replaces the old one, and all sources that are attached are added to it (D33).
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <new>

#include "sys/fd.hpp"
#include "sys/pollers.hpp"

namespace boucle {
namespace {

class Epoll final : public Io {
 public:
  Status open() noexcept {
    epoll_ = Fd(epoll_create1(EPOLL_CLOEXEC));
    return epoll_ ? 0 : -errno;
  }

  std::span<const IoResult> wait(int64_t timeout_ns) noexcept override {
    int n = wait_for_events(timeout_ns);
    size_t count = 0;
    for (int i = 0; i < n; ++i) {
      uint32_t e = events_[i].events, index = static_cast<uint32_t>(events_[i].data.u64);
      const Slot &slot = slots_[index];
      if (slot.generation != events_[i].data.u64 >> 32) [[unlikely]] {
        lost_ = static_cast<int>(index);
        continue;
      }
      unsigned ready = (e & (EPOLLIN | EPOLLHUP | EPOLLERR) ? kReadable : 0) |
                       (e & (EPOLLOUT | EPOLLHUP | EPOLLERR) ? kWritable : 0);
      results_[count++] = {slot.source, ready | (slot.source->interest & kEdge)};
    }
    if (lost_ >= 0) [[unlikely]]
      replace_epoll();
    return {results_, count};
  }

  bool perform(Transfer &transfer) noexcept override { return transfer_now(transfer); }
  int fd() const noexcept override { return epoll_.get(); }

 private:
  Status control(Slot &slot, Source &source, unsigned interest) noexcept override {
    if (!interest) return remove(slot, source.fd);
    bool known = source.interest != 0;
    uint32_t generation = known ? slot.generation : next_generation();
    Status s = control_epoll(known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, source.fd, interest, generation);
    // The program may have closed the descriptor, or closed it and opened another file under its number.
    if (s == -ENOENT && known) {
      generation = next_generation();
      s = control_epoll(EPOLL_CTL_ADD, source.fd, interest, generation);
    } else if (s == -EEXIST && !known) {
      s = control_epoll(EPOLL_CTL_MOD, source.fd, interest, generation);
    }
    if (s == 0) slot.generation = generation;
    return s;
  }

  uint32_t next_generation() noexcept { return ++generations_ ? generations_ : ++generations_; }

  Status control_epoll(int op, int fd, unsigned interest, uint32_t generation) noexcept {
    epoll_event event{};
    event.data.u64 = static_cast<uint32_t>(fd) | uint64_t{generation} << 32;
    if (interest & kEdge) event.events |= EPOLLET;
    if (interest & kReadable) event.events |= EPOLLIN;
    if (interest & kWritable) event.events |= EPOLLOUT;
    return epoll_ctl(epoll_.get(), op, fd, &event) == 0 ? 0 : -errno;
  }

  // Always succeeds: the kernel may have removed it already, or may be unable to (see above).
  Status remove(Slot &slot, int fd) noexcept {
    slot.generation = 0;
    epoll_event event{};
    epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, &event);
    return 0;
  }

  // The new instance gets the same descriptor, which other loops may poll. If the system refuses, the next wait tries
  // again.
  void replace_epoll() noexcept {
    Fd replacement(epoll_create1(EPOLL_CLOEXEC));
    if (!replacement || dup3(replacement.get(), epoll_.get(), O_CLOEXEC) < 0) return;
    for (const Slot &slot : slots_) {
      if (slot.source) control_epoll(EPOLL_CTL_ADD, slot.source->fd, slot.source->interest, slot.generation);
    }
  }

  // Returns the number of events, or -1. Linux 5.11 and newer wait for nanoseconds; for older ones the time is rounded
  // up to milliseconds, so that no timer is early.
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
  uint32_t generations_ = 0;
  bool has_pwait2_ = true;
  epoll_event events_[kBatch];
  IoResult results_[kBatch];
};

}  // namespace

Status make_epoll(std::unique_ptr<Io> &ret_io) noexcept {
  std::unique_ptr<Epoll> epoll(new (std::nothrow) Epoll);
  if (!epoll) return status::NO_MEMORY;
  if (Status s = epoll->open()) return s;
  ret_io = std::move(epoll);
  return 0;
}

}  // namespace boucle
