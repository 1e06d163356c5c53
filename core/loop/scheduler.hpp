// Scheduler: what is to run, and when: the ready queue, the timers, and the inbox of other threads. Nothing here fails
// or allocates.
//
// The loop's thread only, but for the inbox.
#pragma once

#include "loop/inbox.hpp"
#include "loop/run_queue.hpp"
#include "loop/timer_queue.hpp"
#include "sys/clock.hpp"

namespace boucle {

class Scheduler {
 public:
  Scheduler(Loop &loop, bool virtual_clock, size_t post_limit) noexcept
      : clock(virtual_clock), inbox(post_limit), loop_(loop), timers_(clock.now()) {}

  Clock clock;
  Inbox inbox;
  RunQueue ready;

  // ---- the ready queue ----
  void schedule(Node &node) noexcept { ready.push(node); }
  void schedule_all(List &nodes) noexcept { ready.push_all(nodes); }
  // Takes a node out of the ready queue, ahead of its turn.
  void withdraw(Node &node) noexcept {
    ++withdrawn;
    node.unlink();
  }
  // How often a ready node was taken out ahead of its turn, or given another outcome: whoever read ahead reads again.
  int64_t withdrawn = 0;

  // ---- timers ----
  int64_t deadline_after(int64_t delay_ns) noexcept {
    int64_t now = clock.now();
    return delay_ns > TimerQueue::kFarthest - now ? TimerQueue::kFarthest : now + delay_ns;
  }
  void schedule_at(Node &node, int64_t deadline) noexcept {
    node.deadline = deadline;
    timers_.add(node);
  }
  // Whether the timer, whose type tells until when, may just be put off. On a virtual clock it may not: there deadlines
  // are often equal, and it would come after others that were armed later.
  bool may_put_off(const Node &node, int64_t until) const noexcept {
    return until >= node.deadline && !clock.is_virtual();
  }
  void reschedule_timer(Node &node, int64_t deadline) noexcept { timers_.move(node, deadline); }
  void remove_timer(Node &node) noexcept { timers_.remove(node); }
  // The same for a node that was ready or armed, and of which nothing but its dropping is left, which comes when it
  // comes.
  void retire_timer(Node &node) noexcept {
    ++withdrawn;
    if (Node *former = timers_.retire(node)) former->type->drop(loop_, *former);
  }
  // When the first timer is due, or a moment before; TimerQueue::kNever if none ever is.
  int64_t next_deadline() noexcept { return timers_.next(); }
  bool is_timeless() noexcept { return timers_.is_timeless(); }
  // Virtual clock: moves the time to the next timer, but not beyond `limit`.
  void jump(int64_t limit) noexcept;
  // The timers that are due go to the ready queue, by (deadline, order of scheduling).
  void collect_timers() noexcept {
    if (!timers_.is_untouched()) collect();
  }
  // How many came due since the last call.
  uint64_t take_due_count() noexcept { return std::exchange(came_due_, 0); }

  // ---- the inbox ----
  // What other threads posted goes to the ready queue.
  void take_posts() noexcept {
    if (inbox.maybe_filled()) [[unlikely]]
      take_inbox();
  }
  void take_inbox() noexcept;
  // Another thread posts a lot.
  bool is_flooded() const noexcept { return flooded_; }
  void forget_flood() noexcept { flooded_ = false; }

  // ---- the loop closes ----
  void drop(List &nodes) noexcept;
  void drop_timers() noexcept;

 private:
  void collect() noexcept;
  void drop_retired() noexcept;

  Loop &loop_;
  TimerQueue timers_;
  uint64_t came_due_ = 0;
  bool flooded_ = false;
};

}  // namespace boucle
