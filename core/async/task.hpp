// Task: a future that drives a stepper. asyncio.Task.
//
// A task is its stepper (the user's step function, at the bottom) and a stack of coroutines above it. One wake-up of the
// task runs the topmost of them until it says what it waits for; what need not be waited for is answered on the spot, so
// that awaiting a done future does not yield.
//
// The task is itself the node by which it is queued, for all of its purposes: start, wake-up, sleep. Its phase says on
// which queue that node is.
//
// outcome_ is what the next step, or this one, is told; then how the task ends.
//
// Invariants: (1) whatever queue the node is on owns a local reference; (2) in phase Waiting, subject is the awaited
// future: weakly while it is pending, by a reference once it is done; (3) if must_cancel_, cancel_message_ is the CancelledError
// to be thrown at the next step.
#pragma once

#include "async/coroutine.hpp"
#include "async/future.hpp"

namespace boucle {

using StepFn = void (*)(Task *task, void *userdata);

// When asyncio.sleep(delay) ends; SleepUntil::kYield if delay <= 0.
int64_t sleep_deadline(Loop &loop, int64_t delay_ns) noexcept;

class Task final : public Future, public Node {
 public:
  // Schedules the first step. The reference is the caller's, a shared one; nullptr if there is no memory.
  static Task *make(Loop &loop, StepFn step, Userdata userdata) noexcept;
  // The same in memory from the loop's pool.
  static Task *make_at(void *memory, Loop &loop, StepFn step, Userdata userdata) noexcept {
    loop.heap.object_made();
    return new (memory) Task(loop, step, std::move(userdata));
  }
  // The same, for a loop that runs in this thread. If it returns nullptr, it has not taken the userdata.
  static Task *make_here(Loop &loop, StepFn step, void *userdata, Destroy destroy) noexcept {
    void *memory = loop.runs_here() ? loop.heap.pool.allocate(sizeof(Task)) : nullptr;
    return memory ? make_at(memory, loop, step, {userdata, destroy}) : nullptr;
  }
  // One that awaits the coroutine and ends like it.
  static Task *make(Loop &loop, Local<Coroutine> coroutine) noexcept;

  Ref<Exception> make_cancelled_error() noexcept override;
  unsigned cancelling() const noexcept { return cancelling_; }
  unsigned uncancel() noexcept { return cancelling_ ? --cancelling_ : 0; }
  void clear_references() noexcept override;

  // ---- inside a step: what comes next, said once ----
  // While one of its coroutines runs (and calls, perhaps, a user's predicate), it is not the stepper's turn.
  bool is_stepping() const noexcept { return run_state_ == RunState::Running || run_state_ == RunState::Suspending; }
  bool is_suspending() const noexcept { return run_state_ == RunState::Suspending; }
  void set_await(Future &future) noexcept {
    set_next(Next::Future);
    future.retain();
    subject = &future;
  }
  void set_await(Coroutine &coroutine) noexcept;  // fresh
  void set_sleep(int64_t until) noexcept {        // or SleepUntil::kYield
    set_next(Next::Sleep);
    deadline = until;
  }
  void set_end(Outcome outcome) noexcept {
    set_next(Next::End);
    outcome_ = std::move(outcome);
  }
  // Who is called when what was said is over; with `catches`, also when it failed.
  void set_step(StepFn step, bool catches) noexcept {
    step_ = step;
    catches_ = catches;
  }
  // Its step is running here, and may still say what comes next. All of the checks in one, for the usual case.
  bool can_suspend() const noexcept { return loop().runs_here() && run_state_ == RunState::Running; }
  // The stepper runs something of its own, which is not to say what comes next by the C API.
  void enter_coroutine() noexcept { run_state_ = RunState::InCoroutine; }
  bool has_step_fn(StepFn step) const noexcept { return step_ == step; }
  // How it went; nullptr if nothing has been awaited.
  Outcome *awaited() noexcept { return has_awaited_ ? &outcome_ : nullptr; }

  // ---- the same with all checks, for step functions of users ----
  // `next` is the step function when what the task waits for is done; with `catches`, also if that failed. If they fail,
  // nothing has changed: WRONGTHREAD and its like; NOTASK if the task is not in its step function; BUSY if the step has set
  // what comes next, or the coroutine was awaited already; WRONGLOOP.
  Status await_then(Future &future, StepFn next, bool catches) noexcept {
    if (!can_suspend() || &future.loop() != &loop()) [[unlikely]]
      return why_not_await();
    set_await(future);
    set_step(next, catches);
    return 0;
  }
  Status await_then(Coroutine &coroutine, StepFn next, bool catches) noexcept;
  Status sleep_then(int64_t delay_ns, StepFn next, bool catches) noexcept {
    if (delay_ns > 0 || !can_suspend()) [[unlikely]]
      return sleep_until_then(delay_ns, next, catches);
    set_sleep(SleepUntil::kYield);
    set_step(next, catches);
    return 0;
  }
  Status end(Value *value) noexcept {
    if (!can_suspend()) [[unlikely]]
      return why_cannot_suspend();
    set_end(Ref<Value>(value));
    return 0;
  }
  Status end(Exception *exception) noexcept {
    if (!can_suspend()) [[unlikely]]
      return why_cannot_suspend();
    set_end(Ref<Exception>(exception));
    return 0;
  }
  // The outcome of what the step function has awaited; nullptr if there is none: see why_not_awaited().
  const Outcome *awaited_here() const noexcept {
    return is_stepping() && loop().runs_here() && has_awaited_ ? &outcome_ : nullptr;
  }
  Status why_not_awaited() noexcept;

