#include "async/queue.hpp"

#include <algorithm>

#include "base/allocation.hpp"

namespace boucle {
namespace {
Outcome outcome_of(Status status) noexcept {
  StatusException e = status_exception(status);
  return Exception::make_or_no_memory(e.kind, e.text);
}
}  // namespace

Status Queue::put_nowait(Ref<Value> value) noexcept {
  if (ordering_) return status::BUSY;
  if (shut_down_) return status::QUEUESHUTDOWN;
  if (full()) return status::QUEUEFULL;
  if (!try_allocate([&] { items_.push_back(std::move(value)); })) return status::NO_MEMORY;
  if (order_ == Order::Priority) order([this] { std::push_heap(items_.begin(), items_.end(), after()); });
  ++unfinished_;
  finished_->clear();
  getters_.pop_and_wake();
  return 0;
}

Ref<Value> Queue::pop() noexcept {
  if (order_ == Order::Priority) order([this] { std::pop_heap(items_.begin(), items_.end(), after()); });
  Ref<Value> value = std::move(order_ == Order::Fifo ? items_.front() : items_.back());
  order_ == Order::Fifo ? items_.pop_front() : items_.pop_back();
  return value;
}

Status Queue::get_nowait(Ref<Value> &ret_value) noexcept {
  if (ordering_) return status::BUSY;
  if (items_.empty()) return shut_down_ ? status::QUEUESHUTDOWN : status::QUEUEEMPTY;
  ret_value = pop();
  putters_.pop_and_wake();
  return 0;
}

void Queue::finish_if_done() noexcept {
  if (unfinished_ == 0) finished_->set();
}

Status Queue::task_done() noexcept {
  if (ordering_) return status::BUSY;
  if (unfinished_ == 0) return status::OVERRELEASED;
  --unfinished_;
  finish_if_done();
  return 0;
}

Status Queue::shutdown(bool immediate) noexcept {
  if (ordering_) return status::BUSY;
  shut_down_ = true;
  std::deque<Ref<Value>> dropped;  // destroyed last: a destroy may call back into this queue
  if (immediate) {
    unfinished_ -= std::min<uint64_t>(unfinished_, items_.size());
    dropped.swap(items_);
    finish_if_done();
  }
  while (getters_.first()) getters_.pop_and_wake();
  while (putters_.first()) putters_.pop_and_wake();
  return 0;
}

Async async_put(Loop &loop, Local<Queue> queue, Ref<Value> value) noexcept {
  while (queue->full() && !queue->shut_down_) {
    Local<Waiter> putter = queue->putters_.add(loop);
    if (!putter) co_return Exception::no_memory();
    Outcome outcome = co_await result_of(*putter);
    if (outcome.failed()) {
      queue->putters_.remove(*putter);
      // It was woken, and cancelled before it ran: the next putter gets the free place.
      if (!queue->full() && !putter->cancelled()) queue->putters_.pop_and_wake();
      co_return outcome;
    }
  }
  Status status = queue->put_nowait(std::move(value));
  if (status) co_return outcome_of(status);
  co_return Outcome();
}

Async async_get(Loop &loop, Local<Queue> queue) noexcept {
  while (queue->items_.empty() && !queue->shut_down_) {
    Local<Waiter> getter = queue->getters_.add(loop);
    if (!getter) co_return Exception::no_memory();
    Outcome outcome = co_await result_of(*getter);
    if (outcome.failed()) {
      queue->getters_.remove(*getter);
      if (!queue->items_.empty() && !getter->cancelled()) queue->getters_.pop_and_wake();
      co_return outcome;
    }
  }
  Ref<Value> value;
  Status status = queue->get_nowait(value);
  if (status) co_return outcome_of(status);
  co_return value;
}

Async async_join(Loop &loop, Local<Queue> queue) noexcept {
  if (queue->unfinished_ == 0) co_return Outcome();
  Local<Coroutine> wait = async_wait_event(loop, queue->finished_).take();
  Outcome outcome = co_await result_of(wait);
  if (outcome.failed()) co_return outcome;
  co_return Outcome();
}

}  // namespace boucle
