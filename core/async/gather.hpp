// gather() and shield(): futures that follow others.
#pragma once

#include <span>

#include "async/future.hpp"

namespace boucle {

// nullptr if there is no memory; the reference is the caller's, a shared one.
Future *gather(Loop &loop, std::span<Future *const> futures, bool return_exceptions) noexcept;
// `future` itself, with one more reference, if it is done.
Future *shield(Loop &loop, Future &future) noexcept;

}  // namespace boucle
