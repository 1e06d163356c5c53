#include "sys/clock.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace boucle {
namespace {

// Returns true if Linux uses the time stamp counter as its clock. Then the counter has one rate, and is the same on all
// processors.
bool clock_is_counter() noexcept {
#if defined(__x86_64__)
  int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char name[8] = {};
  bool is_tsc = read(fd, name, sizeof name - 1) > 0 && std::strncmp(name, "tsc\n", 4) == 0;
  close(fd);
  return is_tsc;
#else
  return false;
#endif
}

}  // namespace

int64_t Clock::monotonic() noexcept {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// Reads the system's clock, and makes that reading the anchor. The counter is read last, so that the time between
// anchors is never ahead of the clock. It is hardly behind it either, unless the thread was interrupted between the two
// readings: then the reading does not become the anchor.
int64_t Clock::make_anchor() noexcept {
  static const bool has_counter = clock_is_counter();
  if (!has_counter) return monotonic();
  uint64_t before = ticks();
  int64_t now = monotonic();
  uint64_t at = ticks();
  now = std::max(now, anchor_ns_ + to_ns(std::min(at - anchor_ticks_, valid_ticks_)));
  if (at - before > kMaxReadingTicks) return now;
  update_rate(at, now);
  anchor_ticks_ = at;
  anchor_ns_ = now;
  return now;
}

// Measures the rate between two readings. A rate that differs from the one before by more than a thousandth (the
// machine was suspended, moved, or busy between the readings) is not used until the next measurement confirms it.
void Clock::update_rate(uint64_t at_ticks, int64_t at_ns) noexcept {
  int64_t ns = at_ns - baseline_ns_;
  if (ns < kBaselineNs) return;
  uint64_t passed = at_ticks - baseline_ticks_;
  bool usable = baseline_ns_ != 0 && passed != 0 && ns < (int64_t{1} << (63 - kShift));
  uint64_t rate = usable ? (static_cast<uint64_t>(ns) << kShift) / passed : 0;
  rate -= rate / kRateMargin;
  uint64_t difference = std::max(rate, rate_) - std::min(rate, rate_);
  valid_ticks_ = rate && difference < rate / 1000 ? (static_cast<uint64_t>(kAnchorNs) << kShift) / rate : 0;
  rate_ = rate;
  baseline_ticks_ = at_ticks;
  baseline_ns_ = at_ns;
}

}  // namespace boucle
