// Trigger: the loop side's own done-callback. It lives in what waits (a coroutine's frame, a gather), and goes with it.
//
// While it is on a future's list, or on the ready queue after that, it owns a reference to its target: the future (or
// any object) that the firing is about to complete. So what waits stays alive for as long as it can still be woken.
#pragma once

#include "async/future.hpp"

namespace boucle {

struct Trigger : Node {
  using Fire = void (*)(Trigger &trigger, Future &future) noexcept;

  Trigger() noexcept : Node(kType) {}
  Trigger(Trigger &&) = delete;
  ~Trigger() { disarm(); }

  void arm(Future &future, Fire fire_fn, Object &target_object, void *argument_pointer = nullptr) noexcept {
    fire = fire_fn;
    argument = argument_pointer;
    target = &target_object;
    target->retain();
    future.add_callback(*this);
  }

  void disarm() noexcept {
    if (!linked()) return;
    Future *future = static_cast<Future *>(subject);
    if (future->done()) {
      unlink();
      future->release();
    } else {
      future->remove_callback(*this);
    }
    target->release();
  }

  Fire fire = nullptr;
  Object *target = nullptr;
  void *argument = nullptr;

 private:
  static const NodeType kType;
};

// Completes a future at a deadline, like `call_later(delay, waiter.set_result)`; lives and owns like a Trigger.
struct Alarm : Node {
  Alarm() noexcept : Node(kType) {}
  Alarm(Alarm &&) = delete;
  ~Alarm() { disarm(); }

  void arm(int64_t when, Future &waiter) noexcept {
    target = &waiter;
    target->retain();
    target->loop().scheduler.schedule_at(*this, when);
  }
  void disarm() noexcept {
    if (!linked()) return;
    deadline == kUntimed ? unlink() : target->loop().scheduler.remove_timer(*this);
    target->release();
  }

  Future *target = nullptr;

 private:
  static const NodeType kType;
};

}  // namespace boucle
