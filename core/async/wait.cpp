#include "async/wait.hpp"

#include <memory>

#include "async/continuation.hpp"
#include "async/task.hpp"
#include "async/timeout.hpp"
#include "base/allocation.hpp"

namespace boucle {
namespace {

// Sets the result of a waiter at a deadline, as asyncio's `call_later(timeout, _release_waiter, waiter)`. Like a
// Continuation it lives in the frame of what waits, and owns a reference to the waiter while it is queued.
struct WaiterTimer : Node {
  WaiterTimer() noexcept : Node(kType) {}
  WaiterTimer(WaiterTimer &&) = delete;
  ~WaiterTimer() { stop(); }

  void start(int64_t when, Future &waiter) noexcept {
    target = &waiter;
    target->retain();
    target->loop().scheduler.schedule_at(*this, when);
  }
  void stop() noexcept {
    if (!linked()) return;
    deadline == kUntimed ? unlink() : target->loop().scheduler.remove_timer(*this);
    target->release();
  }

  Future *target = nullptr;

 private:
  static const NodeType kType;
};
const NodeType WaiterTimer::kType = {
    [](Loop &, Node &node) noexcept {
      Future *target = static_cast<WaiterTimer &>(node).target;
      target->set_result(nullptr);  // refused if the waiter is done
      target->release();
    },
    [](Loop &, Node &node) noexcept { static_cast<WaiterTimer &>(node).target->release(); },
};

// The counter of asyncio's _wait(). It and the continuations are in the frame of async_wait.
struct Countdown {
  size_t left;
  WaitMode mode;
  WaiterTimer timer;

  static void on_done(Continuation &continuation, Future &future) noexcept {
    Countdown &self = *static_cast<Countdown *>(continuation.argument);
    --self.left;
    bool enough = self.left == 0 || self.mode == WaitMode::FirstCompleted;
    if (!enough && self.mode == WaitMode::FirstException) enough = future.failure() != nullptr;
    if (!enough) return;
    self.timer.stop();
    static_cast<Future *>(continuation.target)->set_result(nullptr);  // refused if the waiter is done
  }
};

void wake(Continuation &continuation, Future &) noexcept {
  static_cast<Future *>(continuation.target)->set_result(nullptr);
}

Outcome cancelled_is_timeout(Outcome outcome) noexcept {
  return outcome.cancelled() ? Outcome(Exception::timeout(outcome.exception())) : std::move(outcome);
}

}  // namespace

int64_t timeout_deadline(Loop &loop, int64_t timeout_ns) noexcept {
  return timeout_ns > 0 ? sleep_deadline(loop, timeout_ns) : loop.now();
}

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
  if (timeout_ns != kNoTimeout) countdown.timer.start(timeout_deadline(loop, timeout_ns), *waiter);
  std::unique_ptr<Continuation[]> continuations(new (std::nothrow) Continuation[futures.size()]);
  if (!continuations) co_return Exception::no_memory();
  for (size_t i = 0; i < futures.size(); ++i) {
    continuations[i].attach(*futures[i], Countdown::on_done, *waiter, &countdown);
  }
  Outcome outcome = co_await result_of(*waiter);
  co_return outcome;
}

// wait_for() of CPython 3.12 with a timeout of 0: cancels the future, and waits until it is done.
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

}  // namespace boucle
