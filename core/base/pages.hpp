// Pages: memory straight from the system, for pools. Declared here, where it is used; core/sys, which may ask the system,
// defines it.
#pragma once

#include <cstddef>

namespace boucle {

// Zeroed memory, aligned to its size, which is a power of two; nullptr if there is none.
void *map_pages(size_t size) noexcept;
void unmap_pages(void *pages, size_t size) noexcept;

}  // namespace boucle
