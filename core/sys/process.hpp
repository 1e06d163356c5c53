// Process: the scheduling of its threads, and its environment.
#pragma once

namespace boucle {

// Lets other threads that are ready to run on this processor run first. Returns at once if there are none.
void yield_processor() noexcept;

// Is to be called in a loop in which a thread waits for another thread to write.
inline void relax_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns true if the environment variable is "1".
bool environment_flag(const char *name) noexcept;

}  // namespace boucle
