#include "async/gather.hpp"

#include <memory>
#include <new>
#include <vector>

#include "async/trigger.hpp"

namespace boucle {
namespace {

// asyncio's _GatheringFuture and the closure of gather(). Each child's callback keeps it alive.
class Gather final : public Future {
 public:
  Gather(Loop &loop, bool return_exceptions) noexcept : Future(loop), return_exceptions_(return_exceptions) {}

  // Throws bad_alloc, before anything was done.
  void follow(std::span<Future *const> futures) {
    children_.reserve(futures.size());
    items_.reserve(futures.size());
    triggers_ = std::make_unique<Trigger[]>(futures.size());
    for (Future *future : futures) children_.emplace_back(future);
    for_each_distinct(futures, [&](Future &future) { triggers_[unique_++].arm(future, on_child_done, *this); });
    if (unique_ == 0) complete(State::Returned, Value::list(nullptr, 0));
  }

  bool cancel(const Ref<Error> &reason) noexcept override {
    if (done()) return false;
    bool any = false;
    for (Local<Future> &child : children_) any |= child->cancel(reason);
    // The gather itself ends when they have: its state does not change here.
    if (any) cancel_requested_ = true;
    return any;
  }

  void sever() noexcept override {
    Future::sever();
    children_.clear();
  }

 private:
  friend class boucle::Loop;
  ~Gather() = default;
  void dispose() noexcept override {
    if (speak_before_going()) Loop::dispose_object(this);
  }

  static void on_child_done(Trigger &trigger, Future &child) noexcept {
    static_cast<Gather *>(static_cast<Future *>(trigger.target))->child_done(child);
  }

  void child_done(Future &child) noexcept {
    ++finished_;
    Error *failure = child.failure();  // counts as retrieved
    if (done()) return;
    if (!return_exceptions_ && child.cancelled()) return finish(State::Raised, child.error());
    if (!return_exceptions_ && failure) return finish(State::Raised, Ref<Error>(failure));
    if (finished_ < unique_) return;
    // The last in the list, and not the last to be done: so does CPython.
    if (cancel_requested_) return finish(State::Raised, children_.back()->make_cancelled_error());
    try {
      finish(State::Returned, results());
    } catch (const std::bad_alloc &) {
      finish(State::Raised, Error::no_memory());
    }
  }

  void finish(State state, Outcome outcome) noexcept {
    complete(state, std::move(outcome));
    // The children are of no more use, but to be asked whether one of them is cancelled: nobody asks.
    if (finished_ == unique_) children_.clear();
  }

  Ref<Value> results() {
    std::vector<Ref<Value>> items;
    items.reserve(children_.size());
    for (Local<Future> &child : children_) {
      Outcome outcome = child->cancelled() ? Outcome(child->cancel_message()) : child->outcome();
      items.push_back(outcome.failed() ? Value::exception(outcome.error()) : outcome.take_value());
    }
    for (const Ref<Value> &item : items) items_.push_back(item.get());
    Ref<Value> list = Value::list(items_.data(), items_.size());
    for (Ref<Value> &item : items) item.take();  // the list has them now
    return list;
  }

  const bool return_exceptions_;
  bool cancel_requested_ = false;
  size_t unique_ = 0, finished_ = 0;
  std::vector<Local<Future>> children_;
  std::vector<Value *> items_;
  std::unique_ptr<Trigger[]> triggers_;
};

// The outer future of shield(). The inner one's callback keeps it alive; its own keeps the inner one alive.
class Shield final : public Future {
 public:
  explicit Shield(Loop &loop) noexcept : Future(loop) {}

  void follow(Future &inner) noexcept {
    inner_trigger_.arm(inner, on_inner_done, *this);
    outer_trigger_.arm(*this, on_outer_done, inner);
  }

 private:
  friend class boucle::Loop;
  ~Shield() = default;
  void dispose() noexcept override {
    if (speak_before_going()) Loop::dispose_object(this);
  }

  static void on_inner_done(Trigger &trigger, Future &inner) noexcept {
    Shield &outer = *static_cast<Shield *>(static_cast<Future *>(trigger.target));
    Error *failure = inner.failure();  // counts as retrieved
    if (outer.done()) return;
    if (inner.cancelled()) {
      // asyncio cancels the outer one without the message.
      outer.complete(State::Cancelled, Error::cancelled());
    } else if (failure) {
      outer.complete(State::Raised, Ref<Error>(failure));
    } else {
      outer.complete(State::Returned, inner.outcome());
    }
  }

  static void on_outer_done(Trigger &, Future &outer) noexcept {
    // Disarms if the inner one is still pending; one that is done has queued its callback, which stays.
    Trigger &trigger = static_cast<Shield &>(outer).inner_trigger_;
    if (trigger.linked() && !static_cast<Future *>(trigger.subject)->done()) trigger.disarm();
  }

  Trigger inner_trigger_, outer_trigger_;
};

}  // namespace

Future *gather(Loop &loop, std::span<Future *const> futures, bool return_exceptions) noexcept {
  Gather *future = loop.make_object<Gather>(return_exceptions);
  if (!future) return nullptr;
  try {
    future->follow(futures);
    return future;
  } catch (const std::bad_alloc &) {
    future->unref();
    return nullptr;
  }
}

Future *shield(Loop &loop, Future &future) noexcept {
  if (future.done()) {
    future.ref();
    return &future;
  }
  Shield *outer = loop.make_object<Shield>();
  if (outer) outer->follow(future);
  return outer;
}

}  // namespace boucle
