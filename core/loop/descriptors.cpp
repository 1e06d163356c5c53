#include "loop/descriptors.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

void Descriptors::Descriptor::on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept {
  auto &self = static_cast<Descriptor &>(source);
  const unsigned before = self.wanted();
  for (unsigned bit : {kReadable, kWritable}) {
    Direction &direction = self.at(bit);
    if (!(ready & bit)) continue;
    if (direction.watcher) direction.watcher->queue(ret_nodes);
    if (direction.waiting.empty()) continue;
    Node &next = *static_cast<Node *>(direction.waiting.pop_front());
    next.subject = nullptr;
    ret_nodes.push_back(next);
    self.loop.driver.handlers_removed(1);
  }
  if (self.wanted() != before) self.loop.driver.descriptors.unwant(self);
}

Descriptors::Descriptor *Descriptors::find(int fd) const noexcept {
  size_t index = static_cast<size_t>(fd);
  return fd >= 0 && index < descriptors_.size() ? descriptors_[index] : nullptr;
}

// What is wanted of it, and that direction, is told to the Io.
Status Descriptors::want(int fd, unsigned direction, Descriptor *&ret_descriptor) noexcept {
  if (fd < 0) return -EBADF;
  if (loop_.driver.is_own(fd)) return status::BUSY;
  size_t index = static_cast<size_t>(fd);
  bool has_room = index < descriptors_.size() ||
                  try_allocate([&] { descriptors_.resize(std::max(index + 1, 2 * descriptors_.size())); });
  if (!has_room) return status::NO_MEMORY;
  Descriptor *&place = descriptors_[index];
  if (!place) {
    void *memory = loop_.heap.pool.allocate(sizeof(Descriptor));
    if (!memory) return status::NO_MEMORY;
    place = new (memory) Descriptor(fd, loop_);
  }
  ret_descriptor = place;
  Status s = loop_.driver.set_interest(*place, place->wanted() | direction);
  if (s) free_if_unwanted(*place);
  return s;
}

// The same after somebody has gone.
void Descriptors::unwant(Descriptor &descriptor) noexcept {
  loop_.driver.set_interest(descriptor, descriptor.wanted());
  free_if_unwanted(descriptor);
}

void Descriptors::free_if_unwanted(Descriptor &descriptor) noexcept {
  if (descriptor.wanted()) return;
  descriptors_[static_cast<size_t>(descriptor.fd)] = nullptr;
  loop_.heap.pool.deallocate(&descriptor, sizeof(Descriptor));
}

// ---- watchers ----

Status Descriptors::add_watcher(int fd, unsigned direction, Callback callback) noexcept {
  callback.context = Ref<Context>(loop_.dispatch.context);
  Watcher *watcher = loop_.heap.make<Watcher>(std::move(callback));
  Descriptor *descriptor;
  Status s = watcher ? want(fd, direction, descriptor) : status::NO_MEMORY;
  if (s) {
    if (watcher) watcher->retire();
    return s;
  }
  if (Watcher *former = std::exchange(descriptor->at(direction).watcher, watcher)) {
    former->retire();
  } else {
    loop_.driver.handler_added();
  }
  return 0;
}

bool Descriptors::remove_watcher(int fd, unsigned direction) noexcept {
  Descriptor *descriptor = find(fd);
  Watcher *watcher = descriptor ? std::exchange(descriptor->at(direction).watcher, nullptr) : nullptr;
  if (!watcher) return false;
  unwant(*descriptor);
  loop_.driver.handlers_removed(1);
  watcher->retire();
  return true;
}

// ---- nodes that wait ----

Status Descriptors::wait(int fd, unsigned direction, Node &node, bool again) noexcept {
  Descriptor *descriptor;
  if (Status s = want(fd, direction, descriptor)) return s;
  List &waiting = descriptor->at(direction).waiting;
  again ? waiting.push_front(node) : waiting.push_back(node);
  node.subject = descriptor;
  loop_.driver.handler_added();
  return 0;
}

void Descriptors::stop_waiting(Node &node) noexcept {
  auto *descriptor = static_cast<Descriptor *>(node.subject);
  if (!descriptor) return loop_.scheduler.withdraw(node);
  node.subject = nullptr;
  node.unlink();
  loop_.driver.handlers_removed(1);
  unwant(*descriptor);
}

bool Descriptors::has_queue(int fd, unsigned direction) const noexcept {
  Descriptor *descriptor = find(fd);
  return descriptor && !descriptor->at(direction).waiting.empty();
}

// ---- the loop closes ----

void Descriptors::close(Direction &direction) noexcept {
  if (Watcher *watcher = std::exchange(direction.watcher, nullptr)) {
    loop_.driver.handlers_removed(1);
    watcher->retire();
  }
  while (!direction.waiting.empty()) {
    Node &node = *static_cast<Node *>(direction.waiting.pop_front());
    loop_.driver.handlers_removed(1);
    node.type->drop(loop_, node);
  }
}

// What ends may come back here, and then finds no descriptor.
void Descriptors::close() noexcept {
  for (size_t i = 0; i < descriptors_.size(); ++i) {
    Descriptor *descriptor = std::exchange(descriptors_[i], nullptr);
    if (!descriptor) continue;
    loop_.driver.detach_at_close(*descriptor);
    for (Direction &direction : descriptor->directions) close(direction);
    loop_.heap.pool.deallocate(descriptor, sizeof(Descriptor));
  }
}

}  // namespace boucle
