// Timeout: `async with asyncio.timeout()`. At its deadline it cancels the task that entered it; exit() then turns that
// cancellation into a TimeoutError.
#pragma once

#include "async/task.hpp"

namespace boucle {

class Timeout final : public Object, public Node {
 public:
  enum class State : uint8_t { Created, Entered, Expiring, Expired, Exited };

  // when: a deadline, or kNever. Returns nullptr if there is no memory. The reference is the caller's, a shared one.
  static Timeout *make(Loop &loop, int64_t when) noexcept { return loop.heap.make<Timeout>(when); }
  Timeout(Loop &loop, int64_t when) noexcept : Object(loop), Node(kType), when_(when) {}

  State state() const noexcept { return state_; }
  const char *state_name() const noexcept;
  int64_t when() const noexcept { return when_; }
  bool expired() const noexcept { return state_ == State::Expiring || state_ == State::Expired; }

  // Limits the running task, or the given one, from here on. NOTASK if none runs; INVALIDSTATE unless it is in state
  // Created.
  Status enter() noexcept;
  void enter(Task &task) noexcept;
  // EXPIRED unless it is in state Entered.
  Status reschedule(int64_t when) noexcept;
  // Whether exit() may follow.
  bool is_entered() const noexcept { return state_ == State::Entered || state_ == State::Expiring; }
  // The block ended with this outcome. Returns the outcome with which the code around the block continues.
  Outcome exit(Outcome outcome) noexcept;

 private:
  friend class Heap;
  ~Timeout() = default;
  void dispose() noexcept override { Heap::destroy(this); }

  static const NodeType kType;
  void start_timer() noexcept;
  void stop_timer() noexcept;
  void on_timeout() noexcept;

  State state_ = State::Created;
  unsigned cancelling_ = 0;  // Task::cancelling() at entry
  int64_t when_;
  Local<Task> task_;  // as in asyncio it is kept for good
};

}  // namespace boucle
