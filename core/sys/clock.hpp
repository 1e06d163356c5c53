// Clock: the monotonic clock, or a virtual one that stands still until it is moved. In nanoseconds.
//
// A reading of the system's clock costs 25 ns and, which is worse, waits for all loads that are under way. If the
// system computes its clock from the processor's time stamp counter, a reading is an anchor: for kAnchorNs nanoseconds
// after it, the counter gives the time that has passed since.
//
// Invariants: (1) time never goes back; (2) between anchors it is within two microseconds of the system's, and mostly
// behind it: the rate is that of the last few milliseconds, less a margin (kRateMargin).
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
  // Only for the loop's thread.
  int64_t now() noexcept {
    uint64_t passed = ticks() - anchor_ticks_;
    if (passed < valid_ticks_) [[likely]]
      return anchor_ns_ + to_ns(passed);
    return virtual_ ? virtual_now() : make_anchor();
  }
  // For any thread.
  int64_t now_elsewhere() const noexcept { return virtual_ ? virtual_now() : monotonic(); }
  // Moves a virtual clock; do not call it for others.
  void advance_to(int64_t when) noexcept { now_.store(when, std::memory_order_relaxed); }

  static int64_t monotonic() noexcept;

 private:
  static constexpr int64_t kAnchorNs = 50'000;
  static constexpr int64_t kBaselineNs = 2'000'000;   // at least this long between the two readings that give the rate
  static constexpr uint64_t kRateMargin = 1 << 14;    // the rate is reduced by one part in so many
  static constexpr uint64_t kMaxReadingTicks = 4000;  // a reading that took longer was interrupted
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
  uint64_t valid_ticks_ = 0;  // for how long the anchor is used; 0: it is not used
  uint64_t anchor_ticks_ = 0;
  int64_t anchor_ns_ = 0;
  uint64_t rate_ = 0;  // nanoseconds a tick, times 2^kShift
  uint64_t baseline_ticks_ = 0;
  int64_t baseline_ns_ = 0;
  std::atomic<int64_t> now_{0};  // the virtual time; any thread may read it
};

}  // namespace boucle
