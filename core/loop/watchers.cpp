#include "loop/watchers.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

const NodeType Watcher::kType = {Watcher::run, Watcher::drop, nullptr, Watcher::peek};

Due Watcher::peek(Node &node) noexcept {
  Watcher &watcher = static_cast<Watcher &>(node);
  return watcher.retired_ ? Due() : watcher.callback_.peek();
}

void Watcher::run(Loop &loop, Node &node) noexcept {
  Watcher &watcher = static_cast<Watcher &>(node);
  // The reference of the queue keeps the callback alive, should it remove itself.
  if (!watcher.retired_) watcher.callback_.invoke(loop);
  watcher.release();
}

void Watcher::drop(Loop &, Node &node) noexcept { static_cast<Watcher &>(node).release(); }

void Watcher::dispose() noexcept { Loop::dispose_object(this); }

void Watcher::retire() noexcept {
  retired_ = true;
  if (linked()) {
    ++loop().withdrawn;
    unlink();
    release();
  }
  release();
}

Status Watchers::add(Loop &loop, int fd, unsigned direction, Callback callback) noexcept {
  if (fd < 0) return -EBADF;
  size_t index = static_cast<size_t>(fd);
  unsigned before = index < slots_.size() ? slots_[index].interest() : 0;
  Watcher *watcher = loop.make_object<Watcher>(std::move(callback));
  if (!watcher) return status::NO_MEMORY;
  Status s = poller_->set(fd, before | direction, before);
  if (s == 0 && index >= slots_.size()) {
    try {
      slots_.resize(index + 1);
    } catch (const std::bad_alloc &) {
      poller_->set(fd, before, before | direction);
      s = status::NO_MEMORY;
    }
  }
  if (s) {
    watcher->retire();
    return s;
  }
  Watcher *&place = slots_[index].by_direction[direction == kWritable];
  if (Watcher *former = std::exchange(place, watcher)) {
    former->retire();
  } else {
    ++count_;
  }
  return 0;
}

bool Watchers::remove(int fd, unsigned direction) noexcept {
  if (fd < 0 || static_cast<size_t>(fd) >= slots_.size()) return false;
  Slot &slot = slots_[static_cast<size_t>(fd)];
  unsigned before = slot.interest();
  Watcher *watcher = std::exchange(slot.by_direction[direction == kWritable], nullptr);
  if (!watcher) return false;
  poller_->set(fd, slot.interest(), before);
  --count_;
  watcher->retire();
  return true;
}

// The poller is not told: it goes with the loop, and in the child of a fork it is shared with the parent's.
void Watchers::remove_all() noexcept {
  count_ = 0;
  for (Slot &slot : std::exchange(slots_, {})) {
    for (Watcher *watcher : slot.by_direction) {
      if (watcher) watcher->retire();
    }
  }
}

void Watchers::queue(const Readiness &readiness, List &ready) noexcept {
  if (static_cast<size_t>(readiness.fd) >= slots_.size()) return;
  Slot &slot = slots_[static_cast<size_t>(readiness.fd)];
  for (int i = 0; i < 2; ++i) {
    Watcher *watcher = slot.by_direction[i];
    if (!watcher || watcher->linked() || !(readiness.ready & (i ? kWritable : kReadable))) continue;
    watcher->retain();
    ready.push_back(*watcher);
  }
}

}  // namespace boucle
