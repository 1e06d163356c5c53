#include "base/userdata.hpp"

#include <cstddef>
#include <cstdlib>

namespace boucle {
namespace {

constexpr int kDeepest = 20;  // the stack may be that of a coroutine, and small

struct Ending {
  void *pointer;
  Destroy destroy;
};

// The destroys that were put off. Without a destructor: a thread's end needs none.
struct PutOff {
  Ending *due;
  size_t count, capacity;

  // False if there is no memory for it.
  bool add(Ending one) noexcept {
    if (count == capacity) {
      size_t more = capacity ? 2 * capacity : 64;
      void *memory = std::realloc(due, more * sizeof(Ending));
      if (!memory) return false;
      due = static_cast<Ending *>(memory);
      capacity = more;
    }
    due[count++] = one;
    return true;
  }
  Ending take() noexcept {
    Ending one = due[--count];
    if (count == 0) {
      std::free(due);
      *this = {};
    }
    return one;
  }
};

constinit thread_local PutOff put_off = {};
constinit thread_local int depth = 0;

}  // namespace

void Userdata::end(void *pointer, Destroy destroy) noexcept {
  // Without memory it runs at once, for deeper is better than lost.
  if (depth >= kDeepest && put_off.add({pointer, destroy})) [[unlikely]]
    return;
  NestedCall inside;
  ++depth;
  destroy(pointer);
  if (depth == kDeepest) [[unlikely]] {
    while (put_off.count > 0) {
      Ending due = put_off.take();
      due.destroy(due.pointer);
    }
  }
  --depth;
}

Userdata::Hold::Hold() noexcept : depth_(std::exchange(depth, kDeepest)) {}

Userdata::Hold::~Hold() {
  depth = depth_;
  if (depth >= kDeepest) return;  // somebody further out sees to it
  while (put_off.count > 0) {
    Ending due = put_off.take();
    end(due.pointer, due.destroy);
  }
}

}  // namespace boucle
