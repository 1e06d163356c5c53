// Continuation: a done-callback of the core. It is a member of what waits (a coroutine's frame, a gather), and is
// detached when that is destroyed.
//
// While it is attached, and until it was called, it owns a reference to its target: the future, or another object, that
// `fn` completes. So what waits stays alive as long as it can be woken.
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
