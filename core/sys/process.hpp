// Which process, and what it was started with.
#pragma once

namespace boucle {

int this_process() noexcept;

// The value of an environment variable of ours is "1".
bool environment_flag(const char *name) noexcept;

}  // namespace boucle
