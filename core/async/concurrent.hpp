// Concurrent: the outcome of a task, which other threads can wait for. asyncio.run_coroutine_threadsafe()'s
// concurrent.futures.Future.
//
// Its three nodes each own a reference while the loop has them. `start_` is posted, makes the task, and is then one of
// the task's done-callbacks. `cancel_` is posted at most once. `close_` is dropped if the loop closes before the task
// is done, so that no thread waits for ever. If the loop drops a node, the loop is treated as closed.
//
// Any thread may call the public functions; the nodes are run by the loop's thread. Invariants: (1) loop_ is not
// nullptr as long as the loop has start_: with the monitor locked, nodes may then be posted to it; (2) a done one does
// not change.
#pragma once

#include "async/task.hpp"
#include "sys/monitor.hpp"

namespace boucle {

class Concurrent : public Counted<Concurrent> {
 public:
  // Returns nullptr if there is no memory.
  static Ref<Concurrent> start(Loop &loop, StepFn step, Userdata userdata) noexcept;
  static void destroy(Concurrent *concurrent) noexcept { delete concurrent; }

  bool done() noexcept;
  // Waits at most that long; without limit if negative. Returns 0 and the outcome; -ETIMEDOUT; DEADLOCK if this thread
  // runs the task's loop; FORKED if another process has it.
  Status wait(int64_t timeout_ns, Outcome &ret_outcome) noexcept;
  // Completes it, and requests that the task is cancelled. Returns false if it was done already.
  bool cancel(Ref<Exception> reason) noexcept;

 private:
  Concurrent(Loop &loop, StepFn step, Userdata userdata) noexcept;
  ~Concurrent() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

  struct OwnedNode : Node {
    OwnedNode(const NodeType &type, Concurrent &concurrent) noexcept : Node(type), owner(concurrent) {}
    Concurrent &owner;
  };
  static Concurrent &owner(Node &node) noexcept { return static_cast<OwnedNode &>(node).owner; }

  static const NodeType kStart, kFinish, kCancel, kClose;
  static void make_task(Loop &loop, Node &node) noexcept;
  static void take_outcome(Loop &loop, Node &node) noexcept;
  static void cancel_task(Loop &loop, Node &node) noexcept;
  static void drop_start(Loop &loop, Node &node) noexcept;
  static void drop_finish(Loop &loop, Node &node) noexcept;
  static void drop_other(Loop &loop, Node &node) noexcept;
  static void on_close(Loop &loop, Node &node) noexcept;

  bool complete(Outcome outcome) noexcept;
  void detach_from_loop() noexcept;

  // Used by the loop's thread only, once posted.
  const StepFn step_;
  Userdata userdata_;
  OwnedNode start_, cancel_, close_;
  Task *task_ = nullptr;  // while it is pending, with start_ as one of its callbacks

  Monitor monitor_;
  // With the monitor locked.
  Loop *loop_;
  bool done_ = false;
  Outcome outcome_;
};

}  // namespace boucle
