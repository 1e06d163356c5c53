// Heap: the memory of a loop's objects and stacks, how many objects there are, and how they go.
//
// The loop's thread only, but for defer_free().
//
// Invariant: (1) what one dispose() takes along is disposed of within it, but only kDeepest deep: a chain of a million
// tasks, each awaiting the next, must not take as many stack frames.
#pragma once

#include <vector>

#include "base/allocation.hpp"
#include "base/pool.hpp"
#include "loop/registry.hpp"
#include "sys/stack_pool.hpp"

namespace boucle {

class Future;

class Heap {
 public:
  Heap(Loop &loop, size_t stack_size) noexcept : stacks(stack_size), loop_(loop) {}

  Pool pool;
  StackPool stacks;
  Registry<Future> futures;

  // nullptr if there is no memory.
  template <class T, class... Args>
  T *make(Args &&...args) noexcept {
    void *memory = pool.allocate(sizeof(T));
    if (!memory) return nullptr;
    T *object = nullptr;
    // Of a container in T, too.
    if (try_allocate([&] { object = new (memory) T(loop_, std::forward<Args>(args)...); })) {
      ++objects_;
    } else {
      pool.deallocate(memory, sizeof(T));
    }
    return object;
  }
  // The end of an object that make() made.
  template <class T>
  static void destroy(T *object) noexcept {
    Heap &heap = object->loop().heap;
    object->~T();
    heap.pool.deallocate(object, sizeof(T));
    heap.object_gone();
  }
  // For objects that are made and destroyed otherwise.
  void object_made() noexcept { ++objects_; }
  void object_gone() noexcept { --objects_; }
  // The same for what is no Object, and may go later than what held it.
  void guest_gone() noexcept;
  bool has_objects() const noexcept { return objects_ > 0; }

  // The last reference to the object is gone.
  void dispose_of(Object &object) noexcept {
    if (depth_ >= kDeepest && put_off(object)) [[unlikely]]
      return;
    ++depth_;
    object.dispose();
    if (--depth_ == 0 && has_more_to_do_) [[unlikely]]
      finish_disposing();
  }
  bool is_disposing() const noexcept { return depth_ > 0; }
  // From here on the end of a dispose() may be the end of the loop.
  void expect_end() noexcept { has_more_to_do_ = expects_end_ = true; }

  // From any thread: the last reference to the object is gone while another thread runs the loop.
  void defer_free(Object &object) noexcept;
  // Those, the newest first.
  void free_deferred(Object *newest) noexcept;

  bool has_surplus() const noexcept { return pool.has_surplus() || stacks.has_surplus(); }

 private:
  bool put_off(Object &object) noexcept;
  void finish_disposing() noexcept;

  Loop &loop_;
  size_t objects_ = 0;
  static constexpr int kDeepest = 20;  // the stack may be that of a coroutine, and small
  int depth_ = 0;                      // how many dispose() are on the stack
  std::vector<Object *> put_off_;      // what waits for the outermost
  bool has_more_to_do_ = false;        // those, or the loop's own end
  bool expects_end_ = false;
};

}  // namespace boucle
