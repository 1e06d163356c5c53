#include "async/as_completed.hpp"

#include "base/allocation.hpp"

namespace boucle {

const NodeType Completion::kType = {
    [](Loop &, Node &node) noexcept {
      Completion &self = static_cast<Completion &>(node);
      self.on_timeout();
      self.release();
    },
    [](Loop &, Node &node) noexcept { static_cast<Completion &>(node).release(); },
};

Completion *Completion::make(Loop &loop, std::span<Future *const> futures, int64_t timeout_ns) noexcept {
  auto completion = Ref<Completion>::adopt(loop.heap.make<Completion>());
  if (!completion || !try_allocate([&] { completion->follow(futures, timeout_ns); })) return nullptr;
  return completion.take();
}

void Completion::follow(std::span<Future *const> futures, int64_t timeout_ns) {
  std::vector<Local<Future>> distinct = distinct_futures(futures);
  done_.reserve(distinct.size());
  continuations_ = std::make_unique<Continuation[]>(distinct.size());
  count_ = pending_ = distinct.size();
  for (size_t i = 0; i < distinct.size(); ++i) continuations_[i].attach(*distinct[i], on_done, *this);
  if (count_ == 0 || timeout_ns == kNoTimeout) return;
  retain();
  loop().scheduler.schedule_at(*this, timeout_deadline(loop(), timeout_ns));
}

void Completion::on_done(Continuation &continuation, Future &future) noexcept {
  Completion &self = *static_cast<Completion *>(continuation.target);
  if (self.pending_ == 0) return;  // the timeout came first
  self.done_.emplace_back(&future);
  self.getters_.pop_and_wake();
  if (--self.pending_ == 0) self.stop_timer();
}

void Completion::on_timeout() noexcept {
  for (size_t i = 0; i < count_; ++i) {
    // If its future is done, the continuation is on the ready queue: it is called, and finds that pending_ is 0.
    Continuation &continuation = continuations_[i];
    if (continuation.linked() && !static_cast<Future *>(continuation.subject)->done()) continuation.detach();
  }
  for (; pending_ > 0; --pending_) {
    done_.emplace_back();
    getters_.pop_and_wake();
  }
}

void Completion::stop_timer() noexcept {
  if (!linked()) return;
  deadline == kUntimed ? unlink() : loop().scheduler.remove_timer(*this);
  release();
}

Async async_next(Loop &loop, Local<Completion> completion) noexcept {
  Async next = Completion::async_next_done(loop, completion);
  if (next.get()) ++completion->nexts_;
  return next;
}

Async Completion::async_next_done(Loop &loop, Local<Completion> self) noexcept {
  while (self->returned_ == self->done_.size()) {
    Local<Waiter> getter = self->getters_.add(loop);
    if (!getter) co_return Exception::no_memory();
    Outcome outcome = co_await result_of(*getter);
    if (outcome.failed()) {
      self->getters_.remove(*getter);
      if (self->returned_ < self->done_.size() && !getter->cancelled()) self->getters_.pop_and_wake();
      co_return outcome;
    }
  }
  Local<Future> future = std::move(self->done_[self->returned_++]);
  if (!future) co_return Exception::timeout(nullptr);
  co_return future->outcome();
}

}  // namespace boucle
