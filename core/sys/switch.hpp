// Switch: runs a body on a stack of its own, and switches to that stack and back. The loop calls enter(), the body
// leave(). It is the only user of Boost.Context.
//
// No C++ exception may leave the body; inside, it may throw, catch, and wait while it handles one. Addresses that
// depend on the thread (thread_local, errno) must not be kept across leave(): the next enter() may be in another
// thread.
//
// Invariants: (1) while the loop runs, body_context_ is where the body continues, and caught_ has the body's
// exceptions; (2) while the body runs, loop_context_ is where the loop continues, and caught_ has the loop's
// exceptions.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include "sys/caught_exceptions.hpp"
#include "sys/sanitizers.hpp"

namespace boucle {

class Switch {
 public:
  using Body = void (*)(void *argument) noexcept;

  // The stack is from `bottom` up to `top`. It must exist as long as the Switch; frames that are on it then are not
  // unwound.
  Switch(char *bottom, char *top, Body body, void *argument) noexcept
      : body_(body), argument_(argument), body_context_(make(top, static_cast<size_t>(top - bottom))) {
    body_side_.create(bottom, static_cast<size_t>(top - bottom));
  }
  Switch(const Switch &) = delete;
  Switch &operator=(const Switch &) = delete;
  ~Switch() { body_side_.destroy(); }

  // Runs the body until it calls leave(), or ends.
  void enter() noexcept {
    loop_side_.attach_current();
    inside_ = true;
    caught_.exchange();
    loop_side_.before_switch_to(body_side_);
    body_context_ = boost::context::detail::jump_fcontext(body_context_, this).fctx;
    loop_side_.after_switch_from(body_side_);
    caught_.exchange();
    inside_ = false;
  }
  // Is called by the body: returns to the caller of enter(). It returns when enter() is called again.
  void leave() noexcept {
    body_side_.before_switch_to(loop_side_);
    loop_context_ = boost::context::detail::jump_fcontext(loop_context_, this).fctx;
    body_side_.after_switch_from(loop_side_);
  }
  bool is_inside() const noexcept { return inside_; }

 private:
  using Fcontext = boost::context::detail::fcontext_t;

  static Fcontext make(char *top, size_t size) noexcept {
    return boost::context::detail::make_fcontext(top, size, start);
  }
  static void start(boost::context::detail::transfer_t from) noexcept {
    Switch &self = *static_cast<Switch *>(from.data);
    self.loop_context_ = from.fctx;
    self.body_side_.after_switch_from(self.loop_side_);
    self.body_(self.argument_);
    self.body_side_.before_switch_to(self.loop_side_, true);
    boost::context::detail::jump_fcontext(self.loop_context_, &self);
    __builtin_unreachable();
  }

  Body body_;
  void *argument_;
  Fcontext body_context_;
  Fcontext loop_context_ = nullptr;
  bool inside_ = false;
  CaughtExceptions caught_;
  [[no_unique_address]] sanitizers::Side body_side_;
  [[no_unique_address]] sanitizers::Side loop_side_;
};

}  // namespace boucle
