// Sanitizers: tells AddressSanitizer, ThreadSanitizer and valgrind of stacks, and of switches between them. Without
// these tools all functions are empty.
#pragma once

#include <cstddef>

#ifdef __has_feature
#define BOUCLE_HAS(feature) __has_feature(feature)
#else
#define BOUCLE_HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || BOUCLE_HAS(address_sanitizer)
#define BOUCLE_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__) || BOUCLE_HAS(thread_sanitizer)
#define BOUCLE_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#undef BOUCLE_HAS
#if __has_include(<valgrind/valgrind.h>)
#define BOUCLE_VALGRIND 1
#include <valgrind/valgrind.h>
#endif

namespace boucle::sanitizers {

// Returns the number by which valgrind knows the stack.
inline unsigned register_stack([[maybe_unused]] char *bottom, [[maybe_unused]] char *top) noexcept {
#ifdef BOUCLE_VALGRIND
  return VALGRIND_STACK_REGISTER(bottom, top);
#else
  return 0;
#endif
}

inline void unregister_stack([[maybe_unused]] unsigned valgrind_id) noexcept {
#ifdef BOUCLE_VALGRIND
  VALGRIND_STACK_DEREGISTER(valgrind_id);
#endif
}

// Removes the marks around variables on a stack that was left for ever: the calls on it will not return.
inline void unpoison_stack([[maybe_unused]] char *bottom, [[maybe_unused]] size_t size) noexcept {
#ifdef BOUCLE_ASAN
  __asan_unpoison_memory_region(bottom, size);
#endif
}

// Side: one of the two stacks of a switch.
class Side {
 public:
  // Is called right before the jump to `other`. `for_good`: nothing will jump back.
  void before_switch_to([[maybe_unused]] const Side &other, [[maybe_unused]] bool for_good = false) noexcept {
#ifdef BOUCLE_ASAN
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_, other.bottom_, other.size_);
#endif
#ifdef BOUCLE_TSAN
    __tsan_switch_to_fiber(other.fiber_, 0);
#endif
  }
  // Is called right after the jump back from `other`, and at the beginning of a new stack.
  void after_switch_from([[maybe_unused]] Side &other) noexcept {
#ifdef BOUCLE_ASAN
    __sanitizer_finish_switch_fiber(fake_, &other.bottom_, &other.size_);
#endif
  }
  // Makes it the stack on which this thread runs.
  void attach_current() noexcept {
#ifdef BOUCLE_TSAN
    fiber_ = __tsan_get_current_fiber();
#endif
  }
  // Makes it a stack on which no code has run yet.
  void create([[maybe_unused]] const void *bottom, [[maybe_unused]] size_t size) noexcept {
#ifdef BOUCLE_ASAN
    bottom_ = bottom;
    size_ = size;
#endif
#ifdef BOUCLE_TSAN
    fiber_ = __tsan_create_fiber(0);
#endif
  }
  void destroy() noexcept {
#ifdef BOUCLE_TSAN
    __tsan_destroy_fiber(fiber_);
#endif
  }

 private:
#ifdef BOUCLE_ASAN
  const void *bottom_ = nullptr;
  size_t size_ = 0;
  void *fake_ = nullptr;
#endif
#ifdef BOUCLE_TSAN
  void *fiber_ = nullptr;
#endif
};

}  // namespace boucle::sanitizers
