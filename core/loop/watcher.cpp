#include "loop/watcher.hpp"

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

}  // namespace boucle
