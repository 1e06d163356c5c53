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

void hosted_call(Loop *loop, void *userdata) {
  loop->reached = {.what = Due::What::Call, .userdata = userdata};
  loop->reached_context = Ref<Context>(loop->context);
}

namespace {
void free_pooled(void *call) noexcept { Pool::deallocate(call, sizeof(Call)); }
void free_posted(void *call) noexcept { std::free(call); }

template <void (*free)(void *)>
Callback take(Node &node) noexcept {
  Call &call = static_cast<Call &>(node);
  Callback callback = std::move(call.callback);
  call.~Call();
  free(&call);
  return callback;
}
// Its memory goes back first: what the callback schedules then stands where it is still in the cache.
template <void (*free)(void *)>
void run_call(Loop &loop, Node &node) noexcept {
  take<free>(node).invoke_last(loop);
}
template <void (*free)(void *)>
void drop_call(Loop &, Node &node) noexcept {
  take<free>(node);
}
Due peek_call(Node &node) noexcept { return static_cast<Call &>(node).callback.peek(); }
}  // namespace

const NodeType Call::kPooled = {run_call<free_pooled>, drop_call<free_pooled>, nullptr, peek_call};
const NodeType Call::kPosted = {run_call<free_posted>, drop_call<free_posted>, nullptr, peek_call};

const NodeType Handle::kType = {.run = Handle::run, .drop = Handle::drop, .arrive = Handle::arrive, .peek = Handle::peek};

Due Handle::peek(Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  return handle.cancelled_ ? Due() : handle.callback_.peek();
}

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
  ++loop().withdrawn;
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
