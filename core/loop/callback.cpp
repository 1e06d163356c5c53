#include "loop/callback.hpp"

#include <cstdlib>

#include "loop/loop.hpp"

namespace boucle {

void Callback::invoke(Loop &loop) noexcept {
  loop.call_user(context, userdata.get(), [&] { fn(&loop, userdata.get()); });
}

inline void Callback::invoke_last(Loop &loop) noexcept {
  loop.call_user(std::move(context), userdata.get(), [&] { fn(&loop, userdata.get()); });
}

namespace {
Callback take(Node &node) noexcept {
  Call &call = static_cast<Call &>(node);
  Callback callback = std::move(call.callback);
  call.~Call();
  Pool::deallocate(&call, sizeof(Call));
  return callback;
}
}  // namespace

const NodeType Call::kType = {
    // Its memory goes back first: what the callback schedules then stands where it is still in the cache.
    [](Loop &loop, Node &node) noexcept { take(node).invoke_last(loop); },
    [](Loop &, Node &node) noexcept { take(node); },
};

const NodeType Handle::kType = {.run = Handle::run, .drop = Handle::drop, .arrive = Handle::arrive};

void Handle::run(Loop &loop, Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  if (!handle.cancelled_) handle.callback_.invoke_last(loop);
  handle.callback_.userdata.reset();
  handle.release();
}

void Handle::drop(Loop &, Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  handle.callback_.userdata.reset();
  handle.release();
}

// Made by another thread, it counts among the loop's objects from here on.
void Handle::arrive(Loop &loop, Node &node) noexcept {
  static_cast<Handle &>(node).posted_ = false;
  loop.object_made();
}

void Handle::cancel() noexcept {
  if (cancelled_) return;
  cancelled_ = true;
  if (posted_) return callback_.userdata.reset();
  if (!linked()) return;  // it was called, or is being called
  if (deadline == kUntimed) {
    unlink();
  } else {
    loop().unschedule_timer(*this);
  }
  drop(loop(), *this);
}

void Handle::dispose() noexcept {
  if (memory_ == Memory::Pool) return Loop::dispose_object(this);
  Loop &owner = loop();
  this->~Handle();
  std::free(this);
  owner.object_gone();
}

}  // namespace boucle
