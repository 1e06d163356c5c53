// Monitor: a mutex and its condition. Any thread.
#pragma once

#include <pthread.h>

#include <cstdint>

namespace boucle {

class Monitor {
 public:
  Monitor() noexcept;
  Monitor(const Monitor &) = delete;
  Monitor &operator=(const Monitor &) = delete;
  ~Monitor();

  void lock() noexcept { pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { pthread_mutex_unlock(&mutex_); }
  // Locked; may return for no reason.
  void wait() noexcept { pthread_cond_wait(&condition_, &mutex_); }
  // The same, until a time on the monotonic clock at the latest.
  void wait_until(int64_t when_ns) noexcept;
  void notify_one() noexcept { pthread_cond_signal(&condition_); }
  void notify_all() noexcept { pthread_cond_broadcast(&condition_); }

  class Lock {
   public:
    explicit Lock(Monitor &monitor) noexcept : monitor_(monitor) { monitor_.lock(); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    ~Lock() { monitor_.unlock(); }

   private:
    Monitor &monitor_;
  };

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition_;
};

}  // namespace boucle
