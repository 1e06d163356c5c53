#include "base/pages.hpp"

#include <stdint.h>
#include <sys/mman.h>

namespace boucle {

// malloc is not used: it has a header before each aligned block, so no two blocks would be adjacent, and it keeps freed
// memory as long as any memory at higher addresses is in use.
void *map_pages(size_t size) noexcept {
  void *mapping = mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  auto start = reinterpret_cast<uintptr_t>(mapping);
  uintptr_t aligned = (start + size - 1) & ~(size - 1);
  if (aligned > start) munmap(mapping, aligned - start);
  if (start + size > aligned) munmap(reinterpret_cast<void *>(aligned + size), start + size - aligned);
  return reinterpret_cast<void *>(aligned);
}

void unmap_pages(void *pages, size_t size) noexcept { munmap(pages, size); }

}  // namespace boucle
