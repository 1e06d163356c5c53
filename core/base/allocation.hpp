// The one place of the core that catches. What may throw there is an allocation of the standard library.
#pragma once

#include <new>

namespace boucle {

// Runs f. False if there was no memory for what it does.
template <class F>
bool try_allocate(F &&f) noexcept {
  try {
    f();
  } catch (const std::bad_alloc &) {
    return false;
  }
  return true;
}

}  // namespace boucle
