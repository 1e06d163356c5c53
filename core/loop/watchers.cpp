#include "loop/watchers.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

const NodeType Watcher::kType = {Watcher::run, Watcher::drop, nullptr, Watcher::callback_of};

const Callback *Watcher::callback_of(Node &node) noexcept {
  Watcher &watcher = static_cast<Watcher &>(node);
  return watcher.retired_ ? nullptr : &watcher.callback_;
}

void Watcher::run(Loop &loop, Node &node) noexcept {
  Watcher &watcher = static_cast<Watcher &>(node);
  // The reference of the queue keeps the callback alive, should it remove itself.
  if (!watcher.retired_) watcher.callback_.invoke(loop);
  watcher.release();
}

void Watcher::drop(Loop &, Node &node) noexcept { static_cast<Watcher &>(node).release(); }

void Watcher::dispose() noexcept { Heap::destroy(this); }

void Watcher::queue(List &ret_nodes) noexcept {
  if (linked()) return;
  retain();
  ret_nodes.push_back(*this);
}

void Watcher::retire() noexcept {
  retired_ = true;
  if (linked()) {
    loop().scheduler.withdraw(*this);
    release();
  }
  release();
}

void Watchers::Descriptor::on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept {
  auto &descriptor = static_cast<Descriptor &>(source);
  for (unsigned direction : {kReadable, kWritable}) {
    Watcher *watcher = descriptor.watcher(direction);
    if (watcher && (ready & direction)) watcher->queue(ret_nodes);
  }
}

Watchers::Descriptor *Watchers::find(int fd) const noexcept {
  size_t index = static_cast<size_t>(fd);
  return fd >= 0 && index < descriptors_.size() ? descriptors_[index] : nullptr;
}

// nullptr if there is no memory.
Watchers::Descriptor *Watchers::find_or_make(int fd) noexcept {
  if (Descriptor *known = find(fd)) return known;
  size_t index = static_cast<size_t>(fd);
  bool has_room = index < descriptors_.size() ||
                  try_allocate([&] { descriptors_.resize(std::max(index + 1, 2 * descriptors_.size())); });
  void *memory = has_room ? loop_.heap.pool.allocate(sizeof(Descriptor)) : nullptr;
  return memory ? descriptors_[index] = new (memory) Descriptor(fd) : nullptr;
}

void Watchers::free_if_unwanted(Descriptor &descriptor) noexcept {
  if (descriptor.wanted()) return;
  descriptors_[static_cast<size_t>(descriptor.fd)] = nullptr;
  loop_.heap.pool.deallocate(&descriptor, sizeof(Descriptor));
}

Status Watchers::add(int fd, unsigned direction, Callback callback) noexcept {
  if (fd < 0) return -EBADF;
  if (loop_.driver.is_own(fd)) return status::BUSY;
  Descriptor *descriptor = find_or_make(fd);
  if (!descriptor) return status::NO_MEMORY;
  callback.context = Ref<Context>(loop_.dispatch.context);
  Watcher *watcher = loop_.heap.make<Watcher>(std::move(callback));
  Status s = watcher ? loop_.driver.set_interest(*descriptor, descriptor->wanted() | direction) : status::NO_MEMORY;
  if (s) {
    free_if_unwanted(*descriptor);
    if (watcher) watcher->retire();
    return s;
  }
  if (Watcher *former = std::exchange(descriptor->watcher(direction), watcher)) {
    former->retire();
  } else {
    loop_.driver.handler_added();
  }
  return 0;
}

bool Watchers::remove(int fd, unsigned direction) noexcept {
  Descriptor *descriptor = find(fd);
  Watcher *watcher = descriptor ? std::exchange(descriptor->watcher(direction), nullptr) : nullptr;
  if (!watcher) return false;
  loop_.driver.set_interest(*descriptor, descriptor->wanted());
  free_if_unwanted(*descriptor);
  loop_.driver.handlers_removed(1);
  watcher->retire();
  return true;
}

void Watchers::close() noexcept {
  for (size_t i = 0; i < descriptors_.size(); ++i) {  // a retired watcher's destroy may come back here
    Descriptor *descriptor = std::exchange(descriptors_[i], nullptr);
    if (!descriptor) continue;
    Watcher *watchers[2] = {descriptor->by_direction[0], descriptor->by_direction[1]};
    loop_.heap.pool.deallocate(descriptor, sizeof(Descriptor));
    for (Watcher *watcher : watchers) {
      if (!watcher) continue;
      loop_.driver.handlers_removed(1);
      watcher->retire();
    }
  }
}

}  // namespace boucle
