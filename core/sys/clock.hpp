// The clock seam: the monotonic clock, or a virtual one that stands still until it is moved. Nanoseconds.
#pragma once

#include <atomic>
#include <cstdint>

namespace boucle {

class Clock {
 public:
  explicit Clock(bool is_virtual) noexcept : virtual_(is_virtual) {}

  bool is_virtual() const noexcept { return virtual_; }
  int64_t now() const noexcept { return virtual_ ? now_.load(std::memory_order_relaxed) : monotonic(); }
  // Virtual clocks only.
  void advance_to(int64_t when) noexcept { now_.store(when, std::memory_order_relaxed); }

  static int64_t monotonic() noexcept;

 private:
  const bool virtual_;
  std::atomic<int64_t> now_{0};  // any thread may ask for the time
};

}  // namespace boucle
