// Concurrent: the outcome of a task of a loop, for other threads to wait for. asyncio.run_coroutine_threadsafe()'s
// concurrent.futures.Future.
//
// It goes through the loop as nodes, of which each holds a reference: `start_` is posted, makes the task, and then stands
// among the task's done-callbacks; `cancel_` is posted at most once; `close_` is dropped if the loop closes before the task
// is done, so that nobody waits for ever. If the loop drops one of them, the loop is as good as closed.
//
// Any thread, but for what the nodes do. Invariants: (1) loop_ is not null as long as the loop has start_: under the
// monitor it may then be posted to; (2) what is done never changes.
#pragma once

#include "async/task.hpp"
#include "sys/monitor.hpp"

namespace boucle {

class Concurrent : public Counted<Concurrent> {
 public:
  // nullptr if there is no memory.
  static Ref<Concurrent> start(Loop &loop, StepFn step, Userdata userdata) noexcept;
  static void destroy(Concurrent *concurrent) noexcept { delete concurrent; }

  bool done() noexcept;
  // Waits at most so long, without limit if negative. 0 and the outcome; -ETIMEDOUT; DEADLOCK if this thread runs the loop
  // that would have to end it.
  Status wait(int64_t timeout_ns, Outcome &ret_outcome) noexcept;
  // Ends it, and asks the task to stop. False if it was done already.
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

  // Of the loop's thread, once posted.
  const StepFn step_;
  Userdata userdata_;
  OwnedNode start_, cancel_, close_;
  Task *task_ = nullptr;  // pending, with start_ among its callbacks

  Monitor monitor_;
  // Under the monitor.
  Loop *loop_;
  bool done_ = false;
  Outcome outcome_;
};

}  // namespace boucle
