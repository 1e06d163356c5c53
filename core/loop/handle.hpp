// Handle: a callback that can be cancelled and put off. asyncio.Handle and TimerHandle. While it is queued, its queue
// holds a reference.
#pragma once

#include "loop/callback.hpp"
#include "loop/object.hpp"

namespace boucle {

class Handle final : public Object, public Node {
 public:
  enum class Memory : uint8_t { Pool, Malloc };  // Malloc: made by another thread
  Handle(Loop &loop, Callback &&callback, Ref<Context> context, Memory memory, bool has_user) noexcept
      : Object(loop, has_user ? Born::Both : Born::Local),
        Node(kType),
        callback_{callback.fn, std::move(callback.userdata), std::move(context)},
        memory_(memory) {}

  // Hides Object::unref(): a handle that was posted may be dropped in any thread, at any time, and its end touches
  // nothing of the loop.
  void unref() noexcept {
    if (memory_ == Memory::Pool) return Object::unref();
    if (drop_shared()) dispose();
  }
  void cancel() noexcept;
  // INVALIDSTATE if it was called or cancelled, or if the loop has not taken it out of the inbox yet.
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
  static const Callback *callback_of(Node &node) noexcept;
  static int64_t put_off_until(const Node &node) noexcept { return static_cast<const Handle &>(node).when_; }
  void leave_queue() noexcept;
  void dispose() noexcept override;

  int64_t when_ = 0;
  Callback callback_;
  Memory memory_;
  bool cancelled_ = false;
  bool posted_ = false;  // in the inbox, where it cannot be unlinked
  // A handle fills two cache lines, at whose start the pool places objects of this size. So what arming it again reads,
  // which is all up to when_, is on the first.
  [[maybe_unused]] char unused_[29];
};
static_assert(sizeof(Handle) == 128);

}  // namespace boucle
