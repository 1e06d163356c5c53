// Object: what all of a loop's handles are made of: a reference count in two parts, and the loop.
//
// shared_ counts the references of users, atomically, plus one for all of the loop side's together. local_ counts the
// loop side's own: plain arithmetic, on the loop's thread only. So the loop's queues cost no locked instruction, and yet
// x_ref and x_unref may be called from any thread.
//
// The last reference disposes of the object: at once if no other thread runs the loop, else later, on the loop's thread:
// see Heap::defer_free.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <utility>

#include "base/counted.hpp"
#include "base/list.hpp"

namespace boucle {

class Loop;

class Object {
 public:
  Object(const Object &) = delete;
  Object &operator=(const Object &) = delete;

  void ref() noexcept { count_up(shared_); }
  void unref() noexcept {
    if (drop_shared()) last_reference();
  }
  void retain(uint32_t times = 1) noexcept {
    if (local_ == 0) ref();
    local_ += times;
  }
  void release() noexcept {
    if (drop_local()) go();
  }

  Loop &loop() const noexcept { return *loop_; }

 protected:
  enum class Born { Shared, Local, Both };  // who holds a first reference: the user, the loop side, or each one
  explicit Object(Loop &loop, Born born = Born::Shared) noexcept
      : shared_(born == Born::Both ? 2 : 1), local_(born == Born::Shared ? 0 : 1), loop_(&loop) {}
  ~Object() = default;  // not virtual: dispose() is

  // Destroys the object and gives its memory back.
  virtual void dispose() noexcept = 0;

  // Gives up a local reference. True: it was the last of all, and the object is to be disposed of.
  bool drop_local() noexcept { return --local_ == 0 && drop_shared(); }

  // For an object that must speak once more before it goes: from the inside of dispose(), lends it one reference, and
  // tells afterwards whether somebody kept another.
  void revive() noexcept { shared_.store(1, std::memory_order_relaxed); }
  bool still_held() noexcept { return !drop_shared(); }

  // Gives up a shared reference. True: it was the last of all.
  bool drop_shared() noexcept { return count_down(shared_); }

 private:
  friend class Heap;
  void last_reference() noexcept;
  void go() noexcept;

  std::atomic<uint32_t> shared_;
  uint32_t local_;
  union {
    Loop *loop_;
    Object *next_deferred_;  // among the deferred frees, where the loop is known
  };
};

}  // namespace boucle
