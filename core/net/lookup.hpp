// Lookup: a question about names that the loop's resolver was asked, and the futures that wait for the answer.
// loop.getaddrinfo(), loop.getnameinfo().
//
// Equal questions that are under way are one Lookup. It is an operation while at least one future waits for it;
// afterwards it is abandoned: nothing waits for it, but it comes back, and a further future may join it until then.
//
// The loop's thread only, but for answered().
//
// Invariants: (1) a future that waits is on waiters_, with a reference of its own; (2) the lookup is the resolver's
// until it was withdrawn or came back; after that it is its own, until its node is run or dropped.
#pragma once

#include "async/future.hpp"

namespace boucle {

class Lookup;

// Its place in the list of a Lookup.
struct LookupWaiter : Link {
  Lookup *lookup = nullptr;  // while it is linked
};

class LookupFuture final : public Future, public LookupWaiter {
 public:
  // Dropped from the list: the look-up goes on for the others.
  bool cancel_itself(const Ref<Exception> &reason) noexcept override;

 private:
  friend class Heap;
  friend class Lookup;
  explicit LookupFuture(Loop &loop) noexcept : Future(loop) {}
  void dispose() noexcept override;
  void end(Outcome outcome) noexcept;
};

class Lookup final : public Query, public Operation {
 public:
  // The reference is the caller's, a shared one. What the system knows without asking anybody is there at once.
  static Status start(Loop &loop, const NameQuestion &question, Ref<Future> &ret_future) noexcept;

 private:
  friend class LookupFuture;
  Lookup(Loop &loop, const NameQuestion &question)
      : Query(question), Operation(Kind::Lookup, kType, take_back), loop_(loop) {}

  static Status answer_now(Loop &loop, const NameQuestion &question, Ref<Future> &ret_future) noexcept;
  static Status join(Loop &loop, const NameQuestion &question, LookupFuture &future);
  void add(LookupFuture &future) noexcept;
  void remove(LookupFuture &future) noexcept;
  LookupFuture *pop_waiter() noexcept;
  void drop_waiters() noexcept;
  void answered() noexcept override;

  static const NodeType kType;
  static bool take_back(Driver &driver, Operation &operation) noexcept;
  static void arrive(Loop &loop, Node &node) noexcept;
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;

  Loop &loop_;
  List waiters_;
  bool is_own_ = false;  // the resolver does not know it any more
};

}  // namespace boucle
