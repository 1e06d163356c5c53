// Monitor: a mutex and its condition. Any thread.
#pragma once

#include <cstdint>

#include "sys/mutex.hpp"

namespace boucle {

class Monitor : public Mutex {
 public:
  Monitor() noexcept;
  ~Monitor();

  // Locked; may return for no reason.
  void wait() noexcept { pthread_cond_wait(&condition_, &mutex_); }
  // The same, until a time on the monotonic clock at the latest.
  void wait_until(int64_t when_ns) noexcept;
  void notify_one() noexcept { pthread_cond_signal(&condition_); }
  void notify_all() noexcept { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_;
};

}  // namespace boucle
