// Watchers: callbacks for readable and writable descriptors. A watcher stays until it is removed; its node is queued each
// time its descriptor is ready.
#pragma once

#include <vector>

#include "loop/callback.hpp"
#include "loop/object.hpp"
#include "sys/io.hpp"

namespace boucle {

// Owned by its slot and, while it is queued, by the ready queue: a callback may remove its own watcher.
class Watcher final : public Object, public Node {
 public:
  Watcher(Loop &loop, Callback callback) noexcept
      : Object(loop, Born::Local), Node(kType), callback_(std::move(callback)) {}
  // Puts it on the list, if it is on none.
  void queue(List &ret_nodes) noexcept;
  void retire() noexcept;
  static const NodeType kType;

 private:
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;
  static const Callback *callback_of(Node &node) noexcept;
  void dispose() noexcept override;

  Callback callback_;
  bool retired_ = false;
};

class Watchers {
 public:
  explicit Watchers(Loop &loop) noexcept : loop_(loop) {}
  // direction: kReadable or kWritable. BUSY if the library itself uses the descriptor.
  Status add(int fd, unsigned direction, Callback callback) noexcept;
  bool remove(int fd, unsigned direction) noexcept;
  // The Io is not told: it goes with the loop, and in the child of a fork it is shared with the parent's.
  void close() noexcept;

 private:
  // A descriptor, and who watches it.
  struct Descriptor : Source {
    explicit Descriptor(int number) noexcept : Source(number, on_ready) {}
    static void on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept;
    Watcher *&watcher(unsigned direction) noexcept { return by_direction[direction == kWritable]; }
    unsigned wanted() const noexcept { return (by_direction[0] ? kReadable : 0) | (by_direction[1] ? kWritable : 0); }
    Watcher *by_direction[2] = {nullptr, nullptr};
  };
  Descriptor *find(int fd) const noexcept;
  Descriptor *find_or_make(int fd) noexcept;
  void free_if_unwanted(Descriptor &descriptor) noexcept;

  Loop &loop_;
  std::vector<Descriptor *> descriptors_;  // by number
};

}  // namespace boucle
