// gather(): a future that is done when others are.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "async/continuation.hpp"

namespace boucle {

// asyncio's _GatheringFuture and the closure of gather(). Each child's callback keeps it alive.
class Gather final : public Future {
 public:
  Gather(Loop &loop, bool return_exceptions) noexcept
      : Future(loop, Born::Shared, Kind::Gather), return_exceptions_(return_exceptions) {}

  // Throws bad_alloc, before anything was done.
  void follow(std::span<Future *const> futures);
  void clear_references() noexcept override;

 private:
  friend class Heap;
  friend class Cancellation;
  ~Gather() = default;
  void dispose() noexcept override {
    if (report_before_dispose()) Heap::destroy(this);
  }

  // Of one that is done: in asyncio, unlike that of other futures, it does not count as retrieving.
  bool cancel_itself(const Ref<Exception> &) noexcept override { return false; }

  static void on_child_done(Continuation &continuation, Future &child) noexcept;
  void child_done(Future &child) noexcept;
  void finish(State state, Outcome outcome) noexcept;
  void forget_children() noexcept;
  Ref<Value> results();

  const bool return_exceptions_;
  bool cancel_requested_ = false;  // it ends when its children have: its state does not change before
  size_t distinct_ = 0, finished_ = 0;
  std::vector<Local<Future>> children_;
  std::vector<Value *> items_;
  std::unique_ptr<Continuation[]> continuations_;

  // A Cancellation's, while it lives.
  struct Visit {
    Gather *parent;           // the one that it was reached from
    Gather *previous_marked;  // the one that was reached for the first time before this one
    Future *path_start;       // while looking: where the tasks begin that led here
    Task *waiting_task;       // while asking: the task that waits for it, if it was reached by way of one
    size_t next_child;        // the child to be looked at next
    bool any_cancelled;       // whether a child was cancelled
  } visit_ = {};
};

// nullptr if there is no memory; the reference is the caller's, a shared one.
Future *gather(Loop &loop, std::span<Future *const> futures, bool return_exceptions) noexcept;

}  // namespace boucle
