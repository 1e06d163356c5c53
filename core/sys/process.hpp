// Which thread, which process; who runs next.
#pragma once

#include <cstdint>

namespace boucle {

// A number that no two living threads share; never 0.
inline uintptr_t this_thread() noexcept {
  static thread_local char marker __attribute__((tls_model("initial-exec")));
  return reinterpret_cast<uintptr_t>(&marker);
}

int this_process() noexcept;

// Lets other threads that want this processor run first. Returns at once if there are none.
void yield_processor() noexcept;

// For a thread that looks again and again for what another one is to write.
inline void relax_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// The value of an environment variable of ours is "1".
bool environment_flag(const char *name) noexcept;

}  // namespace boucle
