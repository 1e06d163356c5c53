// Pages: memory of the system, for pools. Pools use these functions, so they are declared here; core/sys, the only
// directory that may call the system, defines them.
#pragma once

#include <cstddef>

namespace boucle {

// Returns zeroed memory that is aligned to its size, or nullptr if there is none. The size must be a power of two.
void *map_pages(size_t size) noexcept;
void unmap_pages(void *pages, size_t size) noexcept;

}  // namespace boucle
