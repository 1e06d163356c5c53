// Ref<T>: an owning pointer to an object with ref() and unref(), the shared count. Local<T> uses retain() and
// release(), the count of the loop's own references (see loop/object.hpp).
#pragma once

#include <cstddef>
#include <utility>

namespace boucle {

// If T has static functions of these names, they are called: a pointer to Value may be an immediate, not an object.
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
  static void ref(T *p) noexcept {
    p->retain();
  }
  template <class T>
  static void unref(T *p) noexcept {
    p->release();
  }
};

template <class T, class Count = SharedCount>
class Ref {
 public:
  Ref() noexcept = default;
  Ref(std::nullptr_t) noexcept {}
  explicit Ref(T *p) noexcept : p_(p) {
    if (p_) Count::ref(p_);
  }
  // Takes over a reference that the caller owns.
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
  // Takes over a reference. The Ref must be null before.
  void put(T *p) noexcept { p_ = p; }
  // Passes its reference to the caller, and is null afterwards.
  T *take() noexcept { return std::exchange(p_, nullptr); }

 private:
  T *p_ = nullptr;
};

template <class T>
using Local = Ref<T, LocalCount>;

}  // namespace boucle
