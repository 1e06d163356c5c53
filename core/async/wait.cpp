#include "async/wait.hpp"

#include "async/task.hpp"
#include "async/timeout.hpp"
#include "base/allocation.hpp"

namespace boucle {
namespace {

// The counter of _wait()'s callbacks. It lives in async_wait's frame, as do the continuations.
struct Countdown {
  size_t left;
  WaitMode mode;
  Alarm alarm;

  static void on_done(Continuation &continuation, Future &future) noexcept {
    Countdown &self = *static_cast<Countdown *>(continuation.argument);
    --self.left;
    bool enough = self.left == 0 || self.mode == WaitMode::FirstCompleted;
    if (!enough && self.mode == WaitMode::FirstException) enough = future.failure() != nullptr;
    if (!enough) return;
    self.alarm.detach();
    static_cast<Future *>(continuation.target)->set_result(nullptr);  // refused if it was woken before
  }
};

// When a timeout is over that starts now.
int64_t deadline_of(Loop &loop, int64_t timeout_ns) noexcept {
  return timeout_ns > 0 ? sleep_deadline(loop, timeout_ns) : loop.now();
}

void wake(Continuation &continuation, Future &) noexcept { static_cast<Future *>(continuation.target)->set_result(nullptr); }

Outcome cancelled_is_timeout(Outcome outcome) noexcept {
  return outcome.cancelled() ? Outcome(Exception::timeout(outcome.exception())) : std::move(outcome);
}

}  // namespace

std::vector<Local<Future>> distinct_futures(std::span<Future *const> futures) {
  std::vector<Local<Future>> result;
  result.reserve(futures.size());
  Future::for_each_distinct(futures, [&](Future &future) { result.emplace_back(&future); });
  return result;
}

Async async_wait(Loop &loop, std::vector<Local<Future>> futures, WaitMode mode, int64_t timeout_ns) noexcept {
  Local<Future> waiter = Future::make_local(loop);
  if (!waiter) co_return Exception::no_memory();
  Countdown countdown{futures.size(), mode, {}};
  if (timeout_ns != kNoTimeout) countdown.alarm.attach(deadline_of(loop, timeout_ns), *waiter);
  std::unique_ptr<Continuation[]> continuations(new (std::nothrow) Continuation[futures.size()]);
  if (!continuations) co_return Exception::no_memory();
  for (size_t i = 0; i < futures.size(); ++i) {
    continuations[i].attach(*futures[i], Countdown::on_done, *waiter, &countdown);
  }
  Outcome outcome = co_await result_of(*waiter);
  co_return outcome;
}

// wait_for(0, ...) of CPython 3.12: cancels, and waits until that is done.
static Async async_wait_for_now(Loop &loop, Local<Future> future) noexcept {
  if (future->done()) co_return future->outcome();
  Local<Future> waiter = Future::make_local(loop);
  if (!waiter) co_return Exception::no_memory();
  {
    Continuation released;
    released.attach(*future, wake, *waiter);
    bool cancelled;
    if (Status s = future->cancel(Exception::cancelled(), cancelled)) co_return Outcome::of_status(s, nullptr);
    Outcome outcome = co_await result_of(*waiter);
    if (outcome.failed()) co_return outcome;
  }
  co_return cancelled_is_timeout(future->outcome());
}

Async async_wait_for(Loop &loop, Local<Future> future, int64_t timeout_ns) noexcept {
  if (timeout_ns != kNoTimeout && timeout_ns <= 0) {
    Local<Coroutine> now = async_wait_for_now(loop, std::move(future)).take();
    Outcome outcome = co_await result_of(now);
    co_return outcome;
  }
  Local<Coroutine> awaiting = async_await(loop, std::move(future)).take();
  Local<Coroutine> limited = async_wait_for_coroutine(loop, std::move(awaiting), timeout_ns).take();
  Outcome outcome = co_await result_of(limited);
  co_return outcome;
}

Async async_wait_for_coroutine(Loop &loop, Local<Coroutine> coroutine, int64_t timeout_ns) noexcept {
  if (!coroutine) co_return Exception::no_memory();
  if (timeout_ns != kNoTimeout && timeout_ns <= 0) {
    if (!coroutine->is_fresh()) co_return Outcome::of_status(status::BUSY, nullptr);
    auto task = Ref<Task>::adopt(Task::make(loop, std::move(coroutine)));
    if (!task) co_return Exception::no_memory();
    Local<Coroutine> now = async_wait_for_now(loop, Local<Future>(task.get())).take();
    task = nullptr;
    Outcome outcome = co_await result_of(now);
    co_return outcome;
  }
  Task &task = co_await ThisTask{};
  auto timeout = Ref<Timeout>::adopt(
      Timeout::make(loop, timeout_ns == kNoTimeout ? TimerQueue::kNever : sleep_deadline(loop, timeout_ns)));
  if (!timeout) co_return Exception::no_memory();
  timeout->enter(task);
  Outcome outcome = co_await result_of(coroutine);
  co_return timeout->exit(std::move(outcome));
}

// ---- as_completed() ----

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
  std::vector<Local<Future>> todo = distinct_futures(futures);
  arrived_.reserve(todo.size());
  continuations_ = std::make_unique<Continuation[]>(todo.size());
  unique_ = todo_ = todo.size();
  for (size_t i = 0; i < todo.size(); ++i) continuations_[i].attach(*todo[i], on_done, *this);
  if (unique_ == 0 || timeout_ns == kNoTimeout) return;
  retain();
  loop().scheduler.schedule_at(*this, deadline_of(loop(), timeout_ns));
}

void Completion::on_done(Continuation &continuation, Future &future) noexcept {
  Completion &self = *static_cast<Completion *>(continuation.target);
  if (self.todo_ == 0) return;  // the timeout was here first
  self.arrived_.emplace_back(&future);
  self.getters_.pop_and_wake();
  if (--self.todo_ == 0) self.stop_timer();
}

void Completion::on_timeout() noexcept {
  for (size_t i = 0; i < unique_; ++i) {
    // One whose future is done has been queued: it comes, and finds todo_ at 0.
    Continuation &continuation = continuations_[i];
    if (continuation.linked() && !static_cast<Future *>(continuation.subject)->done()) continuation.detach();
  }
  for (; todo_ > 0; --todo_) {
    arrived_.emplace_back();
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
  while (self->taken_ == self->arrived_.size()) {
    Local<Waiter> getter = self->getters_.add(loop);
    if (!getter) co_return Exception::no_memory();
    Outcome outcome = co_await result_of(*getter);
    if (outcome.failed()) {
      self->getters_.remove(*getter);
      if (self->taken_ < self->arrived_.size() && !getter->cancelled()) self->getters_.pop_and_wake();
      co_return outcome;
    }
  }
  Local<Future> future = std::move(self->arrived_[self->taken_++]);
  if (!future) co_return Exception::timeout(nullptr);
  co_return future->outcome();
}

}  // namespace boucle