  // ---- a step that its function leaves open: what comes next is set later, outside of it ----
  void leave_open() noexcept {
    next_ = Next::Open;
    run_state_ = RunState::InCoroutine;
  }
  bool is_open() const noexcept { return next_ == Next::Open; }
  // What the step was sent; then how the task ends.
  const Outcome &sent() const noexcept { return outcome_; }
  // After one of the set_...: applies it. True: the next step was begun at once, and left open again.
  bool close_step() noexcept;
  // The task that a node is, or nullptr.
  static Task *of(Node &node) noexcept { return node.type == &kType ? static_cast<Task *>(&node) : nullptr; }
  // Whether its node, which is ready, would do nothing but call this step function, and send it a value, which is lent.
  bool would_only_step(StepFn step, Value *&ret_value) const noexcept;

  void set_log_destroy_pending(bool log) noexcept { log_destroy_pending_ = log; }
  void *userdata() const noexcept { return userdata_.get(); }
  const char *name() const noexcept { return name_ ? name_ : ""; }
  Status set_name(const char *name) noexcept;

 private:
  friend class Heap;
  friend class Cancellation;
  // What its node is on, or what runs:
  //   Queued       the ready queue, to start or to go on
  //   Sleeping     a timer
  //   Waiting      the callbacks of the future that it awaits; once that is done, the ready queue
  //   Orphaned     nothing: its queue went, and nothing can wake it
  //   Running      its stepper runs, and has not set what comes next
  //   Suspending   its stepper runs, and has
  //   InCoroutine  one of its coroutines runs, or a body on a stack of its own, or its step was left open
  //   Done         nothing
  enum class RunState : uint8_t { Queued, Sleeping, Waiting, Orphaned, Running, Suspending, InCoroutine, Done };
  enum class Next : uint8_t { Unset, Future, Coroutine, Sleep, End, Open };

  Task(Loop &loop, StepFn step, Userdata userdata) noexcept
      : Future(loop, Born::Both, Kind::Task),
        Node(kType),
        step_(step),
        userdata_(std::move(userdata)),
        context_(loop.dispatch.context) {
    loop.scheduler.schedule(*this);
  }
  ~Task();
  void dispose() noexcept override;

  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;

  Status why_cannot_suspend() noexcept;
  Status why_not_await() noexcept;
  Status sleep_until_then(int64_t delay_ns, StepFn next, bool catches) noexcept;
  void set_next(Next next) noexcept {
    next_ = next;
    if (run_state_ == RunState::Running) run_state_ = RunState::Suspending;
  }
  void queue() noexcept;
  // Whether more is to be done in a step than to call the stepper.
  bool bypasses_step_fn() const noexcept { return has_frame_ || (outcome_.failed() && !catches_); }
  void step() noexcept;
  void apply_deferred_cancel() noexcept;
  bool run_top_frame() noexcept;
  bool run_frame_or_fail() noexcept;
  bool apply_next() noexcept;
  void leave_context(Context *outer) noexcept;
  bool await(Future &future) noexcept;
  void await_itself() noexcept;
  void push_frame(Coroutine &coroutine) noexcept;
  void pop_frame() noexcept;
  void release_frames() noexcept;
  void sleep() noexcept;
  void finish() noexcept;
  void finish_failed() noexcept;
  void run_until_suspended() noexcept;
  void forward_deferred_cancel(Future &future) noexcept;
  // What it waits for, if that is a pending task or gather: a cancellation is passed on to it. Else nullptr.
  Future *forwards_cancel_to() const noexcept {
    Future *future = run_state_ == RunState::Waiting ? static_cast<Future *>(subject) : nullptr;
    return future && future->forwards_cancel() ? future : nullptr;
  }
  // Of one that passes nothing on.
  void cancel_or_defer(const Ref<Exception> &reason) noexcept;
  bool cancel_awaited(const Ref<Exception> &reason) noexcept;
  // To be thrown at the next step.
  void defer_cancel(const Ref<Exception> &reason) noexcept {
    must_cancel_ = true;
    cancel_message_ = reason;
  }

  RunState run_state_ = RunState::Queued;
  Next next_ = Next::Unset;
  bool catches_ : 1 = false;
  bool has_awaited_ : 1 = false;
  bool log_destroy_pending_ : 1 = true;
  bool has_self_reference_ : 1 =
      false;  // the loop closed while it slept; it has a reference to itself until the loop goes
  bool must_cancel_ : 1 = false;
  bool has_frame_ : 1 = false;  // frame_ is not nullptr
  uint32_t cancelling_ = 0;
  StepFn step_;
  Userdata userdata_;
  Coroutine *frame_ = nullptr;     // the topmost coroutine; owned
  Ref<Exception> cancel_message_;  // of the last cancellation that had to wait for a step; kept
  Ref<Context> context_;
  char *name_ = nullptr;
};

inline Task *Future::as_task() noexcept { return is_task() ? static_cast<Task *>(this) : nullptr; }

}  // namespace boucle
