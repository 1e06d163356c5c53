// Pool: memory for a loop's objects, in size classes. A slab has objects of one class; a chunk has 32 slabs. Empty
// chunks are kept for the next peak until the loop calls trim(), before it sleeps. Each class has a magazine with the
// last 32 objects that were deallocated: they are allocated again without an access to their slabs.
//
// Threads: one at a time. In a build with BOUCLE_NO_POOLS, malloc allocates each object, for sanitizers and valgrind.
//
// Invariants: (1) a slab is aligned to its size, so a mask turns an object's address into that of its slab; (2) a slab
// is on its class's list partial_slabs_ if and only if it has room; (3) each class keeps one empty slab, so that a
// single object that is made and freed again and again needs no new slab; (4) a chunk is on chunks_ if and only if one
// of its slabs is free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/list.hpp"

namespace boucle {

class Pool {
 public:
  static constexpr size_t kGrain = 16;
  static constexpr size_t kLargest = 512;  // malloc allocates larger objects
  static constexpr size_t kSlab = 32 * 1024;
  static constexpr size_t kChunk = 32 * kSlab;
  static constexpr int kTrim = 8;  // the chunks that one call of trim() gives back, at most

  Pool() noexcept = default;
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;
  ~Pool();

  // Returns true if more than one chunk is empty.
  bool has_surplus() const noexcept { return empty_chunks_ > 1; }
  // Gives some empty chunks back to the system: so few that it takes much less than a millisecond.
  void trim() noexcept;
  // Moves the objects in the magazines back to their slabs.
  void flush() noexcept;

  // Returns nullptr if there is no memory.
  void *allocate(size_t size) noexcept {
#ifndef BOUCLE_NO_POOLS
    if (size <= kLargest) {
      Magazine &magazine = magazines_[class_of(size)];
      if (!magazine.top) return allocate_from_slab(class_of(size));
      --magazine.count;
      return std::exchange(magazine.top, *static_cast<void **>(magazine.top));
    }
#endif
    return allocate_large(size);
  }
  // The object must be from this pool, and have the size that was allocated.
  void deallocate(void *pointer, [[maybe_unused]] size_t size) noexcept {
#ifndef BOUCLE_NO_POOLS
    if (size <= kLargest) {
      Magazine &magazine = magazines_[class_of(size)];
      if (magazine.count == kMagazineSize) return give_back(slab_of(pointer), pointer);
      ++magazine.count;
      *static_cast<void **>(pointer) = std::exchange(magazine.top, pointer);
      return;
    }
#endif
    deallocate_large(pointer);
  }
  // Does the same for an object of any pool.
  static void deallocate_by_owner(void *pointer, [[maybe_unused]] size_t size) noexcept {
#ifndef BOUCLE_NO_POOLS
    if (size <= kLargest) return slab_of(pointer).pool->deallocate(pointer, size);
#endif
    deallocate_large(pointer);
  }
  // Prefetches what the deallocation of an object will access; the address may be anywhere inside of the object.
  static void prefetch_for_deallocation([[maybe_unused]] void *address) noexcept {
#ifndef BOUCLE_NO_POOLS
    __builtin_prefetch(&slab_of(address), 1);
#endif
  }

 private:
  // It is in the first slab of the chunk, after that slab's header.
  struct Chunk : Link {
    uint32_t free = ~uint32_t{0};  // a bit for each slab
  };
  struct alignas(64) Slab : Link {  // so that objects start at a cache line
    Pool *pool;
    void *free;   // freed objects, chained through their first word
    char *fresh;  // the objects from here to the end were never allocated
    uint32_t used;
    uint16_t cls;
  };

  struct Magazine {
    void *top = nullptr;  // freed objects, chained through their first words
    uint32_t count = 0;
  };
  static constexpr uint32_t kMagazineSize = 32;

  static constexpr size_t class_of(size_t size) noexcept { return (size + kGrain - 1) / kGrain; }
  static Slab &slab_of(void *object) noexcept {
    return *reinterpret_cast<Slab *>(reinterpret_cast<uintptr_t>(object) & ~(kSlab - 1));
  }
  static char *end_of(Slab &slab) noexcept { return reinterpret_cast<char *>(&slab) + kSlab; }
  static bool full(Slab &slab) noexcept { return !slab.free && slab.fresh + slab.cls * kGrain > end_of(slab); }

  static void *take(Slab &slab) noexcept {
    void *object = slab.free;
    if (object) {
      slab.free = *static_cast<void **>(object);
    } else {
      object = slab.fresh;
      slab.fresh += slab.cls * kGrain;
    }
    ++slab.used;
    if (full(slab)) [[unlikely]]
      slab.unlink();
    return object;
  }
  static void give_back(Slab &slab, void *object) noexcept {
    *static_cast<void **>(object) = slab.free;
    slab.free = object;
    if (!slab.linked()) [[unlikely]]
      slab.pool->partial_slabs_[slab.cls].push_front(slab);
    if (--slab.used == 0) [[unlikely]]
      slab.pool->retire(slab);
  }

  void *allocate_from_slab(size_t cls) noexcept;
  void *allocate_from_new_slab(size_t cls) noexcept;
  void retire(Slab &slab) noexcept;
  void release_slab(Slab &slab) noexcept;
  Chunk *chunk_with_room() noexcept;
  static Chunk *chunk_of(char *memory) noexcept { return reinterpret_cast<Chunk *>(memory + sizeof(Slab)); }
  static char *memory_of(Chunk &chunk) noexcept { return reinterpret_cast<char *>(&chunk) - sizeof(Slab); }
  static void *allocate_large(size_t size) noexcept;
  static void deallocate_large(void *pointer) noexcept;

  static constexpr size_t kClasses = kLargest / kGrain + 1;
  Magazine magazines_[kClasses];
  List partial_slabs_[kClasses];
  List chunks_;
  size_t empty_chunks_ = 0;
};

}  // namespace boucle
