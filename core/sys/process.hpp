// Who runs next; what the environment says.
#pragma once

namespace boucle {

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
