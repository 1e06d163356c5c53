// SleepPolicy: how long a turn waits, and what is done before the loop sleeps. A sleep is a system call and, when it
// ends, some microseconds; so before one, in this order:
//
//   yield  to threads that post a lot: they may only be waiting for this processor, and what they post now needs no
//          wake-up
//   tidy   the memory of a peak that is over goes back, a slice at a time, until there is something to do
//   spin   if asked for: watch the inbox without sleeping, so that a post needs no wake-up
//   slack  where timers come in crowds, sleep a little longer: a sleep for each few of them would cost more than they
//          do
//
// And a loop that is busy looks at its descriptors only so often: a look is a system call, which is ten times what a
// callback costs.
#pragma once

#include <cstdint>

#include "loop/options.hpp"

namespace boucle {

class Loop;

class SleepPolicy {
 public:
  SleepPolicy(Loop &loop, const LoopOptions &options) noexcept;

  // How long the turn is to wait, for at most limit_ns (negative: without limit): as Driver::wait() is told. It may
  // have found something to do in the meantime.
  int64_t timeout_ns(int64_t limit_ns) noexcept;
  // Whether a turn that has work looks at the descriptors, too.
  bool is_time_to_look() noexcept { return --turns_to_clock_ == 0 && has_not_looked_for_long(); }
  void begin_run() noexcept {
    looked_ = 0;  // the first turn of each run looks
    turns_to_clock_ = 1;
  }
  void looked(int64_t now) noexcept { looked_ = now; }

 private:
  bool has_not_looked_for_long() noexcept;
  void yield_to_posters() noexcept;
  void tidy() noexcept;
  void spin(int64_t limit_ns) noexcept;
  bool spins() const noexcept;
  void look() noexcept;
  int64_t until_next_timer(int64_t limit_ns) noexcept;
  int64_t virtual_timeout_ns(int64_t limit_ns) noexcept;

  Loop &loop_;
  const int64_t spin_ns_;   // 0 on the virtual clock
  const int64_t slack_ns_;  // how long a sleep is at least, where timers come in crowds
  int64_t looked_ = 0;      // when descriptors were looked at last
  int64_t clocked_ = 0;     // when the time was taken for that last, and in how many turns it is next
  uint32_t turns_to_clock_ = 1, clock_every_ = 1;
};

}  // namespace boucle
