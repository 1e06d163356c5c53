// The callbacks that the loop runs, and Handle, by which one can be cancelled.
#pragma once

#include "base/callback.hpp"
#include "base/ref.hpp"
#include "base/status.hpp"
#include "loop/context.hpp"
#include "loop/node.hpp"
#include "loop/object.hpp"

namespace boucle {

using LoopFn = void (*)(Loop *loop, void *userdata);

// The fn of callbacks whose code is a host's: notes in loop->reached that they were reached.
void hosted_call(Loop *loop, void *userdata);

// What a user asked to be called. It runs in the context of its registration.
struct Callback {
  LoopFn fn;
  Userdata userdata;
  Ref<Context> context;

  // A host is told of one callback at a time.
  bool stands_alone() const noexcept { return fn == hosted_call; }
  // Nothing but a function and its userdata.
  bool is_plain() const noexcept { return !userdata.destroy() && !context; }
  void invoke(Loop &loop) noexcept;
  // The same inside a Loop::InCallback, where it will not be called again: the context moves instead of being shared.
  // False if the run is to end here.
  bool invoke_inside(Loop &loop) noexcept;
  // The same; destroys the callback.
  bool invoke_and_destroy(Loop &loop) noexcept;
  Due peek() const noexcept {
    if (!stands_alone()) return {};
    return {.what = Due::What::Call, .userdata = userdata.get()};
  }
};

// asyncio.Handle. While it is queued the loop holds a reference.
class Handle final : public Object, public Node {
 public:
  enum class Memory : uint8_t { Pool, Malloc };  // Malloc: made by another thread
  Handle(Loop &loop, Callback &&callback, Ref<Context> context, Memory memory, bool has_user) noexcept
      : Object(loop, has_user ? Born::Both : Born::Local),
        Node(kType),
        callback_{callback.fn, std::move(callback.userdata), std::move(context)},
        memory_(memory) {}

  // Hides Object's: one that was posted may be dropped in any thread, at any time; its end touches nothing of the loop's.
  void unref() noexcept {
    if (memory_ == Memory::Pool) return Object::unref();
    if (drop_shared()) dispose();
  }
  void cancel() noexcept;
  // INVALIDSTATE if its call is not to come any more, or not known of yet.
  Status move_to(int64_t when) noexcept;
  bool is_cancelled() const noexcept { return cancelled_; }
  int64_t when() const noexcept { return when_; }
  void set_when(int64_t when) noexcept { when_ = when; }

  static const NodeType kType;

 private:
  friend class Loop;  // posts it
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;
  static void arrive(Loop &loop, Node &node) noexcept;
  static Due peek(Node &node) noexcept;
  static int64_t put_off_until(const Node &node) noexcept { return static_cast<const Handle &>(node).when_; }
  void leave_queue() noexcept;
  void dispose() noexcept override;

  int64_t when_ = 0;
  Callback callback_;
  Memory memory_;
  bool cancelled_ = false;
  bool posted_ = false;  // in the inbox, where it cannot be unlinked
  // Two whole cache lines, and the pool's objects of this size start at one: so what arming it again looks at, which is
  // all up to when_, is always on the first.
  [[maybe_unused]] char unused_[29];
};
static_assert(sizeof(Handle) == 128);

}  // namespace boucle
