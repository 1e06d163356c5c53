// Switch: a stack of its own for a body, and the way to it and back. The loop's side enters, the body's side leaves; it is
// the only user of Boost.Context.
//
// No C++ exception may leave the body; inside, it may throw, catch, and wait while it handles one. Whatever is computed from the thread (thread_local, errno's address) must not be
// kept across leave(): the next enter() may be on another thread.
//
// Invariant: body_at_ is where the body goes on, while it is outside; loop_at_ where the loop goes on, while it is inside.
// handlers_ are the body's, while it is outside; the loop's, while it is inside.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include "sys/handlers.hpp"
#include "sys/sanitizers.hpp"

namespace boucle {

class Switch {
 public:
  using Body = void (*)(void *argument) noexcept;

  // The stack: from `bottom` up to `top`. It must stay until the Switch is gone; what is on it is then abandoned.
  Switch(char *bottom, char *top, Body body, void *argument) noexcept
      : body_(body), argument_(argument), body_at_(make(top, static_cast<size_t>(top - bottom))) {
    body_side_.be_stack(bottom, static_cast<size_t>(top - bottom));
  }
  Switch(const Switch &) = delete;
  Switch &operator=(const Switch &) = delete;
  ~Switch() { body_side_.be_gone(); }

  // Runs the body until it leaves, or ends.
  void enter() noexcept {
    loop_side_.be_here();
    inside_ = true;
    handlers_.exchange();
    loop_side_.leave_for(body_side_);
    body_at_ = boost::context::detail::jump_fcontext(body_at_, this).fctx;
    loop_side_.arrive_from(body_side_);
    handlers_.exchange();
    inside_ = false;
  }
  // From inside the body: goes back to whoever entered.
  void leave() noexcept {
    body_side_.leave_for(loop_side_);
    loop_at_ = boost::context::detail::jump_fcontext(loop_at_, this).fctx;
    body_side_.arrive_from(loop_side_);
  }
  bool is_inside() const noexcept { return inside_; }

 private:
  using Place = boost::context::detail::fcontext_t;

  static Place make(char *top, size_t size) noexcept { return boost::context::detail::make_fcontext(top, size, start); }
  static void start(boost::context::detail::transfer_t from) noexcept {
    Switch &self = *static_cast<Switch *>(from.data);
    self.loop_at_ = from.fctx;
    self.body_side_.arrive_from(self.loop_side_);
    self.body_(self.argument_);
    self.body_side_.leave_for(self.loop_side_, true);
    boost::context::detail::jump_fcontext(self.loop_at_, &self);
    __builtin_unreachable();
  }

  Body body_;
  void *argument_;
  Place body_at_;
  Place loop_at_ = nullptr;
  bool inside_ = false;
  Handlers handlers_;
  [[no_unique_address]] sanitizers::Side body_side_;
  [[no_unique_address]] sanitizers::Side loop_side_;
};

}  // namespace boucle
