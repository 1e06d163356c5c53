// Continuation: the loop side's own done-callback. It lives in what waits (a coroutine's frame, a gather), and goes with it.
//
// While it is on a future's list, or on the ready queue after that, it owns a reference to its target: the future (or
// any object) that the firing is about to complete. So what waits stays alive for as long as it can still be woken.
#pragma once

#include "async/future.hpp"

namespace boucle {

struct Continuation : Node {
  using Fn = void (*)(Continuation &continuation, Future &future) noexcept;

  Continuation() noexcept : Node(kType) {}
  Continuation(Continuation &&) = delete;
  ~Continuation() { detach(); }

  void attach(Future &future, Fn function, Object &target_object, void *argument_pointer = nullptr) noexcept {
    fn = function;
    argument = argument_pointer;
    target = &target_object;
    target->retain();
    future.add_callback(*this);
  }

  void detach() noexcept {
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

  Fn fn = nullptr;
  Object *target = nullptr;
  void *argument = nullptr;

 private:
  static const NodeType kType;
};

}  // namespace boucle
