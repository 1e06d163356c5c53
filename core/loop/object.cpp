#include "loop/object.hpp"

#include <new>
#include <vector>

#include "loop/loop.hpp"

namespace boucle {
namespace {

constexpr int kDeepest = 20;  // the stack may be that of a coroutine, and small

// How many dispose() are on this thread's stack; and, of no matter to most of them, what waits for the outermost.
thread_local int depth __attribute__((tls_model("initial-exec"))) = 0;
thread_local size_t waiting __attribute__((tls_model("initial-exec"))) = 0;
std::vector<Object *> &later() noexcept {
  static thread_local std::vector<Object *> objects;
  return objects;
}

}  // namespace

void Object::last_reference() noexcept {
  if (loop_->runs_elsewhere()) {
    loop_->bury(*this);
  } else {
    go();
  }
}

void Object::go() noexcept {
  if (depth >= kDeepest && put_off()) return;
  ++depth;
  dispose();
  while (depth == 1 && waiting > 0) [[unlikely]] {
    Object *object = later()[--waiting];
    later().pop_back();
    // Whoever took a reference in the meantime, by a weak pointer, disposes of it later.
    if (object->shared_.load(std::memory_order_relaxed) == 0) object->dispose();
    if (waiting == 0) later().shrink_to_fit();
  }
  --depth;
}

// False if there is no memory for it: then it goes at once, for deeper is better than lost.
bool Object::put_off() noexcept {
  try {
    later().push_back(this);
  } catch (const std::bad_alloc &) {
    return false;
  }
  ++waiting;
  shared_.store(0, std::memory_order_relaxed);
  return true;
}

}  // namespace boucle
