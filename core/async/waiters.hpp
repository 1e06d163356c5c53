// Waiters: the futures for which tasks wait at a primitive (asyncio's deque of futures), in order.
//
// The list owns a reference to each waiter, until the task that waits takes it off. Removing one is O(1); so is asking
// whether all are cancelled. Waiters that were passed over because they are done stand apart, so that waking n of them
// costs n steps.
#pragma once

#include "async/future.hpp"

namespace boucle {

class Waiters;

class Waiter final : public Future {
 public:
  Waiter(Loop &loop) noexcept : Future(loop, Born::Local) { place_.self = this; }
  bool cancel_itself(const Ref<Exception> &reason) noexcept override;

 private:
  friend class Heap;
  friend class Waiters;
  struct Place : Link {
    Waiter *self = nullptr;
  };
  ~Waiter() = default;
  void dispose() noexcept override { Heap::destroy(this); }

  Place place_;
  Waiters *owner_ = nullptr;
};

class Waiters {
 public:
  Waiters() noexcept = default;
  ~Waiters();

  // A new waiter at the end; nullptr if there is no memory.
  Local<Waiter> add(Loop &loop) noexcept;
  // Fine if it is no longer on the list.
  void remove(Waiter &waiter) noexcept;

  // asyncio's `not any(not w.cancelled() for w in waiters)`.
  bool all_cancelled() const noexcept { return not_cancelled_ == 0; }
  // The first one, done or not; nullptr if there is none. Not to be mixed with next_pending().
  Waiter *first() noexcept { return pending_.empty() ? nullptr : at(pending_.front()); }
  // The first one that is not done.
  Waiter *next_pending() noexcept;
  // Takes waiters off the list up to the first that is not done, and wakes that one.
  void pop_and_wake() noexcept;

 private:
  friend class Waiter;
  static Waiter *at(Link *link) noexcept { return static_cast<Waiter::Place *>(link)->self; }

  List pending_, skipped_;
  size_t not_cancelled_ = 0;  // not cancelled
};

}  // namespace boucle
