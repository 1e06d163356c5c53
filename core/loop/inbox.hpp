// Inbox: what other threads want of the loop; the only thread-safe queue. They hold its mutex for a few instructions; the
// loop takes everything at once, in the order of posting.
//
// Posting also says what the poster is to do then. Mostly nothing; whoever posts first after the loop said that it may be
// about to sleep wakes it. One that is far ahead of the loop lets it run: else, on one processor, it would fill megabytes
// in its time slice, all of them out of the cache by the time they are run.
#pragma once

#include <atomic>
#include <new>

#include "loop/run_queue.hpp"
#include "sys/mutex.hpp"

namespace boucle {

// What was in the inbox.
struct Mail {
  List nodes;
  Object *graves = nullptr;  // the newest first, chained through next_grave_
  bool stop = false;
  bool is_stream = false;  // so many callbacks that more may be on the way
};

class Inbox {
 public:
  enum class Then : uint8_t { GoOn, WakeLoop, LetLoopRun };

  Inbox() noexcept = default;
  ~Inbox();
  // ---- any thread; where that is a bool, true: the loop is to be woken ----
  bool post(Node &node) noexcept {
    Mutex::Lock lock(mutex_);
    nodes_.push(node);
    return filled();
  }
  // Takes the callback where it succeeds, which is where there is memory.
  bool post(Callback &callback, Then &ret_then) noexcept {
    Mutex::Lock lock(mutex_);
    Then then = Then::GoOn;
    auto make = [&](Calls::Kind kind, uint16_t size) {
      Calls *calls = new_block(kind, size, callback.stands_alone());
      if (calls && is_far_ahead(calls->calls.size)) then = Then::LetLoopRun;
      return calls;
    };
    if (!nodes_.add(callback, Calls::kMostPosted, make)) [[unlikely]] return false;
    ret_then = filled() ? Then::WakeLoop : then;
    return true;
  }
  bool post_stop() noexcept {
    Mutex::Lock lock(mutex_);
    stop_ = true;
    return filled();
  }
  // Chains the object in, through `next`.
  bool bury(Object &object, Object *&next) noexcept {
    Mutex::Lock lock(mutex_);
    next = std::exchange(graves_, &object);
    return filled();
  }

  // ---- the loop's thread ----
  // A hint: what it misses is found later, or by expect().
  bool maybe_filled() const noexcept { return filled_.load(std::memory_order_relaxed); }
  void take(Mail &mail) noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Later);
    filled_.store(false, std::memory_order_relaxed);
    nodes_.move_to(mail.nodes);
    if (!spare_.first) std::swap(spare_, spent_);
    mail.is_stream = std::exchange(untaken_, 0) > Calls::kMostPosted;
    mail.graves = std::exchange(graves_, nullptr);
    mail.stop = std::exchange(stop_, false);
  }
  // From now on the first to post wakes the loop. False if something is there already.
  bool expect() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Later);
    wanted_ = true;
    return !filled_.load(std::memory_order_relaxed);
  }
  // Nobody need wake it any more. True if somebody did.
  bool stop_expecting() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Later);
    return !std::exchange(wanted_, false);
  }
  // The memory of a Calls that was posted, and has run.
  void give_back(Calls &block) noexcept;
  bool is_filled() noexcept {
    Mutex::Lock lock(mutex_, Mutex::Lock::Later);
    return filled_.load(std::memory_order_relaxed);
  }

 private:
  bool filled() noexcept {
    if (!filled_.load(std::memory_order_relaxed)) filled_.store(true, std::memory_order_relaxed);
    return std::exchange(wanted_, false);
  }

  // Blocks of the largest size, chained through Link::next: so that a stream of posts needs no malloc.
  struct Blocks {
    Link *first = nullptr;
    size_t count = 0;
  };
  static constexpr size_t kSpares = 64;
  Calls *new_block(Calls::Kind kind, uint16_t size, bool alone) noexcept;
  static constexpr size_t kFar = kSpares * Calls::kMostPosted;
  // With so many more bytes of callbacks: true once for each kFar.
  bool is_far_ahead(uint16_t more) noexcept {
    size_t before = std::exchange(untaken_, untaken_ + more);
    return before / kFar != untaken_ / kFar;
  }

  Blocks spent_;  // the loop's thread's; the next to be spare

  // Under the mutex.
  Mutex mutex_;
  RunQueue nodes_;
  Blocks spare_;
  size_t untaken_ = 0;  // bytes: the blocks of callbacks since the last take()
  Object *graves_ = nullptr;
  bool stop_ = false;
  bool wanted_ = true;
  std::atomic<bool> filled_{false};  // written under the mutex
};

}  // namespace boucle
