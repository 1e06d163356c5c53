#include "loop/callback.hpp"

#include <cstdlib>

#include "loop/loop.hpp"
#include "loop/run_queue.hpp"

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

// ---- Calls ----

namespace {
void free_pooled(Calls &block) noexcept { Pool::deallocate(&block, Calls::size_of(block.calls.capacity)); }
void free_posted(Calls &block) noexcept { std::free(&block); }

// The entry's callback moves out first: what it schedules may need the room.
Callback take_next(Calls &block) noexcept {
  Callback &entry = block.entries()[block.calls.next++];
  Callback callback = std::move(entry);
  entry.~Callback();
  return callback;
}

template <void (*free)(Calls &)>
void run_calls(Loop &loop, Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  for (; block.calls.next + 1 < block.calls.end;) {
    take_next(block).invoke_last(loop);
    if (loop.is_left() || loop.debug) [[unlikely]] return loop.put_back(block);  // in debug mode each is timed
  }
  // The memory goes before the last call: what that schedules then stands where it is still in the cache.
  Callback last = take_next(block);
  free(block);
  last.invoke_last(loop);
}

template <void (*free)(Calls &)>
void drop_calls(Loop &, Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  while (block.calls.next < block.calls.end) take_next(block);
  free(block);
}

// A host's callbacks stand alone.
Due peek_calls(Node &node) noexcept {
  auto &block = static_cast<Calls &>(node);
  return block.calls.capacity == 1 ? block.entries()->peek() : Due();
}
}  // namespace

const NodeType Calls::kPooled = {run_calls<free_pooled>, drop_calls<free_pooled>, nullptr, peek_calls};
const NodeType Calls::kPosted = {run_calls<free_posted>, drop_calls<free_posted>, nullptr, peek_calls};

// ---- Handle ----

const NodeType Handle::kType = {Handle::run, Handle::drop, Handle::arrive, Handle::peek};

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
