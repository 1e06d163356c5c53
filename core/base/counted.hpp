// Counted: an atomic reference count for objects that belong to no loop (values, exceptions, contexts).
//
// A plain load recognises the last owner: no other thread can change a count while its owner holds the only reference.
// So an object that is made, passed on and given up costs no locked instruction.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#if __has_include(<ext/atomicity.h>)
#include <ext/atomicity.h>
#endif

namespace boucle {

// The number of live objects that no loop counts: loops, values, exceptions, context variables. For tests.
inline std::atomic<size_t> live_objects{0};

// Returns true while the process has one thread. Then counting needs no locked instruction, which costs about six
// nanoseconds; std::shared_ptr does the same.
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
// Returns true if that was the last reference.
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
  // Not inlined: most references are null, and the caller's check of that is all that should be inlined everywhere.
  [[gnu::noinline]] void unref() noexcept {
    if (drop()) T::destroy(static_cast<T *>(this));
  }
  // Gives up a reference. Returns true if it was the last: then the caller destroys the object.
  bool drop() noexcept { return count_down(count_); }

 private:
  std::atomic<uint32_t> count_{1};
};

}  // namespace boucle
