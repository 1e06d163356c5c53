// Starting threads of the library's own.
#pragma once

#include <pthread.h>

#include "base/status.hpp"

namespace boucle {

// With all signals blocked but those that a fault raises. To be joined.
Status start_thread(pthread_t &ret_thread, void *(*main)(void *), void *argument) noexcept;
// The same, and nobody joins it: it must own whatever it uses.
Status start_detached_thread(void *(*main)(void *), void *argument) noexcept;

}  // namespace boucle
