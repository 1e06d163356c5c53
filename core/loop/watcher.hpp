// Watcher: a callback for a descriptor or a signal. It stays until it is removed; its node is queued each time that
// what it watches is ready.
#pragma once

#include "loop/callback.hpp"
#include "loop/object.hpp"

namespace boucle {

// Owned by whoever watches and, while it is queued, by the ready queue: a callback may remove its own watcher.
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

}  // namespace boucle
