// Lock, Event, Condition, Semaphore, Barrier: asyncio's, rule by rule.
#pragma once

#include "async/coroutine.hpp"
#include "async/waiters.hpp"

namespace boucle {

class Lock final : public Object {
 public:
  explicit Lock(Loop &loop) noexcept : Object(loop) {}
  bool locked() const noexcept { return locked_; }
  Status release_lock() noexcept;

 private:
  friend class Heap;
  friend Async async_acquire(Loop &, Local<Lock>) noexcept;
  ~Lock() = default;
  void dispose() noexcept override { Heap::destroy(this); }
  void wake_first() noexcept;

  bool locked_ = false;
  Waiters waiters_;
};
Async async_acquire(Loop &loop, Local<Lock> lock) noexcept;

class Event final : public Object {
 public:
  explicit Event(Loop &loop) noexcept : Object(loop) {}
  bool is_set() const noexcept { return set_; }
  void set() noexcept;
  void clear() noexcept { set_ = false; }

 private:
  friend class Heap;
  friend Async async_wait_event(Loop &, Local<Event>) noexcept;
  ~Event() = default;
  void dispose() noexcept override { Heap::destroy(this); }

  bool set_ = false;
  Waiters waiters_;
};
Async async_wait_event(Loop &loop, Local<Event> event) noexcept;

class Condition final : public Object {
 public:
  // With that lock; for nullptr with a new one. Returns nullptr if there is no memory. The reference is the caller's, a
  // shared one.
  static Condition *make(Loop &loop, Lock *lock) noexcept;
  Condition(Loop &loop, Local<Lock> lock) noexcept : Object(loop), lock_(std::move(lock)) {}
  Lock &lock() const noexcept { return *lock_; }
  // NOTLOCKED if the lock is not acquired.
  Status notify(size_t count) noexcept;

 private:
  friend class Heap;
  friend Async async_wait_condition(Loop &, Local<Condition>) noexcept;
  ~Condition() = default;
  void dispose() noexcept override { Heap::destroy(this); }

  Local<Lock> lock_;
  Waiters waiters_;
};
using PredicateFn = int (*)(void *userdata);
Async async_wait_condition(Loop &loop, Local<Condition> condition) noexcept;
Async async_wait_condition_for(Loop &loop, Local<Condition> condition, PredicateFn fn, Userdata userdata) noexcept;

class Semaphore final : public Object {
 public:
  static constexpr int64_t kUnbounded = -1;
  Semaphore(Loop &loop, int64_t value, int64_t bound) noexcept : Object(loop), value_(value), bound_(bound) {}
  bool locked() const noexcept { return value_ == 0 || !waiters_.all_cancelled(); }
  // OVERRELEASED if the value would exceed the bound.
  Status release_one() noexcept;

 private:
  friend class Heap;
  friend Async async_acquire(Loop &, Local<Semaphore>) noexcept;
  ~Semaphore() = default;
  void dispose() noexcept override { Heap::destroy(this); }
  void wake_next() noexcept;

  int64_t value_;
  const int64_t bound_;
  Waiters waiters_;
};
Async async_acquire(Loop &loop, Local<Semaphore> semaphore) noexcept;

class Barrier final : public Object {
 public:
  enum class State : uint8_t { Filling, Draining, Resetting, Broken };
  // Returns nullptr if there is no memory. The reference is the caller's, a shared one.
  static Barrier *make(Loop &loop, size_t parties) noexcept;
  Barrier(Loop &loop, size_t parties, Local<Condition> condition) noexcept
      : Object(loop), parties_(parties), condition_(std::move(condition)) {}
  size_t parties() const noexcept { return parties_; }
  size_t waiting() const noexcept { return state_ == State::Filling ? count_ : 0; }
  bool broken() const noexcept { return state_ == State::Broken; }

 private:
  friend class Heap;
  friend Async async_wait_barrier(Loop &, Local<Barrier>) noexcept;
  friend Async async_cross(Loop &, Local<Barrier>) noexcept;
  friend Async async_break(Loop &, Local<Barrier>, bool) noexcept;
  ~Barrier() = default;
  void dispose() noexcept override { Heap::destroy(this); }
  bool busy() const noexcept { return state_ == State::Draining || state_ == State::Resetting; }
  void notify_all() noexcept { condition_->notify(SIZE_MAX); }
  void leave() noexcept;

  const size_t parties_;
  size_t count_ = 0;
  State state_ = State::Filling;
  Local<Condition> condition_;
};
Async async_wait_barrier(Loop &loop, Local<Barrier> barrier) noexcept;
Async async_reset(Loop &loop, Local<Barrier> barrier) noexcept;
Async async_abort(Loop &loop, Local<Barrier> barrier) noexcept;

}  // namespace boucle
