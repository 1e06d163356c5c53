// Mutex: a mutex that is held for a few instructions only. Threads: any.
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
  // Tries to lock in a loop before it waits. This is for mutexes that several threads lock all the time: the holder is
  // about to unlock it, and if this thread waited by a system call, the holder would have to make one to wake it (D24).
  void lock_spinning() noexcept {
    for (int i = 0; i < kTries; ++i) {
      if (try_lock()) return;
      relax_processor();
    }
    lock();
  }
  // Yields the processor between tries. This is for threads that can lock a little later: the holder continues, and
  // need not wake this thread as soon as it unlocks. That helps if the holder posts all the time, on the same processor
  // (D18).
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
