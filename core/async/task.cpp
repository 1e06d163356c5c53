#include "async/task.hpp"

#include <cstdlib>
#include <cstring>

namespace boucle {

const NodeType Task::kType = {Task::run, Task::drop};

int64_t sleep_deadline(Loop &loop, int64_t delay_ns) noexcept {
  return delay_ns <= 0 ? SleepUntil::kYield : loop.scheduler.deadline_after(delay_ns);
}

Task *Task::make(Loop &loop, StepFn step, Userdata userdata) noexcept {
  void *memory = loop.heap.pool.allocate(sizeof(Task));
  return memory ? make_at(memory, loop, step, std::move(userdata)) : nullptr;
}

namespace {
// The step function of a task that only awaits a coroutine.
void end_as_awaited(Task *task, void *) { task->set_end(std::move(*task->awaited())); }
}  // namespace

Task *Task::make(Loop &loop, Local<Coroutine> coroutine) noexcept {
  Task *task = make(loop, end_as_awaited, Userdata());
  if (task) task->push_frame(*coroutine);
  return task;
}

inline Task::~Task() {
  if (frame_) [[unlikely]]
    release_frames();
  if (name_) [[unlikely]]
    std::free(name_);
}

void Task::dispose() noexcept {
  if (!done()) {
    if (log_destroy_pending_) {
      log_destroy_pending_ = false;
      revive();
      loop().dispatch.report({.message = "Task was destroyed but it is pending!", .future = this, .is_task = true});
      if (still_held()) return;
    }
    unregister();
  }
  if (report_before_dispose()) Heap::destroy(this);
}

Status Task::set_name(const char *name) noexcept {
  char *copy = strdup(name);
  if (!copy) return status::NO_MEMORY;
  std::free(std::exchange(name_, copy));
  return 0;
}

// ---- one step ----

// Schedules another step in the next turn, which is resumed with outcome_.
inline void Task::queue() noexcept {
  run_state_ = RunState::Queued;
  retain();
  loop().scheduler.schedule(*this);
}

[[gnu::noinline]] void Task::await_itself() noexcept {
  outcome_ = Exception::make_or_no_memory("RuntimeError", "Task cannot await on itself");
  queue();
}

// Resumes the step with the deferred CancelledError, unless it is resumed with another one.
void Task::apply_deferred_cancel() noexcept {
  must_cancel_ = false;
  if (!outcome_.cancelled()) outcome_ = cancel_message_;
}

inline bool Task::await(Future &future) noexcept {
  bool at_once = future.done();
  if (at_once) {
    outcome_ = future.outcome();
  } else if (&future == this) [[unlikely]] {
    await_itself();
  } else {
    run_state_ = RunState::Waiting;
    retain();
    future.add_callback(*this);
    if (must_cancel_) [[unlikely]]
      forward_deferred_cancel(future);
  }
  future.release();  // that of set_await; if it was the last one, this task is dropped, and nothing else happens
  return at_once;
}

inline void Task::sleep() noexcept {
  if (deadline == SleepUntil::kYield) return queue();
  if (must_cancel_) [[unlikely]] {
    apply_deferred_cancel();
    return queue();
  }
  run_state_ = RunState::Sleeping;
  retain();
  loop().scheduler.schedule_at(*this, deadline);
}

// The task ends with outcome_.
inline void Task::finish() noexcept {
  run_state_ = RunState::Done;
  userdata_.reset();  // its destroy may still cancel this task
  if (outcome_.failed() || must_cancel_) [[unlikely]]
    return finish_failed();
  complete(State::Returned);
}

[[gnu::noinline]] void Task::finish_failed() noexcept {
  if (!outcome_.failed()) return complete(State::Cancelled, cancel_message_);
  if (outcome_.cancelled()) {
    cancelled_once_ = true;
    return complete(State::Cancelled);
  }
  Ref<Exception> exception = outcome_.exception();
  complete(State::Raised);
  if (exception->is_exit()) loop().dispatch.leave(std::move(exception));
}

// Does what was set. Returns true if the next step follows at once.
[[gnu::always_inline]] inline bool Task::apply_next() noexcept {
  if (next_ == Next::Future) [[likely]] {
    has_awaited_ = true;
    return await(*static_cast<Future *>(subject));
  }
  if (next_ == Next::End) {
    finish();
    return false;
  }
  switch (next_) {
    default:  // nothing was set
      outcome_ = Outcome();
      finish();
      return false;
    case Next::Open: return false;
    case Next::Coroutine:
      has_awaited_ = true;
      outcome_ = Outcome();
      return true;
    case Next::Sleep:
      has_awaited_ = true;
      outcome_ = Outcome();
      sleep();
      return false;
  }
}

[[gnu::noinline]] bool Task::run_frame_or_fail() noexcept {
  run_state_ = RunState::InCoroutine;
  next_ = Next::Unset;
  if (has_frame_) {
    if (outcome_.failed() && !frame_->has_begun()) {
      frame_->outcome_ = std::move(outcome_);
    } else {
      frame_->resume(*this, std::move(outcome_));
      if (!frame_->is_finished()) return apply_next();
    }
    pop_frame();
    return true;
  }
  finish();
  return false;
}

// Runs the topmost frame, or the step function. Returns true if the next step follows at once, with outcome_.
inline bool Task::run_top_frame() noexcept {
  if (!bypasses_step_fn()) [[likely]] {
    run_state_ = RunState::Running;
    next_ = Next::Unset;
    step_(this, userdata_.get());
    return apply_next();
  }
  return run_frame_or_fail();
}

[[gnu::noinline]] void Task::run_until_suspended() noexcept {
  while (run_top_frame()) {
  }
}

// While a task runs, the present context is its own. Most tasks have none: then nothing is written.
inline void Task::leave_context(Context *outer) noexcept {
  Context *&present = loop().dispatch.context;
  if (present != context_.get()) [[unlikely]]
    context_.put(present);
  if (present != outer) [[unlikely]]
    present = outer;
}

// The step is resumed with outcome_. The caller has a reference.
inline void Task::step() noexcept {
  Loop &owner = loop();
  Context *outer = owner.dispatch.context;
  if (outer != context_.get()) [[unlikely]]
    owner.dispatch.context = context_.get();
  owner.current_task = this;
  if (must_cancel_) [[unlikely]]
    apply_deferred_cancel();
  if (run_top_frame()) [[unlikely]]
    run_until_suspended();
  if (is_open()) [[unlikely]] {  // close_step() does the rest
    context_.put(outer);
    return retain();
  }
  leave_context(outer);
  owner.current_task = nullptr;
}

// ---- waking up ----

// Takes over the reference that the queue had.
void Task::run(Loop &, Node &node) noexcept {
  Task &task = static_cast<Task &>(node);
  Future *awaited = nullptr;
  if (task.run_state_ == RunState::Waiting) [[likely]] {
    awaited = static_cast<Future *>(node.subject);
    task.outcome_ = awaited->outcome();
  } else if (task.run_state_ == RunState::Sleeping) [[unlikely]] {
    // The timer is due. In asyncio it completes a future, so that the task wakes up one turn later.
    task.run_state_ = RunState::Queued;
    return task.loop().scheduler.schedule(node);
  }
  task.step();
  if (awaited) awaited->release();
  task.release();
}

// The queue is dropped: nothing can wake the task any more.
void Task::drop(Loop &, Node &node) noexcept {
  Task &task = static_cast<Task &>(node);
  Future *future = task.run_state_ == RunState::Waiting ? static_cast<Future *>(node.subject) : nullptr;
  // In asyncio a task that sleeps and the future that it awaits keep each other: both outlive the loop's queues.
  bool stays = task.run_state_ == RunState::Sleeping && !task.has_self_reference_;
  task.run_state_ = RunState::Orphaned;
  if (stays) {
    task.has_self_reference_ = true;
    return;
  }
  if (future) future->release();
  task.release();
}

void Task::release_frames() noexcept {
  has_frame_ = false;
  while (frame_) {
    Coroutine *frame = std::exchange(frame_, frame_->parent_);
    frame->release();
  }
}

// Releases all that the task keeps alive. If nothing keeps the task then, it is destroyed.
void Task::clear_references() noexcept {
  Future::clear_references();
  if (done()) return;
  release_frames();
  userdata_.reset();
  bool had_reference = has_self_reference_;
  has_self_reference_ = false;
  if (had_reference) release();
}

void Task::push_frame(Coroutine &coroutine) noexcept {
  coroutine.retain();
  coroutine.parent_ = std::exchange(frame_, &coroutine);
  has_frame_ = true;
  coroutine.stage_ = Coroutine::Stage::Running;
}

void Task::pop_frame() noexcept {
  Coroutine *frame = std::exchange(frame_, frame_->parent_);
  has_frame_ = frame_ != nullptr;
  has_awaited_ = true;
  outcome_ = std::move(frame->outcome_);
  frame->release();
}

// ---- what comes next ----

void Task::set_await(Coroutine &coroutine) noexcept {
  set_next(Next::Coroutine);
  push_frame(coroutine);
}

// ---- cancellation ----

Ref<Exception> Task::make_cancelled_error() noexcept {
  return !cancelled() && cancel_message_ ? cancel_message_ : Future::make_cancelled_error();
}

// Cancelling may drop the last reference to the task: nothing is done after it.
void Task::cancel_or_defer(const Ref<Exception> &reason) noexcept {
  if (!cancel_awaited(reason)) defer_cancel(reason);
}

// Returns true if what the task awaits is cancelled now.
bool Task::cancel_awaited(const Ref<Exception> &reason) noexcept {
  switch (run_state_) {
    case RunState::Waiting: {
      Future *future = static_cast<Future *>(subject);
      loop().scheduler.withdrawn += future->done();
      return future->cancel_itself(reason);
    }
    case RunState::Sleeping:
      if (deadline == kUntimed) {
        Node::unlink();
      } else {
        loop().scheduler.remove_timer(*this);
      }
      queue();
      outcome_ = reason;
      release();
      return true;
    case RunState::Orphaned:
      // As in asyncio, a task that never began is only marked if its loop is closed.
      if (loop().is_closed()) return false;
      queue();
      outcome_ = reason;
      return true;
    default: ++loop().scheduler.withdrawn; return false;
  }
}

// The task awaits something now, which a deferred cancellation is forwarded to.
[[gnu::noinline]] void Task::forward_deferred_cancel(Future &future) noexcept {
  if (future.cancel_or_report(cancel_message_)) must_cancel_ = false;
}

// ---- an open step ----

// Returns false for exceptions: reading one may change it.
bool Task::would_only_step(StepFn step, Value *&ret_value) const noexcept {
  if (step_ != step || frame_ || must_cancel_ || run_state_ == RunState::Sleeping) return false;
  if (run_state_ == RunState::Waiting) return static_cast<Future *>(subject)->returned(ret_value);
  if (outcome_.failed()) return false;
  ret_value = outcome_.value().get();
  return true;
}

bool Task::close_step() noexcept {
  catches_ = true;
  if (apply_next()) run_until_suspended();
  if (is_open()) return true;
  leave_context(context_.get());
  loop().current_task = nullptr;
  release();
  return false;
}

}  // namespace boucle
