// Counted: an atomic reference count for objects that belong to no loop (values, exceptions, contexts).
//
// The last owner is recognised by a plain load: who holds the only reference cannot race with anybody, so the common
// "made, handed over, dropped" costs no locked instruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace boucle {

// Everything alive that no loop accounts for: loops, values, exceptions, context variables. For tests.
inline std::atomic<size_t> live_objects{0};

template <class T>
class Counted {
 public:
  void ref() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void unref() noexcept {
    if (drop()) T::destroy(static_cast<T *>(this));
  }
  // Gives up a reference; true if it was the last: then the caller destroys.
  bool drop() noexcept {
    return count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

 private:
  std::atomic<uint32_t> count_{1};
};

}  // namespace boucle
