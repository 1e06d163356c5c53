// The clock seam: the monotonic clock, or a virtual one that stands still until it is moved. Nanoseconds.
//
// Asking the system costs 25 ns and, what is worse, waits for every load under way. So where the processor's time stamp
// counter is what the system's clock is made of, a reading of the clock is an anchor, and for kAnchorNs nanoseconds after it
// the counter says how much time has passed since.
//
// Invariants: (1) time never goes back; (2) between anchors it is within two microseconds of the system's,
// mostly behind it: the rate is that of the last few milliseconds, less kRateMargin.
#pragma once

#include <atomic>
#include <cstdint>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace boucle {

class Clock {
 public:
  explicit Clock(bool is_virtual) noexcept : virtual_(is_virtual) {}

  bool is_virtual() const noexcept { return virtual_; }
  // For the loop's thread.
  int64_t now() noexcept {
    uint64_t passed = ticks() - anchor_ticks_;
    if (passed < valid_ticks_) [[likely]] return anchor_ns_ + to_ns(passed);
    return virtual_ ? virtual_now() : make_anchor();
  }
  // For any other.
  int64_t now_elsewhere() const noexcept { return virtual_ ? virtual_now() : monotonic(); }
  // Virtual clocks only.
  void advance_to(int64_t when) noexcept { now_.store(when, std::memory_order_relaxed); }

  static int64_t monotonic() noexcept;

 private:
  static constexpr int64_t kAnchorNs = 50'000;
  static constexpr int64_t kBaselineNs = 2'000'000;  // how far apart the two readings are that give the rate
  static constexpr uint64_t kRateMargin = 1 << 14;    // one part in so many is taken off the rate
  static constexpr uint64_t kMaxReadingTicks = 4000;         // ticks: a reading that took longer was interrupted
  static constexpr int kShift = 32;

  static uint64_t ticks() noexcept {
#if defined(__x86_64__)
    return __rdtsc();
#else
    return 0;
#endif
  }
  int64_t to_ns(uint64_t some_ticks) const noexcept { return static_cast<int64_t>(some_ticks * rate_ >> kShift); }
  int64_t virtual_now() const noexcept { return now_.load(std::memory_order_relaxed); }
  int64_t make_anchor() noexcept;
  void update_rate(uint64_t at_ticks, int64_t at_ns) noexcept;

  const bool virtual_;
  uint64_t valid_ticks_ = 0;  // how long the anchor serves; 0: not at all
  uint64_t anchor_ticks_ = 0;
  int64_t anchor_ns_ = 0;
  uint64_t rate_ = 0;  // nanoseconds a tick, times 2^kShift
  uint64_t baseline_ticks_ = 0;
  int64_t baseline_ns_ = 0;
  std::atomic<int64_t> now_{0};  // the virtual time; any thread may ask for it
};

}  // namespace boucle
