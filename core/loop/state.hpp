// LoopState: who may work with a loop, and where: is it running, in which thread, in which process, is it closed.
//
// Any thread may ask; the thread that runs the loop, or would, changes it.
#pragma once

#include <atomic>

#include "base/status.hpp"
#include "sys/fork.hpp"

namespace boucle {

class Loop;

class LoopState {
 public:
  explicit LoopState(Loop &loop) noexcept : loop_(loop) {}

  bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }
  bool is_running() const noexcept { return stage() == Stage::Running || is_detached(); }
  // A detached run goes on while no thread runs the loop: see Loop::begin_detached_run().
  bool is_detached() const noexcept { return detached_.load(std::memory_order_relaxed); }
  bool runs_here() const noexcept { return running_ == this; }
  bool runs_elsewhere() const noexcept { return !runs_here() && stage() == Stage::Running; }
  // Made before a fork, in its parent: what the Io, the waker and the signal pipe have is shared with that.
  bool is_forked() const noexcept { return word_.load(std::memory_order_relaxed) / kFork != fork_count() / kFork; }
  // No thread runs it, it is open, and was made in this process.
  bool is_idle() const noexcept { return word_.load(std::memory_order_relaxed) == fork_count(); }
  static Loop *running_here() noexcept { return running_ ? &running_->loop_ : nullptr; }

  // 0, or why the loop cannot be worked with in this thread.
  Status check_access() const noexcept { return runs_here() || is_idle() ? 0 : refusal(); }
  // The same; CLOSED if it is closed.
  Status check_open() const noexcept {
    if (runs_here() || is_idle()) [[likely]]
      return 0;
    return is_closed() ? status::CLOSED : refusal();
  }
  // 0, or why nothing can be posted.
  Status check_post() const noexcept {
    if (is_closed()) [[unlikely]]
      return status::CLOSED;
    return is_forked() ? status::FORKED : 0;
  }
  // 0, or why no run can begin in this thread.
  Status check_run() const noexcept;

  void enter() noexcept {
    set_stage(Stage::Running);
    running_ = this;
  }
  void leave() noexcept {
    running_ = nullptr;
    set_stage(Stage::Idle);
  }
  void detach(bool detached) noexcept { detached_.store(detached, std::memory_order_relaxed); }
  // False if it was closed already.
  bool close() noexcept;

  // In the child of a fork, in the thread that forked: no loop runs here. Which one did, or nullptr.
  static Loop *leave_in_child() noexcept;
  // This process was forked inside of its run.
  bool is_left_in_child() const noexcept { return left_in_child_; }
  // The run that was left is over.
  void end_run() noexcept { left_in_child_ = false; }

 private:
  enum class Stage : unsigned { Idle, Running, Closed };
  Stage stage() const noexcept { return static_cast<Stage>(word_.load(std::memory_order_relaxed) % kFork); }
  void set_stage(Stage stage) noexcept {
    unsigned made = word_.load(std::memory_order_relaxed) / kFork * kFork;
    word_.store(made + static_cast<unsigned>(stage), std::memory_order_relaxed);
  }
  Status refusal() const noexcept;

  Loop &loop_;
  std::atomic<unsigned> word_{fork_count()};  // that of the process that made it, plus the Stage
  std::atomic<bool> detached_{false};
  std::atomic<bool> closed_{false};
  bool left_in_child_ = false;

  // Which loop runs in this thread. So a loop's functions see at a glance that they are called from one of its
  // callbacks.
  static inline constinit thread_local LoopState *running_ __attribute__((tls_model("initial-exec"))) = nullptr;
};

}  // namespace boucle
