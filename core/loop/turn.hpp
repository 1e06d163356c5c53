// Turn: one turn of the loop, in six phases; see run().
//
// Invariants: (1) what a callback schedules runs in a later turn; (2) dispatch never allocates for its own sake.
#pragma once

#include "loop/node.hpp"
#include "loop/sleep_policy.hpp"

namespace boucle {

class Turn {
 public:
  Turn(Loop &loop, const LoopOptions &options) noexcept : loop_(loop), sleep_(loop, options) {}

  // Turns until stop(): at least one. Or until one fails.
  Status run_until_stopped() noexcept;
  // One, which waits for at most limit_ns (negative: without limit). Fails with DEADLOCK on a virtual clock.
  Status run_once(int64_t limit_ns) noexcept;
  void stop() noexcept { stopping_ = true; }
  bool is_stopping() const noexcept { return stopping_; }

  // ---- for whoever runs the nodes of a turn one by one ----
  // All but the last phase, and the snapshot.
  Status begin() noexcept;
  // What is next in the snapshot, or nullptr.
  Node *next_node() noexcept { return snapshot_.empty() ? nullptr : static_cast<Node *>(snapshot_.front()); }
  // The one after; nullptr at the end.
  Node *node_after(Node &node) noexcept {
    return node.next == snapshot_.end() ? nullptr : static_cast<Node *>(node.next);
  }
  void run_next_node() noexcept;
  // To be run next: it was left in the middle.
  void put_back(Node &node) noexcept { snapshot_.push_front(node); }

  bool has_work() const noexcept;
  void begin_run() noexcept { sleep_.begin_run(); }
  void end_run() noexcept { stopping_ = false; }
  // What was not run stays, ahead of what was scheduled meanwhile.
  void keep_snapshot() noexcept;
  // The loop closes.
  void drop_snapshot() noexcept;

 private:
  template <class Drain>
  Status run(int64_t limit_ns, Drain &&drain) noexcept;
  void drain() noexcept;
  Status pass_virtual_time(int64_t limit_ns) noexcept;

  Loop &loop_;
  List snapshot_;  // what phase 6 is running
  bool stopping_ = false;
  SleepPolicy sleep_;
};

}  // namespace boucle
