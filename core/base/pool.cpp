#include "base/pool.hpp"

#include <cstdlib>
#include <new>

namespace boucle {

Pool::~Pool() {
  for (List &room : room_) {
    while (!room.empty()) std::free(static_cast<Slab *>(room.pop_front()));
  }
}

void *Pool::grow(size_t cls) noexcept {
  void *memory = std::aligned_alloc(kSlab, kSlab);
  if (!memory) return nullptr;
  auto *slab = new (memory) Slab;
  slab->pool = this;
  slab->free = nullptr;
  slab->fresh = static_cast<char *>(memory) + (sizeof(Slab) + kGrain - 1) / kGrain * kGrain;
  slab->used = 0;
  slab->cls = static_cast<uint16_t>(cls);
  room_[cls].push_back(*slab);
  return take(*slab);
}

void Pool::retire(Slab &slab) noexcept {
  List &room = room_[slab.cls];
  if (room.front() == &slab && slab.next == room.end()) return;  // the only one with room: keep it
  slab.unlink();
  std::free(&slab);
}

void *Pool::allocate_large(size_t size) noexcept { return std::malloc(size ? size : 1); }
void Pool::deallocate_large(void *pointer) noexcept { std::free(pointer); }

}  // namespace boucle
