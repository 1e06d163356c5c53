#include "sys/monitor.hpp"

#include <time.h>

namespace boucle {

// std::condition_variable is not used because it calls pthread_cond_clockwait, which ThreadSanitizer does not know.
Monitor::Monitor() noexcept {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&condition_, &attributes);
  pthread_condattr_destroy(&attributes);
}

Monitor::~Monitor() { pthread_cond_destroy(&condition_); }

void Monitor::wait_until(int64_t when_ns) noexcept {
  constexpr int64_t kSecond = 1'000'000'000;
  timespec when = {.tv_sec = when_ns / kSecond, .tv_nsec = when_ns % kSecond};
  pthread_cond_timedwait(&condition_, &mutex_, &when);
}

}  // namespace boucle
