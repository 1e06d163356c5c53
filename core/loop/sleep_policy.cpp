#include "loop/sleep_policy.hpp"

#include <algorithm>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

SleepPolicy::SleepPolicy(Loop &loop, const LoopOptions &options) noexcept
    : loop_(loop), spin_ns_(options.virtual_clock ? 0 : options.spin_ns), slack_ns_(options.timer_slack_ns) {}

int64_t SleepPolicy::timeout_ns(int64_t limit_ns) noexcept {
  const Turn &turn = loop_.turn;
  if (limit_ns != 0) {
    if (loop_.scheduler.is_flooded() && !turn.has_work()) [[unlikely]]
      yield_to_posters();
    if (!turn.has_work() && loop_.heap.has_surplus()) [[unlikely]]
      tidy();
    if (!turn.has_work() && spins()) [[unlikely]]
      spin(limit_ns);
  }
  if (turn.has_work()) return loop_.driver.needs_look() ? 0 : Driver::kNoLook;
  if (loop_.scheduler.clock.is_virtual()) return virtual_timeout_ns(limit_ns);
  int64_t ns = until_next_timer(limit_ns);
  bool is_due = ns == 0 && limit_ns != 0;
  return is_due && !loop_.driver.needs_look() ? Driver::kNoLook : ns;
}

// The clock is cheap, but not compared with a callback: where turns are short it is asked once for many of them.
bool SleepPolicy::has_not_looked_for_long() noexcept {
  constexpr int64_t kLookEvery = 20'000, kShort = 1'000;
  constexpr uint32_t kMostTurns = 32;
  Clock &clock = loop_.scheduler.clock;
  int64_t time = clock.now();
  bool are_short = time - std::exchange(clocked_, time) < kShort;
  clock_every_ = are_short && !clock.is_virtual() ? std::min(2 * clock_every_, kMostTurns) : 1;
  turns_to_clock_ = clock_every_;
  return clock.is_virtual() || time - looked_ >= kLookEvery;
}

void SleepPolicy::yield_to_posters() noexcept {
  loop_.scheduler.forget_flood();
  yield_processor();
  loop_.scheduler.take_posts();
}

void SleepPolicy::tidy() noexcept {
  Heap &heap = loop_.heap;
  if (heap.pool.has_surplus()) heap.pool.flush();
  while (heap.has_surplus() && !loop_.turn.has_work() && loop_.scheduler.next_deadline() > loop_.now()) {
    heap.pool.trim();
    heap.stacks.trim();
    look();
    loop_.scheduler.take_posts();
  }
}

// A host that is told of waits gives its lock up for them: spinning would keep it.
bool SleepPolicy::spins() const noexcept { return spin_ns_ > 0 && !loop_.driver.has_wait_hook(); }

// A system call comes only every microsecond or two: descriptors are asked then, and who needs this very processor gets
// it.
void SleepPolicy::spin(int64_t limit_ns) noexcept {
  constexpr int kLooks = 64;
  int64_t start = loop_.now();
  int64_t span = std::min(spin_ns_, loop_.scheduler.next_deadline() - start);
  if (limit_ns > 0) span = std::min(span, limit_ns);
  while (loop_.now() - start < span) {
    for (int i = 0; i < kLooks && !loop_.scheduler.inbox.maybe_filled(); ++i) relax_processor();
    loop_.scheduler.take_posts();
    if (!loop_.turn.has_work()) look();
    if (loop_.turn.has_work()) return;
    yield_processor();
  }
}

void SleepPolicy::look() noexcept {
  if (!loop_.driver.needs_look()) return;
  loop_.driver.deliver(loop_.driver.wait(0));
  looked_ = loop_.now();
}

int64_t SleepPolicy::until_next_timer(int64_t limit_ns) noexcept {
  constexpr uint64_t kCrowd = 16;
  bool in_crowd = loop_.scheduler.take_due_count() >= kCrowd;
  int64_t next = loop_.scheduler.next_deadline();
  if (next == TimerQueue::kNever) return limit_ns;
  int64_t left = std::max<int64_t>(0, next - loop_.now());
  // A loop that has spun until its timer was due does not sleep at all.
  if (in_crowd && !(left == 0 && spins())) left = std::max(left, slack_ns_);
  return limit_ns < 0 ? left : std::min(left, limit_ns);
}

// Instead of waiting, time moves: see Turn::pass_virtual_time(). Operations take no time on this clock: they are waited
// for. If there are only handlers, those are waited for.
int64_t SleepPolicy::virtual_timeout_ns(int64_t limit_ns) noexcept {
  const Driver &driver = loop_.driver;
  if (driver.operations() > 0) return limit_ns;
  if (driver.has_handlers() && loop_.scheduler.is_timeless()) return limit_ns;
  return driver.needs_look() || limit_ns == 0 ? 0 : Driver::kNoLook;
}

}  // namespace boucle
