// A callback triple's userdata and destroy: destroy runs exactly once, whatever becomes of the callback.
#pragma once

#include <utility>

namespace boucle {

using Destroy = void (*)(void *userdata);

class Userdata {
 public:
  Userdata() noexcept = default;
  Userdata(void *pointer, Destroy destroy) noexcept : pointer_(pointer), destroy_(destroy) {}
  Userdata(Userdata &&other) noexcept
      : pointer_(std::exchange(other.pointer_, nullptr)), destroy_(std::exchange(other.destroy_, nullptr)) {}
  Userdata &operator=(Userdata &&other) noexcept {
    if (this != &other) {
      reset();
      pointer_ = std::exchange(other.pointer_, nullptr);
      destroy_ = std::exchange(other.destroy_, nullptr);
    }
    return *this;
  }
  ~Userdata() {
    if (destroy_) destroy_(pointer_);
  }

  void *get() const noexcept { return pointer_; }
  Destroy destroy() const noexcept { return destroy_; }
  // Somebody else sees to its end.
  void release() noexcept { destroy_ = nullptr; }
  // Ends its life now. The members are cleared first: destroy may come back here.
  void reset() noexcept {
    void *pointer = std::exchange(pointer_, nullptr);
    if (destroy_) std::exchange(destroy_, nullptr)(pointer);
  }

 private:
  void *pointer_ = nullptr;
  Destroy destroy_ = nullptr;
};

}  // namespace boucle
