// RunQueue: nodes in the order in which they are to run. Callbacks that nobody can cancel share a node, Calls, with those
// that were scheduled right behind them: so most of them cost neither an allocation nor a link.
//
// Invariant: open_ is the last node, if that is a Calls of this queue's own making, else nullptr.
#pragma once

#include "loop/callback.hpp"
#include "loop/node.hpp"

namespace boucle {

// Callbacks in a row. Its memory is the owner's of the queue: the loop's pool's, or, if it was posted, malloc's.
struct Calls : Node {
  static constexpr uint16_t kMost = 15, kMostPosted = 63;  // half a kilobyte, two

  Calls(const NodeType &type, uint16_t capacity) noexcept : Node(type) { calls = {0, 0, capacity}; }
  static size_t size_of(uint16_t capacity) noexcept { return sizeof(Calls) + capacity * sizeof(Callback); }
  Callback *entries() noexcept { return reinterpret_cast<Callback *>(this + 1); }
  bool full() const noexcept { return calls.end == calls.capacity; }

  static const NodeType kOne, kPooled, kPosted;
};

class RunQueue {
 public:
  bool empty() const noexcept { return list_.empty(); }

  void push(Node &node) noexcept {
    open_ = nullptr;
    list_.push_back(node);
  }
  void push_all(List &nodes) noexcept {
    open_ = nullptr;
    list_.splice_back(nodes);
  }
  // In front of what is here.
  void push_front_all(List &nodes) noexcept { list_.splice_front(nodes); }
  // The one node, if there is no more than that.
  Node *pop_only() noexcept {
    Node *node = static_cast<Node *>(list_.pop_only());
    if (node) open_ = nullptr;
    return node;
  }
  // Moves everything to the end of `nodes`.
  void move_to(List &nodes) noexcept {
    open_ = nullptr;
    nodes.splice_back(list_);
  }

  // Where the next callback is to be constructed: in the Calls at the end, or in one that `make(capacity)` gives, which it
  // has for itself if it stands alone. nullptr if that gives none.
  template <class Make>
  Callback *place(bool alone, uint16_t most, Make &&make) noexcept {
    if (!alone) {
      if (Callback *last = room()) return last;
    }
    Calls *calls = make(alone ? uint16_t{1} : next_capacity(most));
    if (!calls) [[unlikely]] return nullptr;
    list_.push_back(*calls);
    open_ = calls;
    return room();
  }
  // The same without a new one: nullptr if there is no room.
  Callback *room() noexcept {
    if (!open_ || open_->full()) return nullptr;
    return open_->entries() + open_->calls.end++;
  }

 private:
  // How many callbacks the next Calls should have room for: more and more, as they keep coming.
  uint16_t next_capacity(uint16_t most) const noexcept {
    if (!open_) return 1;
    return open_->calls.capacity < most ? open_->calls.capacity * 2 + 1 : most;
  }

  List list_;
  Calls *open_ = nullptr;
};

}  // namespace boucle
