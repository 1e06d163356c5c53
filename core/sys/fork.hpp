// Fork: counts forks, so that a process can tell without a system call that it is the child of one.
#pragma once

#include <atomic>

#include "base/status.hpp"

namespace boucle {

// The number of forks between the process that first called watch_forks() and this one, times kFork. So a loop's state
// fits into the lower bits of the same word, and one comparison checks both.
inline constexpr unsigned kFork = 4;
inline std::atomic<unsigned> forks{0};
inline unsigned fork_count() noexcept { return forks.load(std::memory_order_relaxed); }

// From now on, each child of this process adds to the count and calls `in_child`, in the only thread that the child
// has. Later calls do nothing: all callers pass the same function.
Status watch_forks(void (*in_child)()) noexcept;

}  // namespace boucle
