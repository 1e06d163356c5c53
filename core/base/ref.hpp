// Ref<T>: an owning pointer to anything with ref() and unref() (shared count) or, as Local<T>, retain() and release()
// (the loop side's count, see object.hpp).
#pragma once

#include <cstddef>
#include <utility>

namespace boucle {

// By static functions of T where it has them: Value's pointers do not all point at objects.
struct SharedCount {
  template <class T>
  static void ref(T *p) noexcept {
    if constexpr (requires { T::ref(p); }) {
      T::ref(p);
    } else {
      p->ref();
    }
  }
  template <class T>
  static void unref(T *p) noexcept {
    if constexpr (requires { T::unref(p); }) {
      T::unref(p);
    } else {
      p->unref();
    }
  }
};

struct LocalCount {
  template <class T>
  static void ref(T *p) noexcept { p->retain(); }
  template <class T>
  static void unref(T *p) noexcept { p->release(); }
};

template <class T, class Count = SharedCount>
class Ref {
 public:
  Ref() noexcept = default;
  Ref(std::nullptr_t) noexcept {}
  explicit Ref(T *p) noexcept : p_(p) {
    if (p_) Count::ref(p_);
  }
  // Takes over a reference that somebody owned already.
  static Ref adopt(T *p) noexcept {
    Ref ref;
    ref.p_ = p;
    return ref;
  }
  Ref(const Ref &other) noexcept : Ref(other.p_) {}
  Ref(Ref &&other) noexcept : p_(std::exchange(other.p_, nullptr)) {}
  Ref &operator=(Ref other) noexcept {
    std::swap(p_, other.p_);
    return *this;
  }
  ~Ref() {
    if (p_) Count::unref(p_);
  }

  T *get() const noexcept { return p_; }
  T *operator->() const noexcept { return p_; }
  T &operator*() const noexcept { return *p_; }
  explicit operator bool() const noexcept { return p_ != nullptr; }
  // Takes over a reference, where it has none.
  void put(T *p) noexcept { p_ = p; }
  // Gives the reference away.
  T *take() noexcept { return std::exchange(p_, nullptr); }

 private:
  T *p_ = nullptr;
};

template <class T>
using Local = Ref<T, LocalCount>;

}  // namespace boucle
