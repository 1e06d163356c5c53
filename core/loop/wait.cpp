// How the loop waits when nothing is ready, phases 2 to 4, and what it does before it sleeps.
#include <algorithm>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

// Before a sleep: whoever posts a stream may only be waiting for this processor. What comes now needs no wake-up.
void Loop::let_post() noexcept {
  in_stream_ = false;
  yield_processor();
  take_posted();
}

// Before a sleep: gives back the memory of a peak that is over, a slice at a time, until there is something to do.
void Loop::tidy_up() noexcept {
  if (pool_.has_surplus()) pool_.flush();
  while (has_surplus() && !has_work() && timers_.next() > now()) {
    pool_.trim();
    stacks.trim();
    poll(0);
    take_posted();
  }
}

// Before a sleep, if asked for: waits without sleeping, so that a post needs no wake-up. A system call comes only every
// microsecond or two: descriptors are asked then, and who needs this very processor gets it.
void Loop::spin(int64_t limit_ns) noexcept {
  constexpr int kLooks = 64;
  int64_t start = now();
  int64_t span = std::min(spin_ns_, timers_.next() - start);
  if (limit_ns > 0) span = std::min(span, limit_ns);
  while (now() - start < span) {
    for (int i = 0; i < kLooks && !inbox_.maybe_filled(); ++i) relax_processor();
    take_posted();
    if (!has_work()) poll(0);
    if (has_work()) return;
    yield_processor();
  }
}

Status Loop::wait(int64_t limit_ns) noexcept {
  if (limit_ns != 0) {
    if (in_stream_ && !has_work()) [[unlikely]] let_post();
    if (!has_work() && has_surplus()) [[unlikely]] tidy_up();
    if (!has_work() && spin_ns_ > 0) [[unlikely]] spin(limit_ns);
  }
  if (has_work()) {
    if (polls() || poked_) poll(0);
    return 0;
  }
  if (clock_.is_virtual()) return jump(limit_ns);
  int64_t next = timers_.next();
  if (next != TimerQueue::kNever) {
    // Where timers come in crowds, a sleep for each few of them would cost more than they do: then the least is that of
    // asyncio, which always sleeps for whole milliseconds.
    constexpr uint64_t kCrowd = 16;
    constexpr int64_t kPause = 1'000'000;
    int64_t least = std::exchange(came_due_, 0) >= kCrowd ? kPause : 0;
    int64_t left = std::max(least, next - now());
    limit_ns = limit_ns < 0 ? left : std::min(left, limit_ns);
  }
  poll(limit_ns);
  return 0;
}

// The virtual clock: instead of waiting, time moves to the next timer. Errands take no time on it: they are waited for.
// Then descriptors are asked; if there are only those, they are waited for.
Status Loop::jump(int64_t limit_ns) noexcept {
  if (errands_ > 0) {
    poll(limit_ns);
    return 0;
  }
  if (polls() || poked_) {
    poll(polls() && timers_.empty() ? limit_ns : 0);
    if (has_work()) return 0;
  }
  if (timers_.empty() && limit_ns < 0) {
    return polls() || inbox_.is_filled() ? 0 : status::DEADLOCK;
  }
  int64_t limit = limit_ns < 0 || limit_ns > TimerQueue::kNever - now() ? TimerQueue::kNever : now() + limit_ns;
  int64_t next = std::min(timers_.jump(limit), limit);
  clock_.advance_to(std::max(now(), next));
  return 0;
}

void Loop::poll(int64_t timeout_ns) noexcept {
  bool announced = timeout_ns != 0, seen = false;
  if (announced) {
    // Announce the sleep first, look again after that: a post between the two finds the announcement, or is found.
    if (!inbox_.expect()) timeout_ns = 0;
  } else if (!polls() && !poked_) {
    return;
  }
  List ready;
  for (const Readiness &r : poller_->wait(timeout_ns)) {
    if (r.fd == waker_.fd()) {
      seen = true;
      if (!(r.ready & kEdge)) waker_.clear();
    } else if (signal_count_ > 0 && r.fd == signals_.fd()) {
      on_signal_pipe(ready);
    } else {
      watchers_.queue(r, ready);
    }
  }
  ready_.push_all(ready);
  bool woken = announced && inbox_.stop_expecting();
  poked_ = (poked_ || woken) && !seen;
  take_posted();
}

}  // namespace boucle
