// How the loop waits when nothing is ready, phases 2 to 4, and what it does before it sleeps.
#include <algorithm>
#include <cstdio>
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
    look();
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
    if (!has_work()) look();
    if (has_work()) return;
    yield_processor();
  }
}

Status Loop::wait(int64_t limit_ns) noexcept {
  if (limit_ns != 0) {
    if (in_stream_ && !has_work()) [[unlikely]] let_post();
    if (!has_work() && has_surplus()) [[unlikely]] tidy_up();
    if (!has_work() && spins()) [[unlikely]] spin(limit_ns);
  }
  if (has_work()) {
    look();
    return 0;
  }
  if (clock_.is_virtual()) return jump(limit_ns);
  int64_t ns = sleep_ns(limit_ns);
  ns == 0 && limit_ns != 0 ? look() : poll(ns);
  return 0;
}

// The clock is cheap, but not compared with a callback: where turns are short it is asked once for many of them.
bool Loop::has_not_looked_for_long() noexcept {
  constexpr int64_t kLookEvery = 20'000, kShort = 1'000;
  constexpr uint32_t kMostTurns = 32;
  int64_t time = now();
  bool are_short = time - std::exchange(clocked_, time) < kShort;
  clock_every_ = are_short ? std::min(2 * clock_every_, kMostTurns) : 1;
  if (clock_.is_virtual()) clock_every_ = 1;
  turns_to_clock_ = clock_every_;
  return clock_.is_virtual() || time - looked_ >= kLookEvery;
}

// How long to sleep: until the next timer, and no longer than limit_ns (negative: without limit).
int64_t Loop::sleep_ns(int64_t limit_ns) noexcept {
  constexpr uint64_t kCrowd = 16;
  bool in_crowd = std::exchange(came_due_, 0) >= kCrowd;
  int64_t next = timers_.next();
  if (next == TimerQueue::kNever) return limit_ns;
  int64_t left = std::max<int64_t>(0, next - now());
  // Where timers come in crowds, a sleep for each few of them would cost more than they do. A loop that has spun until its
  // timer was due does not sleep at all.
  if (in_crowd && !(left == 0 && spins())) left = std::max(left, timer_slack_ns_);
  return limit_ns < 0 ? left : std::min(left, limit_ns);
}

// The virtual clock: instead of waiting, time moves to the next timer. Errands take no time on it: they are waited for.
// Then descriptors are asked; if there are only those, they are waited for.
Status Loop::jump(int64_t limit_ns) noexcept {
  if (errands_ > 0) {
    poll(limit_ns);
    return 0;
  }
  if (polls() || poked_ || limit_ns == 0) {
    poll(polls() && timers_.is_timeless() ? limit_ns : 0);
    if (has_work()) return 0;
  }
  if (limit_ns < 0 && timers_.is_timeless()) {
    return polls() || inbox_.is_filled() ? 0 : status::DEADLOCK;
  }
  constexpr int64_t kLast = TimerQueue::kFarthest - 1;
  int64_t limit = limit_ns < 0 || limit_ns > kLast - now() ? kLast : now() + limit_ns;
  int64_t next = std::min(timers_.jump(limit), limit);
  clock_.advance_to(std::max(now(), next));
  return 0;
}

// Asks for what is ready, and waits for at most timeout_ns (negative: without limit).
//
// A turn that is not to wait and has nothing to do gets here, too: whoever asked for it may have been sent by the loop's
// descriptor, which is readable until the waker's event was taken from the poller.
void Loop::poll(int64_t timeout_ns) noexcept {
  bool announced = timeout_ns != 0;
  // Announce the sleep first, look again after that: a post between the two finds the announcement, or is found.
  if (announced && !inbox_.expect()) timeout_ns = 0;
  const bool blocks = timeout_ns != 0 && wait_hook_.fn;
  if (blocks) [[unlikely]] call_wait_hook(true);
  std::span<const Readiness> answers = poller_->wait(timeout_ns);
  if (blocks) [[unlikely]] call_wait_hook(false);
  looked_ = now();
  List ready;
  bool seen = false;
  int lost = -1;
  for (const Readiness &r : answers) {
    if (r.fd == waker_.fd()) {
      seen = true;
      if (!(r.ready & kEdge)) waker_.clear();
    } else if (r.fd == signals_.fd()) {  // also of a signal whose handler has just been removed
      on_signal_pipe(ready);
    } else if (r.ready == kLost) [[unlikely]] {
      lost = r.fd;
    } else {
      watchers_.queue(r, ready);
    }
  }
  ready_.push_all(ready);
  if (announced) poked_ |= inbox_.stop_expecting();
  take_posted();
  if (seen) poked_ = false;
  if (lost >= 0) [[unlikely]] report_lost(lost);
}

// From the one call to the other the host's lock may be another thread's.
void Loop::call_wait_hook(bool begins) noexcept {
  if (begins) wake_when_posted_ = true;
  wait_hook_.is_called = true;
  wait_hook_.fn(this, begins, wait_hook_.userdata.get());
  wait_hook_.is_called = false;
  if (!begins) wake_when_posted_ = false;
}

void Loop::report_lost(int fd) noexcept {
  char text[160];
  std::snprintf(text, sizeof text,
                "descriptor %d was closed while it was watched, and a duplicate of it is still open: it is watched no more",
                fd);
  report({.message = text});
}

}  // namespace boucle
