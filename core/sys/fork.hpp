// Fork: tells the child of a fork that it is one, without a system call.
#pragma once

#include <atomic>

#include "base/status.hpp"

namespace boucle {

// How many forks lie between this process and the one in which watch_forks() was called first, times kFork: so that a loop
// has room for its state beside it, and one comparison tells both.
inline constexpr unsigned kFork = 4;
inline std::atomic<unsigned> forks{0};
inline unsigned fork_count() noexcept { return forks.load(std::memory_order_relaxed); }

// From now on the count grows in each child of this process, and `in_child` is called there, by the only thread that the
// child has. Later calls do nothing: all callers give the same function.
Status watch_forks(void (*in_child)()) noexcept;

}  // namespace boucle
