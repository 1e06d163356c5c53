// Mutex: what is held for a few instructions. Any thread.
#pragma once

#include <pthread.h>

#include "sys/process.hpp"

namespace boucle {

class Mutex {
 public:
  Mutex() noexcept = default;
  Mutex(const Mutex &) = delete;
  Mutex &operator=(const Mutex &) = delete;
  ~Mutex() { pthread_mutex_destroy(&mutex_); }

  bool try_lock() noexcept { return pthread_mutex_trylock(&mutex_) == 0; }
  void lock() noexcept { pthread_mutex_lock(&mutex_); }
  // The same where several threads come all the time: the holder is about to unlock, and to wait for that by a system
  // call would have it make another one.
  void lock_spinning() noexcept {
    for (int i = 0; i < kTries; ++i) {
      if (try_lock()) return;
      relax_processor();
    }
    lock();
  }
  // The same for whoever can afford to come a little later: rather than waiting, which has the holder wake it at once, it
  // lets the holder go on. If that is one that posts without end, on the same processor, that is what it wants to do.
  void lock_yielding() noexcept {
    for (int i = 0; i < kTries; ++i) {
      if (try_lock()) return;
      yield_processor();
    }
    lock();
  }
  void unlock() noexcept { pthread_mutex_unlock(&mutex_); }

  class Lock {
   public:
    enum How { Wait, Spin, Yield };
    explicit Lock(Mutex &mutex, How how = Wait) noexcept : mutex_(mutex) {
      if (how == Wait) {
        mutex_.lock();
      } else {
        how == Spin ? mutex_.lock_spinning() : mutex_.lock_yielding();
      }
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    ~Lock() { mutex_.unlock(); }

   private:
    Mutex &mutex_;
  };

 private:
  static constexpr int kTries = 80;

 protected:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

}  // namespace boucle
