#include "async/coroutine.hpp"

#include "async/task.hpp"

namespace boucle {

void Coroutine::dispose() noexcept {
  Loop &owner = loop();
  if (owner.dispatch.debug && is_fresh()) owner.dispatch.report({.message = "a coroutine was never awaited"});
  handle_.destroy();  // the frame, and this object within it
  owner.heap.object_gone();
}

void FutureAwaiter::await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept {
  promise = &handle.promise();
  promise->task().set_await(*future);
}

bool CoroutineAwaiter::await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept {
  if (!coroutine->is_fresh()) return false;
  promise = &handle.promise();
  promise->task().set_await(*coroutine);
  return true;
}

Outcome CoroutineAwaiter::refusal() const noexcept {
  if (!coroutine) return Exception::no_memory();
  return Outcome::of_status(status::BUSY, nullptr);
}

void SleepUntil::await_suspend(std::coroutine_handle<Async::promise_type> handle) noexcept {
  promise = &handle.promise();
  promise->task().set_sleep(deadline);
}

Async async_sleep(Loop &loop, int64_t delay_ns) noexcept {
  co_return co_await SleepUntil{sleep_deadline(loop, delay_ns)};
}

Async async_await(Loop &, Local<Future> future) noexcept { co_return co_await result_of(*future); }

}  // namespace boucle
