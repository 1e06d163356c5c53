// Waiters: the futures that tasks await at a primitive, in order: asyncio's deque of waiters.
//
// The list owns a reference to each waiter, until the task that awaits it removes it. Removing one is O(1), and so is
// all_cancelled(). Done waiters are skipped once and then kept apart, so that waking n waiters takes n steps.
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

  // Adds a new waiter at the end. Returns nullptr if there is no memory.
  Local<Waiter> add(Loop &loop) noexcept;
  // Does nothing if it is not in the list any more.
  void remove(Waiter &waiter) noexcept;

  // asyncio's `not any(not w.cancelled() for w in waiters)`.
  bool all_cancelled() const noexcept { return not_cancelled_ == 0; }
  // The first one, done or not; nullptr if there is none. A list is read by first() or by next_pending(), not by both.
  Waiter *first() noexcept { return pending_.empty() ? nullptr : at(pending_.front()); }
  // The first one that is not done.
  Waiter *next_pending() noexcept;
  // Removes waiters up to the first one that is not done, and wakes that one.
  void pop_and_wake() noexcept;

 private:
  friend class Waiter;
  static Waiter *at(Link *link) noexcept { return static_cast<Waiter::Place *>(link)->self; }

  List pending_, skipped_;
  size_t not_cancelled_ = 0;  // how many are not cancelled
};

}  // namespace boucle
