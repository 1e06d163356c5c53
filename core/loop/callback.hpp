// Callback: what a user asked the loop to call. It runs in the context of its registration.
#pragma once

#include "base/userdata.hpp"
#include "base/ref.hpp"
#include "base/status.hpp"
#include "loop/context.hpp"
#include "loop/node.hpp"

namespace boucle {

using LoopFn = void (*)(Loop *loop, void *userdata);

struct Callback {
  LoopFn fn;
  Userdata userdata;
  Ref<Context> context;

  // Nothing but a function and its userdata.
  bool is_plain() const noexcept { return !userdata.destroy() && !context; }
  void invoke(Loop &loop) noexcept;
  // The same inside a Dispatch::InCallback, where it will not be called again: the context moves instead of being
  // shared. False if the run is to end here.
  bool invoke_inside(Loop &loop) noexcept;
  // The same; destroys the callback.
  bool invoke_and_destroy(Loop &loop) noexcept;
};

// Whether a callback may share its node with those scheduled right before and after it. Who asks nodes for their
// callback needs it alone.
enum class Sharing : bool { Shared, Alone };

}  // namespace boucle
