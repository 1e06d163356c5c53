// Object: the base of all that belongs to a loop and is counted: a reference count in two parts, and the loop.
//
// shared_ counts the references of users, atomically, plus one for all local references together. local_ counts the
// references of the loop's own queues and objects, by plain arithmetic, on the loop's thread only. So a queue costs no
// locked instruction, and x_ref and x_unref may be called from any thread.
//
// The last reference disposes of the object: at once if no other thread runs the loop, else later, on the loop's
// thread: see Heap::defer_free.
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
  enum class Born { Shared, Local, Both };  // who holds a first reference: a user (shared), the loop (local), or both
  explicit Object(Loop &loop, Born born = Born::Shared) noexcept
      : shared_(born == Born::Both ? 2 : 1), local_(born == Born::Shared ? 0 : 1), loop_(&loop) {}
  ~Object() = default;  // not virtual: dispose() is

  // Destroys the object and gives its memory back.
  virtual void dispose() noexcept = 0;

  // Gives up a local reference. True: it was the last of all, and the object is to be disposed of.
  bool drop_local() noexcept { return --local_ == 0 && drop_shared(); }

  // For an object that is reported while it is disposed of: revive() gives it one reference for that; still_held()
  // drops it, and returns whether somebody has kept another.
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
    Object *next_deferred_;  // while its free is deferred: then the loop is known
  };
};

}  // namespace boucle
