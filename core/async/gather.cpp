#include "async/gather.hpp"

#include "base/allocation.hpp"

namespace boucle {

void Gather::follow(std::span<Future *const> futures) {
  children_.reserve(futures.size());
  items_.reserve(futures.size());
  continuations_ = std::make_unique<Continuation[]>(futures.size());
  for (Future *future : futures) children_.emplace_back(future);
  for_each_distinct(futures, [&](Future &future) { continuations_[distinct_++].attach(future, on_child_done, *this); });
  if (distinct_ == 0) complete(State::Returned, Value::list(nullptr, 0));
}

// The children are not needed any more. What is destroyed with them may call back into this future, which has none
// then.
void Gather::forget_children() noexcept { std::exchange(children_, {}).clear(); }

void Gather::clear_references() noexcept {
  Future::clear_references();
  forget_children();
}

void Gather::on_child_done(Continuation &continuation, Future &child) noexcept {
  static_cast<Gather *>(static_cast<Future *>(continuation.target))->child_done(child);
}

void Gather::child_done(Future &child) noexcept {
  ++finished_;
  Exception *failure = child.failure();  // counts as retrieved
  if (done()) return;
  if (!return_exceptions_ && child.cancelled()) return finish(State::Raised, child.exception());
  if (!return_exceptions_ && failure) return finish(State::Raised, Ref<Exception>(failure));
  if (finished_ < distinct_) return;
  // As in CPython: the last of the list, not the last that was done.
  if (cancel_requested_) return finish(State::Raised, children_.back()->make_cancelled_error());
  Ref<Value> list;
  if (try_allocate([&] { list = results(); })) {
    finish(State::Returned, std::move(list));
  } else {
    finish(State::Raised, Exception::no_memory());
  }
}

void Gather::finish(State state, Outcome outcome) noexcept {
  complete(state, std::move(outcome));
  if (finished_ == distinct_) forget_children();
}

Ref<Value> Gather::results() {
  std::vector<Ref<Value>> items;
  items.reserve(children_.size());
  for (Local<Future> &child : children_) {
    Outcome outcome = child->cancelled() ? Outcome(child->cancel_message()) : child->outcome();
    items.push_back(outcome.failed() ? Value::exception(outcome.exception()) : outcome.take_value());
  }
  for (const Ref<Value> &item : items) items_.push_back(item.get());
  Ref<Value> list = Value::list(items_.data(), items_.size());
  for (Ref<Value> &item : items) item.take();  // the list owns them now
  return list;
}

Future *gather(Loop &loop, std::span<Future *const> futures, bool return_exceptions) noexcept {
  Gather *future = loop.heap.make<Gather>(return_exceptions);
  if (!future) return nullptr;
  if (try_allocate([&] { future->follow(futures); })) return future;
  future->unref();
  return nullptr;
}

}  // namespace boucle
