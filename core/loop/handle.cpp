#include "loop/handle.hpp"

#include <cstdlib>

#include "loop/loop.hpp"

namespace boucle {

const NodeType Handle::kType = {Handle::run, Handle::drop, Handle::arrive, Handle::callback_of, Handle::put_off_until};

const Callback *Handle::callback_of(Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  return handle.cancelled_ ? nullptr : &handle.callback_;
}

inline void Handle::dispose() noexcept {
  if (memory_ == Memory::Pool) [[likely]]
    return Heap::destroy(this);
  Loop &owner = loop();
  this->~Handle();
  std::free(this);
  owner.unpin();
}

// Without its userdata a handle refers to nothing else, so its end needs no Heap::dispose_of().
inline void Handle::leave_queue() noexcept {
  callback_.userdata.reset();
  if (drop_local()) dispose();
}

void Handle::run(Loop &loop, Node &node) noexcept {
  Handle &handle = static_cast<Handle &>(node);
  if (!handle.cancelled_) {
    Dispatch::InCallback inside(loop.dispatch);
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
    loop().scheduler.retire_timer(*this);
    return callback_.userdata.reset();  // may come back here, and finds that it is not armed
  }
  if (posted_) return callback_.userdata.reset();
  if (!linked()) return;  // it was called, or is being called
  loop().scheduler.withdraw(*this);
  leave_queue();
}

// The deadline says whether the timer is armed, so the second cache line is not read.
Status Handle::move_to(int64_t when) noexcept {
  if (deadline != kUntimed) [[likely]] {
    when_ = when;
    if (!loop().scheduler.may_put_off(*this, when)) loop().scheduler.reschedule_timer(*this, when);
    return 0;
  }
  if (cancelled_ || posted_ || !linked()) return status::INVALIDSTATE;
  when_ = when;
  loop().scheduler.withdraw(*this);
  loop().scheduler.schedule_at(*this, when);
  return 0;
}

}  // namespace boucle
