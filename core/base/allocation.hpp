// The only catch of the library. What may throw in core and capi is an allocation of the standard library: bad_alloc.
#pragma once

#include <new>

namespace boucle {

// Runs f. Returns false if there was not enough memory for it.
template <class F>
bool try_allocate(F &&f) noexcept {
  try {
    f();
  } catch (const std::bad_alloc &) {
    return false;
  }
  return true;
}

// Returns what f returns, or `otherwise` if there was not enough memory.
template <class Result, class F>
Result allocate_or(Result otherwise, F &&f) noexcept {
  try_allocate([&] { otherwise = f(); });
  return otherwise;
}

}  // namespace boucle
