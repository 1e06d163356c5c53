// shield(): a future that has the outcome of another one, and does not forward its own cancellation.
#pragma once

#include "async/future.hpp"

namespace boucle {

// Returns nullptr if there is no memory; the future itself if it is done. The reference is the caller's, a shared one.
Future *shield(Loop &loop, Future &future) noexcept;

}  // namespace boucle
