// gather(): a future that is done when others are.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "async/continuation.hpp"

namespace boucle {

// asyncio's _GatheringFuture, with the closure of gather(). The continuation on each child keeps it alive.
class Gather final : public Future {
 public:
  Gather(Loop &loop, bool return_exceptions) noexcept
      : Future(loop, Born::Shared, Kind::Gather), return_exceptions_(return_exceptions) {}

  // Throws bad_alloc; then nothing has changed.
  void follow(std::span<Future *const> futures);
  void clear_references() noexcept override;

 private:
  friend class Heap;
  friend class Cancellation;
  ~Gather() = default;
  void dispose() noexcept override {
    if (report_before_dispose()) Heap::destroy(this);
  }

  // Called for a done gather only. In asyncio, unlike for other futures, its exception does not count as retrieved
  // then.
  bool cancel_itself(const Ref<Exception> &) noexcept override { return false; }

  static void on_child_done(Continuation &continuation, Future &child) noexcept;
  void child_done(Future &child) noexcept;
  void finish(State state, Outcome outcome) noexcept;
  void forget_children() noexcept;
  Ref<Value> results();

  const bool return_exceptions_;
  bool cancel_requested_ = false;  // it ends when all of its children have, and not before
  size_t distinct_ = 0, finished_ = 0;
  std::vector<Local<Future>> children_;
  std::vector<Value *> items_;
  std::unique_ptr<Continuation[]> continuations_;

  // For a Cancellation, while that lives.
  struct Visit {
    Gather *parent;           // the gather that it was reached from
    Gather *previous_marked;  // the gather that was marked before this one
    Future *path_start;       // in check(): the first of the tasks that led here
    Task *waiting_task;       // in request(): the task that awaits it, if it was reached through one
    size_t next_child;        // the child that is visited next
    bool any_cancelled;       // whether a child was cancelled
  } visit_ = {};
};

// Returns nullptr if there is no memory. The reference is the caller's, a shared one.
Future *gather(Loop &loop, std::span<Future *const> futures, bool return_exceptions) noexcept;

}  // namespace boucle
