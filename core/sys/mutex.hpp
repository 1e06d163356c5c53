// Mutex: what is held for a few instructions. Any thread.
#pragma once

#include <pthread.h>

namespace boucle {

class Mutex {
 public:
  Mutex() noexcept = default;
  Mutex(const Mutex &) = delete;
  Mutex &operator=(const Mutex &) = delete;
  ~Mutex() { pthread_mutex_destroy(&mutex_); }

  void lock() noexcept { pthread_mutex_lock(&mutex_); }
  void unlock() noexcept { pthread_mutex_unlock(&mutex_); }

  class Lock {
   public:
    explicit Lock(Mutex &mutex) noexcept : mutex_(mutex) { mutex_.lock(); }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    ~Lock() { mutex_.unlock(); }

   private:
    Mutex &mutex_;
  };

 protected:
  // One that spins for a moment before it sleeps, where there is such a kind.
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
  pthread_mutex_t mutex_ = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
#else
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
#endif
};

}  // namespace boucle
