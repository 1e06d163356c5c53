// Queue, LifoQueue, PriorityQueue: asyncio's, with shutdown as in CPython 3.13.
#pragma once

#include <deque>

#include "async/coroutine.hpp"
#include "async/sync.hpp"
#include "async/waiters.hpp"

namespace boucle {

using CompareFn = int (*)(const Value *left, const Value *right, void *userdata);

class Queue final : public Object {
 public:
  enum class Order : uint8_t { Fifo, Lifo, Priority };
  // maxsize 0: unbounded. compare may be nullptr. Returns nullptr if there is no memory. The reference is the caller's,
  // a shared one.
  static Queue *make(Loop &loop, size_t maxsize, Order order, CompareFn compare, Userdata userdata) noexcept {
    auto finished = Ref<Event>::adopt(loop.heap.make<Event>());
    if (!finished) return nullptr;
    return loop.heap.make<Queue>(maxsize, order, Local<Event>(finished.get()), compare, std::move(userdata));
  }
  Queue(Loop &loop, size_t maxsize, Order order, Local<Event> finished, CompareFn compare, Userdata userdata)
      : Object(loop),
        maxsize_(maxsize),
        order_(order),
        compare_(compare),
        userdata_(std::move(userdata)),
        finished_(std::move(finished)) {
    finished_->set();
  }

  size_t maxsize() const noexcept { return maxsize_; }
  size_t size() const noexcept { return items_.size(); }
  bool full() const noexcept { return maxsize_ > 0 && size() >= maxsize_; }
  // All four return BUSY inside of the comparison function.
  // QUEUEFULL, QUEUESHUTDOWN, NO_MEMORY
  Status put_nowait(Ref<Value> value) noexcept;
  // QUEUEEMPTY, QUEUESHUTDOWN
  Status get_nowait(Ref<Value> &ret_value) noexcept;
  // OVERRELEASED
  Status task_done() noexcept;
  Status shutdown(bool immediate) noexcept;

 private:
  friend class Heap;
  friend Async async_put(Loop &, Local<Queue>, Ref<Value>) noexcept;
  friend Async async_get(Loop &, Local<Queue>) noexcept;
  friend Async async_join(Loop &, Local<Queue>) noexcept;
  ~Queue() = default;
  void dispose() noexcept override { Heap::destroy(this); }
  // heapq keeps the smallest first; the standard heap the largest.
  auto after() noexcept {
    return [this](const Ref<Value> &left, const Ref<Value> &right) {
      return compare_ ? compare_(right.get(), left.get(), userdata_.get()) < 0
                      : Value::compare(right.get(), left.get()) < 0;
    };
  }
  Ref<Value> pop() noexcept;
  template <class F>
  void order(F &&f) noexcept {
    NestedCall inside;
    ordering_ = true;
    f();
    ordering_ = false;
  }
  void finish_if_done() noexcept;

  const size_t maxsize_;
  const Order order_;
  const CompareFn compare_;
  Userdata userdata_;
  bool shut_down_ = false;
  bool ordering_ = false;  // the comparison function is called, while items_ are moved
  uint64_t unfinished_ = 0;
  std::deque<Ref<Value>> items_;
  Waiters getters_, putters_;
  Local<Event> finished_;
};

Async async_put(Loop &loop, Local<Queue> queue, Ref<Value> value) noexcept;
Async async_get(Loop &loop, Local<Queue> queue) noexcept;
Async async_join(Loop &loop, Local<Queue> queue) noexcept;

}  // namespace boucle
