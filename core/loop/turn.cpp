#include "loop/turn.hpp"

#include "loop/loop.hpp"

namespace boucle {

// A turn may be for a single callback. So it is inline, with its phases, and one that has work does not wait.
template <class Drain>
[[gnu::always_inline]] inline Status Turn::run(int64_t limit_ns, Drain &&drain) noexcept {
  loop_.scheduler.take_posts();  // 1. what other threads posted
  if (!has_work() || (loop_.driver.needs_look() && sleep_.is_time_to_look())) {
    const int64_t timeout = sleep_.timeout_ns(limit_ns);                   // 2. how long to wait
    const std::span<const IoResult> results = loop_.driver.wait(timeout);  // 3. wait
    loop_.driver.deliver(results);                                         // 4. results -> ready queue
    if (timeout != Driver::kNoLook) sleep_.looked(loop_.now());
    if (Status s = pass_virtual_time(limit_ns)) return s;
  }
  loop_.scheduler.collect_timers();  // 5. timers that are due -> ready queue
  drain();                           // 6. run a snapshot of the ready queue
  return 0;
}

inline void Turn::drain() noexcept {
  Dispatch &dispatch = loop_.dispatch;
  RunQueue &ready = loop_.scheduler.ready;
  if (Node *only = snapshot_.empty() ? ready.pop_only() : nullptr) [[likely]] {
    dispatch.run(*only);
    if (snapshot_.empty()) [[likely]]
      return;  // else it was left in the middle
  } else {
    ready.move_to(snapshot_);
  }
  while (!dispatch.is_left() && !snapshot_.empty()) dispatch.run(*static_cast<Node *>(snapshot_.pop_front()));
  if (dispatch.is_left()) [[unlikely]]
    keep_snapshot();
}

Status Turn::run_until_stopped() noexcept {
  do {
    if (Status s = run(-1, [&] { drain(); })) return s;
  } while (!stopping_);
  return 0;
}

Status Turn::run_once(int64_t limit_ns) noexcept {
  return run(limit_ns, [&] { drain(); });
}

Status Turn::begin() noexcept {
  return run(-1, [&] { loop_.scheduler.ready.move_to(snapshot_); });
}

void Turn::run_next_node() noexcept { loop_.dispatch.run(*static_cast<Node *>(snapshot_.pop_front())); }

void Turn::keep_snapshot() noexcept { loop_.scheduler.ready.push_front_all(snapshot_); }

void Turn::drop_snapshot() noexcept { loop_.scheduler.drop(snapshot_); }

// A virtual clock stands still while there is work, or an operation under way; else it moves to the next timer.
Status Turn::pass_virtual_time(int64_t limit_ns) noexcept {
  if (!loop_.scheduler.clock.is_virtual() || has_work() || loop_.driver.operations() > 0) return 0;
  if (limit_ns < 0 && loop_.scheduler.is_timeless()) {
    return loop_.driver.can_be_woken() || loop_.scheduler.inbox.is_filled() ? 0 : status::DEADLOCK;
  }
  constexpr int64_t kLast = TimerQueue::kFarthest - 1;
  int64_t now = loop_.now();
  loop_.scheduler.jump(limit_ns < 0 || limit_ns > kLast - now ? kLast : now + limit_ns);
  return 0;
}

}  // namespace boucle
