// Monitor: a mutex with a condition variable. Threads: any.
#pragma once

#include <cstdint>

#include "sys/mutex.hpp"

namespace boucle {

class Monitor : public Mutex {
 public:
  Monitor() noexcept;
  ~Monitor();

  // The caller has locked it. There are spurious wakeups.
  void wait() noexcept { pthread_cond_wait(&condition_, &mutex_); }
  // Does the same, until a time on the monotonic clock at the latest.
  void wait_until(int64_t when_ns) noexcept;
  void notify_one() noexcept { pthread_cond_signal(&condition_); }
  void notify_all() noexcept { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_;
};

}  // namespace boucle
