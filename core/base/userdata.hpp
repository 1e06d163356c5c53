// Userdata: the userdata and the destroy of a callback. The destroy runs exactly once, however the callback ends.
//
// A destroy may drop the last reference to something whose destroy does the same, and so on. At most kDeepest of them
// run inside each other; those that are deeper are deferred, and run right after the deepest.
#pragma once

#include <utility>

namespace boucle {

using Destroy = void (*)(void *userdata);

// While a NestedCall lives, the core calls a function of the user that must return before the core continues: a
// destroy, an exception handler, a comparison. A body on a stack of its own cannot await in such a function.
class NestedCall {
 public:
  NestedCall() noexcept { ++count_; }
  ~NestedCall() { --count_; }
  NestedCall(const NestedCall &) = delete;
  // How many live in this thread.
  static int count() noexcept { return count_; }

 private:
  static inline constinit thread_local int count_ __attribute__((tls_model("initial-exec"))) = 0;
};

class Userdata {
 public:
  Userdata() noexcept = default;
  Userdata(void *pointer, Destroy destroy) noexcept : pointer_(pointer), destroy_(destroy) {}
  Userdata(Userdata &&other) noexcept
      : pointer_(std::exchange(other.pointer_, nullptr)), destroy_(std::exchange(other.destroy_, nullptr)) {}
  // The former userdata is destroyed last: its destroy may come back here, and finds the new one.
  Userdata &operator=(Userdata other) noexcept {
    std::swap(pointer_, other.pointer_);
    std::swap(destroy_, other.destroy_);
    return *this;
  }
  ~Userdata() {
    if (destroy_) end(pointer_, destroy_);
  }

  void *get() const noexcept { return pointer_; }
  Destroy destroy() const noexcept { return destroy_; }
  // Its destroy will not be called here: the caller does that.
  void release() noexcept { destroy_ = nullptr; }
  // Calls destroy now. The members are cleared first: destroy may come back here.
  void reset() noexcept {
    void *pointer = std::exchange(pointer_, nullptr);
    if (destroy_) end(pointer, std::exchange(destroy_, nullptr));
  }

  // While a Hold lives, no destroy runs in this thread; the deferred ones run when it ends.
  class Hold {
   public:
    Hold() noexcept;
    ~Hold();
    Hold(const Hold &) = delete;

   private:
    int depth_;
  };

 private:
  static void end(void *pointer, Destroy destroy) noexcept;

  void *pointer_ = nullptr;
  Destroy destroy_ = nullptr;
};

}  // namespace boucle
