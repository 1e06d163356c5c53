// RunQueue: nodes in the order in which they are to run. Callbacks that nobody can cancel share a node, Calls, with
// those that were scheduled right behind them: so most of them cost neither an allocation nor a link.
//
// Invariant: open_ is the last node if this queue made it and it may be shared, else nullptr.
#pragma once

#include "loop/calls.hpp"

namespace boucle {

class RunQueue {
 public:
  bool empty() const noexcept { return list_.empty(); }

  void push(Node &node) noexcept {
    if (open_) open_ = nullptr;
    list_.push_back(node);
  }
  void push_all(List &nodes) noexcept {
    open_ = nullptr;
    list_.splice_back(nodes);
  }
  // Puts them in front of all others.
  void push_front_all(List &nodes) noexcept { list_.splice_front(nodes); }
  // Removes and returns the only node; nullptr if there is none, or more than one.
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

  // Writes a callback into the Calls at the end. False if there is none with room for it: then nothing has changed.
  bool write(LoopFn fn, void *userdata, Destroy destroy, Context *context) noexcept {
    return open_ && !open_->full() && open_->write(fn, userdata, destroy, context);
  }
  // Takes the callback: into the Calls at the end, or into a new one from `make(kind, size)`. False if that gives
  // nullptr.
  template <class Make>
  bool add(Callback &callback, Sharing sharing, uint16_t most, Make &&make) noexcept {
    const bool alone = sharing == Sharing::Alone;
    if (alone || !write(callback)) {
      auto kind = callback.is_plain() && !alone ? Calls::Kind::Plain : Calls::Kind::Whole;
      Calls *calls = alone || !open_ ? make(kind, Calls::kLeast) : make(kind, next_size(most));
      if (!calls) [[unlikely]]
        return false;
      list_.push_back(*calls);
      open_ = calls;
      write(callback);
      if (alone) open_ = nullptr;
    }
    callback.userdata.release();
    return true;
  }

 private:
  bool write(Callback &callback) noexcept {
    return write(callback.fn, callback.userdata.get(), callback.userdata.destroy(), callback.context.get());
  }
  // The size of the next Calls: twice that of the last one, up to `most`.
  uint16_t next_size(uint16_t most) const noexcept { return open_->calls.size < most ? open_->calls.size * 2 : most; }

  List list_;
  Calls *open_ = nullptr;
};

}  // namespace boucle
