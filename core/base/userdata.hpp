// A callback triple's userdata and destroy: destroy runs exactly once, whatever becomes of the callback.
//
// A destroy may drop the last reference to something whose destroy does the same, and so on. So many of them run inside
// each other, and no more: what is deeper runs right after the deepest.
#pragma once

#include <utility>

namespace boucle {

using Destroy = void (*)(void *userdata);

// While it lives, a function of the user's runs that must return before its caller goes on: a destroy, an exception
// handler, a comparison. The body of a task, on its own stack, cannot await in there.
class NestedCall {
 public:
  NestedCall() noexcept { ++count_; }
  ~NestedCall() { --count_; }
  NestedCall(const NestedCall &) = delete;
  // How many there are in this thread.
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
  // The former one ends last: its destroy may come back here, and then finds the new one in place.
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
  // Somebody else sees to its end.
  void release() noexcept { destroy_ = nullptr; }
  // Ends its life now. The members are cleared first: destroy may come back here.
  void reset() noexcept {
    void *pointer = std::exchange(pointer_, nullptr);
    if (destroy_) end(pointer, std::exchange(destroy_, nullptr));
  }

  // While it lives, no destroy runs in this thread; those that are due run at its end.
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
