#include "sys/io.hpp"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <algorithm>
#include <utility>

#include "base/allocation.hpp"
#include "sys/pollers.hpp"

namespace boucle {

Status Io::set_interest(Source &source, unsigned interest) noexcept {
  if (source.fd < 0) return -EBADF;
  size_t index = static_cast<size_t>(source.fd);
  if (index >= slots_.size()) {
    if (interest == 0) return 0;
    if (!try_allocate([&] { slots_.resize(std::max(index + 1, 2 * slots_.size())); })) return status::NO_MEMORY;
  }
  Slot &slot = slots_[index];
  if (slot.source && slot.source != &source) return status::BUSY;
  if (!interest && !source.interest) return 0;
  // The system is told even if the interest is the same: the number may belong to another file by now.
  if (Status s = control(slot, source, interest)) return s;
  slot.source = interest ? &source : nullptr;
  source.interest = interest;
  return 0;
}

Source *Io::source_of(int fd) const noexcept {
  size_t index = static_cast<size_t>(fd);
  return fd >= 0 && index < slots_.size() ? slots_[index].source : nullptr;
}

namespace {
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

Status Io::make(PollerKind kind, std::unique_ptr<Io> &ret_io) noexcept {
  if (kind == PollerKind::Auto) {
    if (Status s = from_environment(kind)) return s;
  }
  return kind == PollerKind::Poll ? make_poll(ret_io) : make_epoll(ret_io);
}

}  // namespace boucle
