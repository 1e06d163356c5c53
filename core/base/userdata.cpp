#include "base/userdata.hpp"

#include <cstddef>
#include <cstdlib>

namespace boucle {
namespace {

constexpr int kDeepest = 20;  // the stack may be that of a coroutine, and small

struct DeferredDestroy {
  void *pointer;
  Destroy destroy;
};

// The deferred destroys. It has no destructor: there are none when the thread ends.
struct DeferredDestroys {
  DeferredDestroy *items;
  size_t count, capacity;

  // Returns false if there is no memory for it.
  bool add(DeferredDestroy one) noexcept {
    if (count == capacity) {
      size_t more = capacity ? 2 * capacity : 64;
      void *memory = std::realloc(items, more * sizeof(DeferredDestroy));
      if (!memory) return false;
      items = static_cast<DeferredDestroy *>(memory);
      capacity = more;
    }
    items[count++] = one;
    return true;
  }
  DeferredDestroy take() noexcept {
    DeferredDestroy one = items[--count];
    if (count == 0) {
      std::free(items);
      *this = {};
    }
    return one;
  }
};

constinit thread_local DeferredDestroys deferred = {};
constinit thread_local int depth = 0;

}  // namespace

void Userdata::end(void *pointer, Destroy destroy) noexcept {
  // Without memory it runs at once: too deep is better than never.
  if (depth >= kDeepest && deferred.add({pointer, destroy})) [[unlikely]]
    return;
  NestedCall inside;
  ++depth;
  destroy(pointer);
  if (depth == kDeepest) [[unlikely]] {
    while (deferred.count > 0) {
      DeferredDestroy next = deferred.take();
      next.destroy(next.pointer);
    }
  }
  --depth;
}

Userdata::Hold::Hold() noexcept : depth_(std::exchange(depth, kDeepest)) {}

Userdata::Hold::~Hold() {
  depth = depth_;
  if (depth >= kDeepest) return;  // the caller that is further out runs them
  while (deferred.count > 0) {
    DeferredDestroy next = deferred.take();
    end(next.pointer, next.destroy);
  }
}

}  // namespace boucle
