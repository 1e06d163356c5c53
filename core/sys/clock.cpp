#include "sys/clock.hpp"

#include <time.h>

namespace boucle {

int64_t Clock::monotonic() noexcept {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace boucle
