// Counted: an atomic reference count for objects that belong to no loop (values, exceptions, contexts).
//
// The last owner is recognised by a plain load: who holds the only reference cannot race with anybody, so the common
// "made, handed over, dropped" costs no locked instruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#if __has_include(<ext/atomicity.h>)
#include <ext/atomicity.h>
#endif

namespace boucle {

// Everything alive that no loop accounts for: loops, values, exceptions, context variables. For tests.
inline std::atomic<size_t> live_objects{0};

// While the process has one thread, counting needs no locked instruction, of which each costs some six nanoseconds: the
// same shortcut as std::shared_ptr's.
inline bool is_single_threaded() noexcept {
#if __has_include(<ext/atomicity.h>)
  return __gnu_cxx::__is_single_threaded();
#else
  return false;
#endif
}
inline void count_up(std::atomic<uint32_t> &count) noexcept {
  if (is_single_threaded()) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  } else {
    count.fetch_add(1, std::memory_order_relaxed);
  }
}
// True if that was the last reference. Whoever holds the only one cannot race with anybody.
inline bool count_down(std::atomic<uint32_t> &count) noexcept {
  uint32_t now = count.load(std::memory_order_acquire);
  if (now == 1) return true;
  if (is_single_threaded()) {
    count.store(now - 1, std::memory_order_relaxed);
    return false;
  }
  return count.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

template <class T>
class Counted {
 public:
  void ref() noexcept { count_up(count_); }
  // Mostly there is nothing to drop: what is inlined everywhere is the caller's null check alone.
  [[gnu::noinline]] void unref() noexcept {
    if (drop()) T::destroy(static_cast<T *>(this));
  }
  // Gives up a reference; true if it was the last: then the caller destroys.
  bool drop() noexcept { return count_down(count_); }

 private:
  std::atomic<uint32_t> count_{1};
};

}  // namespace boucle
