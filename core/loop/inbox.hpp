// Inbox: the queue that other threads post to; the only thread-safe queue. A poster holds its mutex for a few
// instructions; the loop takes everything at once, in the order of posting.
//
// A post returns what the poster has to do next. Mostly that is nothing. The first post after the loop announced a
// sleep has to wake the loop. A poster that is far ahead of the loop has to yield to it: on one processor it would
// otherwise fill megabytes in its time slice, which would be out of the cache when they are run.
//
// The inbox is bounded: beyond the limit it refuses callbacks, until the loop takes what is there.
//
// A request to stop is one atomic bit and takes no lock: it may come from a signal handler that interrupts whoever
// holds the mutex.
#pragma once

#include <atomic>
#include <cerrno>
#include <new>

#include "loop/object.hpp"
#include "loop/run_queue.hpp"
#include "sys/mutex.hpp"

namespace boucle {

// What the loop took out of the inbox.
struct InboxBatch {
  List nodes;
  Object *deferred = nullptr;  // objects to free: the newest first, chained through next_deferred_
  bool stop = false;
  bool is_stream = false;  // there were so many callbacks that more may be on the way
};

class Inbox {
 public:
  // What the poster is to do after a post: nothing; wake the loop; or yield to it, being far ahead of it.
  enum class After : uint8_t { Nothing, WakeLoop, Yield };

  // The limit, in bytes, is for callbacks; what the core itself posts is not counted.
  explicit Inbox(size_t limit) noexcept : limit_(limit) {}
  ~Inbox();
  // ---- any thread; where a bool is returned or written, true: the poster has to wake the loop ----
  bool post(Node &node) noexcept {
    Mutex::Lock lock(mutex_);
    nodes_.push(node);
    return filled();
  }
  // Posts a callback that has a node of its own, of `size` bytes. Returns 0 or -ENOBUFS.
  Status post(Node &node, size_t size, bool &ret_wake) noexcept {
    Mutex::Lock lock(mutex_);
    if (is_full()) [[unlikely]]
      return -ENOBUFS;
    untaken_ += size;
    nodes_.push(node);
    ret_wake = filled();
    return 0;
  }
  // Posts a callback, and takes it if it succeeds. Returns 0, -ENOBUFS or NO_MEMORY.
  Status post(Callback &callback, Sharing sharing, After &ret_after) noexcept {
    Mutex::Lock lock(mutex_);
    After after = After::Nothing;
    auto make = [&](Calls::Kind kind, uint16_t size) {
      Calls *calls = is_full() ? nullptr : new_block(kind, size, sharing);
      if (calls && is_far_ahead(calls->calls.size)) after = After::Yield;
      return calls;
    };
    if (!nodes_.add(callback, sharing, Calls::kMostPosted, make)) [[unlikely]]
      return is_full() ? -ENOBUFS : status::NO_MEMORY;
    ret_after = filled() ? After::WakeLoop : after;
    return 0;
  }
  // Async-signal-safe. The caller wakes the loop in any case: whether it sleeps is known under the mutex only.
  void post_stop() noexcept { pending_.fetch_or(kStop, std::memory_order_seq_cst); }
  // Adds an object that the loop is to free, chained through `next`. False if the inbox was shut: then it is too late.
  bool defer_free(Object &object, Object *&next, bool &ret_wake) noexcept {
    Mutex::Lock lock(mutex_);
    if (shut_) return false;
    next = std::exchange(deferred_, &object);
    ret_wake = filled();
    return true;
  }

  // ---- the loop's thread ----
  // A hint: a post that it misses is found by the next call, or by expect().
  bool maybe_filled() const noexcept { return pending_.load(std::memory_order_relaxed) != 0; }
  void take(InboxBatch &batch) noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    batch.stop = (pending_.exchange(0, std::memory_order_acq_rel) & kStop) != 0;
    nodes_.move_to(batch.nodes);
    if (!spare_.first) std::swap(spare_, spent_);
    batch.is_stream = std::exchange(untaken_, 0) > Calls::kMostPosted;
    batch.deferred = std::exchange(deferred_, nullptr);
  }
  // Announces a sleep: from now on the first poster wakes the loop. False if something was posted already.
  bool expect() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    wanted_ = true;
    return pending_.load(std::memory_order_seq_cst) == 0;
  }
  // Ends the announcement. True if a poster has woken the loop, or is about to.
  bool stop_expecting() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    return !std::exchange(wanted_, false);
  }
  // From now on no object can be added to be freed; take() is called once more after this.
  void shut() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    shut_ = true;
  }
  // True if no thread holds its mutex.
  bool is_free() noexcept {
    bool free = mutex_.try_lock();
    if (free) mutex_.unlock();
    return free;
  }
  // Gives back the memory of a Calls that was posted and has run.
  void give_back(Calls &block) noexcept;
  bool is_filled() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    return maybe_filled();
  }

 private:
  static constexpr uint8_t kPosts = 1, kStop = 2;

  bool is_full() const noexcept { return untaken_ >= limit_; }
  bool filled() noexcept {
    if (!(pending_.load(std::memory_order_relaxed) & kPosts)) pending_.fetch_or(kPosts, std::memory_order_relaxed);
    return std::exchange(wanted_, false);
  }

  // Blocks of the largest size, chained through Link::next: so that a stream of posts needs no malloc.
  struct Blocks {
    Link *first = nullptr;
    size_t count = 0;
  };
  static constexpr size_t kSpares = 64;
  Calls *new_block(Calls::Kind kind, uint16_t size, Sharing sharing) noexcept;
  static constexpr size_t kFar = kSpares * Calls::kMostPosted;
  // Counts so many more bytes of callbacks. True once for each kFar.
  bool is_far_ahead(uint16_t more) noexcept {
    size_t before = std::exchange(untaken_, untaken_ + more);
    return before / kFar != untaken_ / kFar;
  }

  const size_t limit_;
  Blocks spent_;  // of the loop's thread: becomes spare_ at the next take()

  // Under the mutex.
  Mutex mutex_;
  RunQueue nodes_;
  Blocks spare_;
  size_t untaken_ = 0;  // bytes: the callbacks since the last take()
  Object *deferred_ = nullptr;
  bool wanted_ = true;
  bool shut_ = false;

  std::atomic<uint8_t> pending_{0};  // kPosts changes under the mutex only
  static_assert(std::atomic<uint8_t>::is_always_lock_free);
};

}  // namespace boucle
