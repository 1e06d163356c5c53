#include "loop/callback.hpp"

#include <cstdlib>

#include "loop/loop.hpp"

namespace boucle {

void Callback::invoke(Loop &loop) noexcept {
  loop.call_user(context, userdata.get(), [&] { fn(&loop, userdata.get()); });
}

void hosted_call(Loop *loop, void *userdata) {
  loop->reached = {.what = Due::What::Call, .userdata = userdata};
  loop->reached_context = Ref<Context>(loop->context);
}

const NodeType Handle::kType = {Handle::run, Handle::drop, Handle::arrive, Handle::peek, Handle::put_off_until};

Due Handle::peek(Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  return handle.cancelled_ ? Due() : handle.callback_.peek();
}

inline void Handle::dispose() noexcept {
  if (memory_ == Memory::Pool) [[likely]] return Loop::dispose_object(this);
  Loop &owner = loop();
  this->~Handle();
  std::free(this);
  owner.unpin();
}

// Once its userdata has gone a handle takes nothing along: no need to see how deep this is.
inline void Handle::leave_queue() noexcept {
  callback_.userdata.reset();
  if (drop_local()) dispose();
}

void Handle::run(Loop &loop, Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  if (!handle.cancelled_) {
    Loop::InCallback inside(loop);
    handle.callback_.invoke_inside(loop);
  }
  handle.leave_queue();
}

void Handle::drop(Loop &, Node &node) noexcept { static_cast<Handle &>(node).leave_queue(); }

void Handle::arrive(Loop &, Node &node) noexcept { static_cast<Handle &>(node).posted_ = false; }

void Handle::cancel() noexcept {
  if (cancelled_) return;
  cancelled_ = true;
  if (deadline != kUntimed) [[likely]] {
    ++loop().withdrawn;
    loop().retire_timer(*this);
    return callback_.userdata.reset();  // may come back here, and finds that it is not armed
  }
  if (posted_) return callback_.userdata.reset();
  if (!linked()) return;  // it was called, or is being called
  ++loop().withdrawn;
  unlink();
  leave_queue();
}

// Of a timer that is armed, its deadline says so: no need to look at the second cache line.
Status Handle::move_to(int64_t when) noexcept {
  if (deadline != kUntimed) [[likely]] {
    when_ = when;
    if (!loop().may_put_off(*this, when)) loop().reschedule_timer(*this, when);
    return 0;
  }
  if (cancelled_ || posted_ || !linked()) return status::INVALIDSTATE;
  when_ = when;
  ++loop().withdrawn;
  unlink();
  loop().schedule_at(*this, when);
  return 0;
}

}  // namespace boucle
