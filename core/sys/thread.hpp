// Thread: starts threads of the library.
#pragma once

#include <pthread.h>

#include "base/status.hpp"

namespace boucle {

// Starts a thread in which all signals are blocked except those of faults. The caller must join it.
Status start_thread(pthread_t &ret_thread, void *(*main)(void *), void *argument) noexcept;
// Does the same, but the thread is not joined: it must own all that it uses.
Status start_detached_thread(void *(*main)(void *), void *argument) noexcept;

}  // namespace boucle
