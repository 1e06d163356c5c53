// Watchers: callbacks for readable and writable descriptors. A watcher stays until it is removed; its node is queued each
// time its descriptor is ready.
#pragma once

#include <memory>
#include <vector>

#include "loop/callback.hpp"
#include "sys/poller.hpp"

namespace boucle {

// Owned by its slot and, while it is queued, by the ready queue: a callback may remove its own watcher.
class Watcher final : public Object, public Node {
 public:
  Watcher(Loop &loop, Callback callback) noexcept
      : Object(loop, Born::Local), Node(kType), callback_(std::move(callback)) {}
  void retire() noexcept;
  static const NodeType kType;

 private:
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;
  static Due peek(Node &node) noexcept;
  void dispose() noexcept override;

  Callback callback_;
  bool retired_ = false;
};

class Watchers {
 public:
  void watch_by(Poller &poller) noexcept { poller_ = &poller; }
  size_t count() const noexcept { return count_; }
  // direction: kReadable or kWritable.
  Status add(Loop &loop, int fd, unsigned direction, Callback callback) noexcept;
  bool remove(int fd, unsigned direction) noexcept;
  void remove_all() noexcept;
  // Queues the watchers of a descriptor that is ready.
  void queue(const Readiness &readiness, List &ready) noexcept;

 private:
  struct Slot {
    Watcher *by_direction[2] = {nullptr, nullptr};
    unsigned interest() const noexcept {
      return (by_direction[0] ? kReadable : 0) | (by_direction[1] ? kWritable : 0);
    }
  };

  Poller *poller_ = nullptr;
  std::vector<Slot> slots_;  // by descriptor
  size_t count_ = 0;
};

}  // namespace boucle
