// Inbox: the only thread-safe queue. Any thread posts nodes; the loop takes them all at once, in the order of posting.
// A stack of nodes, chained through Link::next, that is turned over when it is taken.
#pragma once

#include <atomic>

#include "loop/node.hpp"

namespace boucle {

class Inbox {
 public:
  bool empty() const noexcept { return top_.load(std::memory_order_seq_cst) == nullptr; }

  // A hint, without a barrier.
  bool maybe_filled() const noexcept { return top_.load(std::memory_order_relaxed) != nullptr; }

  void post(Node &node) noexcept {
    Link *top = top_.load(std::memory_order_relaxed);
    do {
      node.next = top;
    } while (!top_.compare_exchange_weak(top, &node, std::memory_order_seq_cst, std::memory_order_relaxed));
  }

  // Moves what was posted to the end of `list`, and shows each to `see`. In one pass: each node is a cache line that
  // another thread has written.
  template <class See>
  void take(List &list, See &&see) noexcept {
    if (top_.load(std::memory_order_relaxed) == nullptr) return;
    List taken;
    for (Link *link = top_.exchange(nullptr, std::memory_order_acquire); link;) {
      Link *older = link->next;
      see(*static_cast<Node *>(link));
      taken.push_front(*link);
      link = older;
    }
    list.splice_back(taken);
  }
  void take(List &list) noexcept {
    take(list, [](Node &) {});
  }

 private:
  std::atomic<Link *> top_{nullptr};
};

}  // namespace boucle
