// wait() and wait_for().
#pragma once

#include <span>
#include <vector>

#include "async/coroutine.hpp"

namespace boucle {

inline constexpr int64_t kNoTimeout = INT64_MIN;

enum class WaitMode { FirstCompleted, FirstException, AllCompleted };

// The deadline of a timeout that begins now.
int64_t timeout_deadline(Loop &loop, int64_t timeout_ns) noexcept;
// The futures without repetitions, in their order. Throws bad_alloc.
std::vector<Local<Future>> distinct_futures(std::span<Future *const> futures);

// futures: without repetitions. timeout_ns: a delay, or kNoTimeout.
Async async_wait(Loop &loop, std::vector<Local<Future>> futures, WaitMode mode, int64_t timeout_ns) noexcept;
Async async_wait_for(Loop &loop, Local<Future> future, int64_t timeout_ns) noexcept;
Async async_wait_for_coroutine(Loop &loop, Local<Coroutine> coroutine, int64_t timeout_ns) noexcept;

}  // namespace boucle
