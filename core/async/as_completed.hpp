// as_completed(): the outcomes of futures, in the order in which the futures end.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "async/continuation.hpp"
#include "async/coroutine.hpp"
#include "async/wait.hpp"
#include "async/waiters.hpp"

namespace boucle {

// The iterator of as_completed(). Each pending future keeps it alive.
class Completion final : public Object, public Node {
 public:
  // Returns nullptr if there is no memory. The reference is the caller's, a shared one.
  static Completion *make(Loop &loop, std::span<Future *const> futures, int64_t timeout_ns) noexcept;
  explicit Completion(Loop &loop) noexcept : Object(loop), Node(kType) {}
  // Whether there are fewer async_next() than distinct futures.
  bool has_next() const noexcept { return nexts_ < count_; }

 private:
  friend class Heap;
  friend Async async_next(Loop &, Local<Completion>) noexcept;
  ~Completion() = default;
  void dispose() noexcept override { Heap::destroy(this); }

  // Throws bad_alloc; then nothing has changed.
  void follow(std::span<Future *const> futures, int64_t timeout_ns);
  static Async async_next_done(Loop &loop, Local<Completion> completion) noexcept;

  static const NodeType kType;  // of its timer
  static void on_done(Continuation &continuation, Future &future) noexcept;
  void on_timeout() noexcept;
  void stop_timer() noexcept;

  size_t count_ = 0, nexts_ = 0, pending_ = 0, returned_ = 0;
  std::vector<Local<Future>> done_;  // nullptr: timed out
  std::unique_ptr<Continuation[]> continuations_;
  Waiters getters_;
};
// Returns the outcome of the next future that is done; TimeoutError after the timeout. Only if has_next().
Async async_next(Loop &loop, Local<Completion> completion) noexcept;

}  // namespace boucle
