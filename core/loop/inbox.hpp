// Inbox: what other threads want of the loop; the only thread-safe queue. They hold its mutex for a few instructions; the
// loop takes everything at once, in the order of posting.
//
// Posting also says what the poster is to do then. Mostly nothing; whoever posts first after the loop said that it may be
// about to sleep wakes it. One that is far ahead of the loop lets it run: else, on one processor, it would fill megabytes
// in its time slice, all of them out of the cache by the time they are run.
//
// What it holds is bounded: beyond the limit, callbacks are refused until the loop takes what is there.
//
// A request to stop is one atomic bit and takes no lock: it may come from a signal handler that interrupts whoever holds
// the mutex.
#pragma once

#include <atomic>
#include <cerrno>
#include <new>

#include "loop/object.hpp"
#include "loop/run_queue.hpp"
#include "sys/mutex.hpp"

namespace boucle {

// What was in the inbox.
struct InboxBatch {
  List nodes;
  Object *deferred = nullptr;  // objects to free: the newest first, chained through next_deferred_
  bool stop = false;
  bool is_stream = false;  // so many callbacks that more may be on the way
};

class Inbox {
 public:
  // What the poster is to do after a post: nothing; wake the loop; or yield to it, being far ahead of it.
  enum class After : uint8_t { Nothing, WakeLoop, Yield };

  // The limit, in bytes, is for callbacks; what the core itself posts is not counted.
  explicit Inbox(size_t limit) noexcept : limit_(limit) {}
  ~Inbox();
  // ---- any thread; where that is a bool, true: the loop is to be woken ----
  bool post(Node &node) noexcept {
    Mutex::Lock lock(mutex_);
    nodes_.push(node);
    return filled();
  }
  // A callback in a node of its own, of `size` bytes. 0, or -ENOBUFS.
  Status post(Node &node, size_t size, bool &ret_wake) noexcept {
    Mutex::Lock lock(mutex_);
    if (is_full()) [[unlikely]] return -ENOBUFS;
    untaken_ += size;
    nodes_.push(node);
    ret_wake = filled();
    return 0;
  }
  // Takes the callback where it succeeds. 0, -ENOBUFS or NO_MEMORY.
  Status post(Callback &callback, Sharing sharing, After &ret_after) noexcept {
    Mutex::Lock lock(mutex_);
    After after = After::Nothing;
    auto make = [&](Calls::Kind kind, uint16_t size) {
      Calls *calls = is_full() ? nullptr : new_block(kind, size, sharing);
      if (calls && is_far_ahead(calls->calls.size)) after = After::Yield;
      return calls;
    };
    if (!nodes_.add(callback, sharing, Calls::kMostPosted, make)) [[unlikely]] return is_full() ? -ENOBUFS : status::NO_MEMORY;
    ret_after = filled() ? After::WakeLoop : after;
    return 0;
  }
  // Async-signal-safe. The loop is to be woken in any case: whether it sleeps is known under the mutex only.
  void post_stop() noexcept { pending_.fetch_or(kStop, std::memory_order_seq_cst); }
  // Chains the object in, to be freed, through `next`. False if that is too late: it was shut.
  bool defer_free(Object &object, Object *&next, bool &ret_wake) noexcept {
    Mutex::Lock lock(mutex_);
    if (shut_) return false;
    next = std::exchange(deferred_, &object);
    ret_wake = filled();
    return true;
  }

  // ---- the loop's thread ----
  // A hint: what it misses is found later, or by expect().
  bool maybe_filled() const noexcept { return pending_.load(std::memory_order_relaxed) != 0; }
  void take(InboxBatch &batch) noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    batch.stop = (pending_.exchange(0, std::memory_order_acq_rel) & kStop) != 0;
    nodes_.move_to(batch.nodes);
    if (!spare_.first) std::swap(spare_, spent_);
    batch.is_stream = std::exchange(untaken_, 0) > Calls::kMostPosted;
    batch.deferred = std::exchange(deferred_, nullptr);
  }
  // From now on the first to post wakes the loop. False if something is there already.
  bool expect() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    wanted_ = true;
    return pending_.load(std::memory_order_seq_cst) == 0;
  }
  // Posts need not wake the loop any more. Returns true if one did.
  bool stop_expecting() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    return !std::exchange(wanted_, false);
  }
  // What is here now is taken once more, and nothing ever after.
  void shut() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Yield);
    shut_ = true;
  }
  // Nobody has its mutex.
  bool is_free() noexcept {
    bool free = mutex_.try_lock();
    if (free) mutex_.unlock();
    return free;
  }
  // The memory of a Calls that was posted, and has run.
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
  // With so many more bytes of callbacks: true once for each kFar.
  bool is_far_ahead(uint16_t more) noexcept {
    size_t before = std::exchange(untaken_, untaken_ + more);
    return before / kFar != untaken_ / kFar;
  }

  const size_t limit_;
  Blocks spent_;  // the loop's thread's; the next to be spare

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
