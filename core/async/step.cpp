// What step functions of users may set, with all checks: task_await and its like.
#include "async/fiber.hpp"
#include "async/task.hpp"

namespace boucle {

[[gnu::noinline]] Status Task::why_cannot_suspend() noexcept {
  if (Status s = loop().check_thread()) return s;
  if (Fiber::of(*this)) return status::NOTASK;
  return is_suspending() ? status::BUSY : status::NOTASK;
}

[[gnu::noinline]] Status Task::why_not_await() noexcept {
  return can_suspend() ? status::WRONGLOOP : why_cannot_suspend();
}

[[gnu::noinline]] Status Task::why_not_awaited() noexcept {
  if (Status s = loop().check_thread()) return s;
  return Fiber::of(*this) ? status::NOTASK : status::INVALIDSTATE;  // the awaits of a body have returned its outcomes
}

Status Task::await_then(Coroutine &coroutine, StepFn next, bool catches) noexcept {
  if (!can_suspend()) return why_cannot_suspend();
  if (&coroutine.loop() != &loop()) return status::WRONGLOOP;
  if (!coroutine.is_fresh()) return status::BUSY;
  set_await(coroutine);
  set_step(next, catches);
  return 0;
}

[[gnu::noinline]] Status Task::sleep_until_then(int64_t delay_ns, StepFn next, bool catches) noexcept {
  if (!can_suspend()) return why_cannot_suspend();
  set_sleep(sleep_deadline(loop(), delay_ns));
  set_step(next, catches);
  return 0;
}

}  // namespace boucle
