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
// The stepper of a task that is only there for a coroutine.
void end_as_awaited(Task *task, void *) { task->set_end(std::move(*task->awaited())); }
}  // namespace

Task *Task::make(Loop &loop, Local<Coroutine> coroutine) noexcept {
  Task *task = make(loop, end_as_awaited, Userdata());
  if (task) task->push_frame(*coroutine);
  return task;
}

inline Task::~Task() {
  if (frame_) [[unlikely]]
    drop_frames();
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

// For another step in the next turn, with outcome_.
inline void Task::queue() noexcept {
  run_state_ = RunState::Queued;
  retain();
  loop().scheduler.schedule(*this);
}

[[gnu::noinline]] void Task::await_itself() noexcept {
  outcome_ = Exception::make_or_no_memory("RuntimeError", "Task cannot await on itself");
  queue();
}

// A cancellation that had to wait for a step: it is told of it instead, if not of another.
void Task::take_cancellation() noexcept {
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
      pass_cancellation_to(future);
  }
  future.release();  // of set_await; if it was the last, this task is dropped, and no more than that
  return at_once;
}

inline void Task::sleep() noexcept {
  if (deadline == SleepUntil::kYield) return queue();
  if (must_cancel_) [[unlikely]] {
    take_cancellation();
    return queue();
  }
  run_state_ = RunState::Sleeping;
  retain();
  loop().scheduler.schedule_at(*this, deadline);
}

// With outcome_.
inline void Task::finish() noexcept {
  run_state_ = RunState::Done;
  userdata_.reset();  // may still cancel this task
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

// What was said comes next.
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
    default:  // nothing was said
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
  if (framed_) {
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

// Runs the topmost frame, or the stepper. True: go on at once, with outcome_.
inline bool Task::run_top_frame() noexcept {
  if (!is_special()) [[likely]] {
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

// While a task runs, the loop's context is its own. Mostly there are none, and nothing need be written.
inline void Task::leave_context(Context *outer) noexcept {
  Context *&present = loop().dispatch.context;
  if (present != context_.get()) [[unlikely]]
    context_.put(present);
  if (present != outer) [[unlikely]]
    present = outer;
}

// outcome_ is what it is told. Who runs it holds a reference.
inline void Task::step() noexcept {
  Loop &owner = loop();
  Context *outer = owner.dispatch.context;
  if (outer != context_.get()) [[unlikely]]
    owner.dispatch.context = context_.get();
  owner.current_task = this;
  if (must_cancel_) [[unlikely]]
    take_cancellation();
  if (run_top_frame()) [[unlikely]]
    run_until_suspended();
  if (is_open()) [[unlikely]] {  // close_step() goes on
    context_.put(outer);
    return retain();
  }
  leave_context(outer);
  owner.current_task = nullptr;
}

// ---- being woken ----

// Takes the reference of the queue.
void Task::run(Loop &, Node &node) noexcept {
  Task &task = static_cast<Task &>(node);
  Future *awaited = nullptr;
  if (task.run_state_ == RunState::Waiting) [[likely]] {
    awaited = static_cast<Future *>(node.subject);
    task.outcome_ = awaited->outcome();
  } else if (task.run_state_ == RunState::Sleeping) [[unlikely]] {
    // The timer's turn. As in asyncio it completes a future, and the task wakes up in the turn after.
    task.run_state_ = RunState::Queued;
    return task.loop().scheduler.schedule(node);
  }
  task.step();
  if (awaited) awaited->release();
  task.release();
}

// The queue goes: nothing can wake the task any more.
void Task::drop(Loop &, Node &node) noexcept {
  Task &task = static_cast<Task &>(node);
  Future *future = task.run_state_ == RunState::Waiting ? static_cast<Future *>(node.subject) : nullptr;
  // In asyncio a task that sleeps and the future that it sleeps on hold each other: it outlives the loop's queues.
  bool stays = task.run_state_ == RunState::Sleeping && !task.holds_itself_;
  task.run_state_ = RunState::Orphaned;
  if (stays) {
    task.holds_itself_ = true;
    return;
  }
  if (future) future->release();
  task.release();
}

void Task::drop_frames() noexcept {
  framed_ = false;
  while (frame_) {
    Coroutine *frame = std::exchange(frame_, frame_->parent_);
    frame->release();
  }
}

// Cuts what keeps others alive from here; a task that nobody holds then goes.
void Task::clear_references() noexcept {
  Future::clear_references();
  if (done()) return;
  drop_frames();
  userdata_.reset();
  bool strands = holds_itself_;
  holds_itself_ = false;
  if (strands) release();
}

void Task::push_frame(Coroutine &coroutine) noexcept {
  coroutine.retain();
  coroutine.parent_ = std::exchange(frame_, &coroutine);
  framed_ = true;
  coroutine.stage_ = Coroutine::Stage::Running;
}

void Task::pop_frame() noexcept {
  Coroutine *frame = std::exchange(frame_, frame_->parent_);
  framed_ = frame_ != nullptr;
  has_awaited_ = true;
  outcome_ = std::move(frame->outcome_);
  frame->release();
}

// ---- what a step says ----

void Task::set_await(Coroutine &coroutine) noexcept {
  set_next(Next::Coroutine);
  push_frame(coroutine);
}

// ---- cancellation ----

Ref<Exception> Task::make_cancelled_error() noexcept {
  return !cancelled() && cancel_message_ ? cancel_message_ : Future::make_cancelled_error();
}

// Nothing is done after what may drop the last reference to the task.
void Task::cancel_here(const Ref<Exception> &reason) noexcept {
  if (!cancel_awaited(reason)) cancel_later(reason);
}

// True if what the task waits for is now cancelled.
bool Task::cancel_awaited(const Ref<Exception> &reason) noexcept {
  switch (run_state_) {
    case RunState::Waiting: {
      Future *future = static_cast<Future *>(subject);
      loop().scheduler.withdrawn += future->done();
      return future->cancel_alone(reason);
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
      // One that never began, and whose loop is closed, is only marked, as in asyncio.
      if (loop().is_closed()) return false;
      queue();
      outcome_ = reason;
      return true;
    default: ++loop().scheduler.withdrawn; return false;
  }
}

// It has begun to wait with a cancellation that had to wait for that.
[[gnu::noinline]] void Task::pass_cancellation_to(Future &future) noexcept {
  if (future.cancel_or_report(cancel_message_)) must_cancel_ = false;
}

// ---- a step that is left open ----

// What failed is not told in advance: reading an exception may change it.
bool Task::would_step(StepFn step, Value *&ret_value) const noexcept {
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
