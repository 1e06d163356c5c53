#include "async/fiber.hpp"

#include <new>

namespace boucle {

// ---- life ----

Fiber::Fiber(Loop &loop, Stack stack, CoroutineFn fn, Userdata userdata) noexcept
    : loop_(loop),
      fn_(fn),
      userdata_(std::move(userdata)),
      stack_(stack),
      switch_(stack.bottom, reinterpret_cast<char *>(this), run, this) {}

Task *Fiber::spawn(Loop &loop, CoroutineFn fn, Userdata userdata, size_t stack_size) noexcept {
  Stack stack = loop.heap.stacks.take(stack_size);
  if (!stack) return nullptr;
  constexpr size_t kLine = 64;
  loop.heap.object_made();
  void *place = stack.top() - (sizeof(Fiber) + kLine - 1) / kLine * kLine;
  auto *fiber = new (place) Fiber(loop, stack, fn, std::move(userdata));
  // The first step is not resumed with failures: if the task is cancelled before it, the body never runs.
  return Task::make(loop, step, Userdata(fiber, destroy));
}

void Fiber::destroy(void *fiber) noexcept {
  auto *self = static_cast<Fiber *>(fiber);
  Loop &loop = self->loop_;
  Stack stack = self->stack_;
  self->~Fiber();
  loop.heap.stacks.give(stack);
  loop.heap.guest_gone();
}

Fiber *Fiber::of(const Task &task) noexcept {
  return task.has_step_fn(step) ? static_cast<Fiber *>(task.userdata()) : nullptr;
}

Fiber *Fiber::current() noexcept {
  Loop *loop = Loop::running_here();
  if (!loop || !loop->current_task) return nullptr;
  Fiber *fiber = of(*loop->current_task);
  bool is_here = fiber && fiber->switch_.is_inside() && fiber->nested_ == NestedCall::count();
  return is_here ? fiber : nullptr;
}

// ---- stepping ----

void Fiber::step(Task *task, void *fiber) {
  auto *self = static_cast<Fiber *>(fiber);
  self->task_ = task;
  self->nested_ = NestedCall::count();
  task->enter_coroutine();  // task_await and its like are refused in a body
  task->set_step(step, true);
  self->switch_.enter();
}

// The first function on the stack.
void Fiber::run(void *fiber) noexcept {
  auto *self = static_cast<Fiber *>(fiber);
  Value *value = nullptr;
  Status status = self->fn_(self->userdata_.get(), &value);
  self->task_->set_end(self->end_outcome(status, Ref<Value>::adopt(value)));
}

Outcome Fiber::end_outcome(Status status, Ref<Value> value) noexcept {
  if (status == status::EXCEPTION && failures_[kException]) return std::move(failures_[kException]);
  if (status == status::CANCELLED && failures_[kCancelled]) return std::move(failures_[kCancelled]);
  return Outcome::of_status(status, std::move(value));
}

// ---- awaiting ----

Status Fiber::unpack(Outcome &&outcome, Ref<Value> &ret_value) noexcept {
  if (!outcome.failed()) {
    ret_value = outcome.take_value();
    return 0;
  }
  last_ = outcome.cancelled() ? kCancelled : kException;
  failures_[last_] = outcome.take_exception();
  return last_ == kCancelled ? status::CANCELLED : status::EXCEPTION;
}

Status Fiber::await(Future &future, Ref<Value> &ret_value) noexcept {
  // As when the task awaits a done future: the body continues at once, and a deferred cancellation waits for the next
  // step.
  if (future.done()) return unpack(future.outcome(), ret_value);
  task_->set_await(future);
  switch_.leave();
  return unpack(std::move(*task_->awaited()), ret_value);
}

Status Fiber::await(Coroutine &coroutine, Ref<Value> &ret_value) noexcept {
  task_->set_await(coroutine);
  switch_.leave();
  return unpack(std::move(*task_->awaited()), ret_value);
}

Status Fiber::await(Local<Coroutine> &&coroutine, Ref<Value> &ret_value) noexcept {
  task_->set_await(*coroutine);
  coroutine = nullptr;
  switch_.leave();
  return unpack(std::move(*task_->awaited()), ret_value);
}

Status Fiber::sleep(int64_t delay_ns) noexcept {
  task_->set_sleep(sleep_deadline(loop_, delay_ns));
  switch_.leave();
  Ref<Value> nothing;
  return unpack(std::move(*task_->awaited()), nothing);
}

Status Fiber::raise(Ref<Exception> exception) noexcept {
  last_ = kException;
  failures_[kException] = std::move(exception);
  return status::EXCEPTION;
}

}  // namespace boucle
