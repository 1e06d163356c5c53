#include "base/pool.hpp"

#include <bit>
#include <cstdlib>
#include <new>

#include "base/pages.hpp"

namespace boucle {

Pool::~Pool() {
  flush();
  for (List &slabs : partial_slabs_) {
    while (!slabs.empty()) release_slab(*static_cast<Slab *>(slabs.pop_front()));
  }
  while (!chunks_.empty()) unmap_pages(memory_of(*static_cast<Chunk *>(chunks_.pop_front())), kChunk);
}

Pool::Chunk *Pool::chunk_with_room() noexcept {
  if (!chunks_.empty()) return static_cast<Chunk *>(chunks_.front());
  char *memory = static_cast<char *>(map_pages(kChunk));
  if (!memory) return nullptr;
  auto *chunk = new (chunk_of(memory)) Chunk;
  chunks_.push_front(*chunk);
  ++empty_chunks_;
  return chunk;
}

void *Pool::allocate_from_slab(size_t cls) noexcept {
  List &slabs = partial_slabs_[cls];
  return slabs.empty() ? allocate_from_new_slab(cls) : take(*static_cast<Slab *>(slabs.front()));
}

void Pool::flush() noexcept {
  for (Magazine &magazine : magazines_) {
    magazine.count = 0;
    while (void *object = magazine.top) {
      magazine.top = *static_cast<void **>(object);
      give_back(slab_of(object), object);
    }
  }
}

void *Pool::allocate_from_new_slab(size_t cls) noexcept {
  Chunk *chunk = chunk_with_room();
  if (!chunk) return nullptr;
  if (!~chunk->free) --empty_chunks_;
  int index = std::countr_zero(chunk->free);
  chunk->free &= chunk->free - 1;
  if (!chunk->free) chunk->unlink();
  char *memory = memory_of(*chunk) + static_cast<size_t>(index) * kSlab;
  auto *slab = new (memory) Slab;
  slab->pool = this;
  slab->free = nullptr;
  slab->fresh = memory + sizeof(Slab) + (index == 0 ? sizeof(Slab) : 0);
  slab->used = 0;
  slab->cls = static_cast<uint16_t>(cls);
  partial_slabs_[cls].push_back(*slab);
  return take(*slab);
}

void Pool::retire(Slab &slab) noexcept {
  List &slabs = partial_slabs_[slab.cls];
  if (slabs.front() == &slab && slab.next == slabs.end()) return;  // the only slab with room: keep it
  slab.unlink();
  release_slab(slab);
}

// Returns an empty slab to its chunk. Chunks in use are at the front of the list and are used first, so that the others
// become empty.
void Pool::release_slab(Slab &slab) noexcept {
  auto address = reinterpret_cast<uintptr_t>(&slab);
  Chunk &chunk = *chunk_of(reinterpret_cast<char *>(address & ~(kChunk - 1)));
  if (!chunk.free) chunks_.push_front(chunk);
  chunk.free |= uint32_t{1} << (address % kChunk / kSlab);
  if (~chunk.free) return;
  ++empty_chunks_;
  chunk.unlink();
  chunks_.push_back(chunk);
}

void Pool::trim() noexcept {
  for (int i = 0; i < kTrim && has_surplus(); ++i) {
    Chunk *chunk = static_cast<Chunk *>(chunks_.back());
    chunk->unlink();
    --empty_chunks_;
    unmap_pages(memory_of(*chunk), kChunk);
  }
}

void *Pool::allocate_large(size_t size) noexcept { return std::malloc(size ? size : 1); }
void Pool::deallocate_large(void *pointer) noexcept { std::free(pointer); }

}  // namespace boucle
