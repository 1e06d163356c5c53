// Task: asyncio.Task. A future that calls a step function until it ends.
//
// A task has a step function (at the bottom) and a stack of coroutines above it, its frames. When the task is resumed,
// the topmost of them runs until it has set what comes next. If that is done already, the task continues at once: as in
// asyncio, awaiting a done future does not yield.
//
// The task is itself the node that is queued, to start, to wake up and to end a sleep. Its run state says where:
//
//   run state    its node is on                      it ends when
//   Queued       the ready queue                     run() is called -> Running; InCoroutine if it has frames
//   Sleeping     a timer queue                       the timer is due -> Queued
//   Waiting      the callbacks of the awaited        run() is called -> as from Queued
//                future; once that is done, the
//                ready queue
//   Orphaned     none: its queue was dropped         cancel() is called -> Queued; nothing if the loop is closed
//   Running      none: the step function runs        it has set what comes next -> Suspending; or it returns
//   Suspending   none: it runs, and has set that     it returns
//   InCoroutine  none: a coroutine or a body runs,   what comes next is set, and it returns; or close_step() is called
//                or the step is open
//   Done         none                                never
//
// A step sets what comes next once, by one of the functions set_...(); when it returns, or close_step() is called, that
// is applied:
//
//   set_await(future)     Waiting; if the future is done, the next step at once
//   set_await(coroutine)  InCoroutine, at once
//   set_sleep(until)      Sleeping; Queued for one turn if `until` is kYield
//   set_end(outcome)      Done
//   leave_open()          InCoroutine, until close_step()
//   nothing               Done, with nil
//
// outcome_ is what the step is resumed with; then how the task ended.
//
// Invariants: (1) the queue that the node is on owns a local reference; (2) in Waiting, `subject` is the awaited
// future, weakly while that is pending, by a reference once it is done; (3) if must_cancel_, cancel_message_ is the
// CancelledError that the next step is resumed with.
#pragma once

#include "async/coroutine.hpp"
#include "async/future.hpp"

namespace boucle {

using StepFn = void (*)(Task *task, void *userdata);

// Returns the time at which a sleep that begins now ends; SleepUntil::kYield if the delay is 0 or less.
int64_t sleep_deadline(Loop &loop, int64_t delay_ns) noexcept;

class Task final : public Future, public Node {
 public:
  // Schedules the first step. Returns nullptr if there is no memory. The reference is the caller's, a shared one.
  static Task *make(Loop &loop, StepFn step, Userdata userdata) noexcept;
  // The same, in memory from the loop's pool.
  static Task *make_at(void *memory, Loop &loop, StepFn step, Userdata userdata) noexcept {
    loop.heap.object_made();
    return new (memory) Task(loop, step, std::move(userdata));
  }
  // The same, for a loop that runs in this thread. If it returns nullptr, it has not taken the userdata.
  static Task *make_here(Loop &loop, StepFn step, void *userdata, Destroy destroy) noexcept {
    void *memory = loop.runs_here() ? loop.heap.pool.allocate(sizeof(Task)) : nullptr;
    return memory ? make_at(memory, loop, step, {userdata, destroy}) : nullptr;
  }
  // A task that awaits the coroutine, and ends with its outcome.
  static Task *make(Loop &loop, Local<Coroutine> coroutine) noexcept;

  Ref<Exception> make_cancelled_error() noexcept override;
  unsigned cancelling() const noexcept { return cancelling_; }
  unsigned uncancel() noexcept { return cancelling_ ? --cancelling_ : 0; }
  void clear_references() noexcept override;

  // ---- inside a step: sets what comes next, once ----
  // Whether its step function runs. Not while a coroutine of it does, which may call a user's predicate.
  bool is_stepping() const noexcept { return run_state_ == RunState::Running || run_state_ == RunState::Suspending; }
  bool is_suspending() const noexcept { return run_state_ == RunState::Suspending; }
  void set_await(Future &future) noexcept {
    set_next(Next::Future);
    future.retain();
    subject = &future;
  }
  void set_await(Coroutine &coroutine) noexcept;  // one that was never awaited
  void set_sleep(int64_t until) noexcept {        // or SleepUntil::kYield
    set_next(Next::Sleep);
    deadline = until;
  }
  void set_end(Outcome outcome) noexcept {
    set_next(Next::End);
    outcome_ = std::move(outcome);
  }
  // The step function of the next step. With `catches` it is also called if what was awaited failed.
  void set_step(StepFn step, bool catches) noexcept {
    step_ = step;
    catches_ = catches;
  }
  // Whether its step function runs in this thread and has not set what comes next. All checks at once, for the fast
  // path.
  bool can_suspend() const noexcept { return loop().runs_here() && run_state_ == RunState::Running; }
  // The step function calls a body, for which task_await and its like are refused.
  void enter_coroutine() noexcept { run_state_ = RunState::InCoroutine; }
  bool has_step_fn(StepFn step) const noexcept { return step_ == step; }
  // The outcome of what was awaited last; nullptr if nothing was.
  Outcome *awaited() noexcept { return has_awaited_ ? &outcome_ : nullptr; }

  // ---- the same with all checks, for step functions of users ----
  // `next` is called when what the task awaits is done; with `catches`, also if that failed. They return 0; or, where
  // nothing has changed: WRONGTHREAD and its like; NOTASK if the step function does not run; BUSY if it has set what
  // comes next, or the coroutine was awaited already; WRONGLOOP.
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
  // The outcome that the running step was resumed with; nullptr if there is none: why_not_awaited() says why.
  const Outcome *awaited_here() const noexcept {
    return loop().runs_here() && is_stepping() && has_awaited_ ? &outcome_ : nullptr;
  }
  Status why_not_awaited() noexcept;

  // ---- an open step: its function has returned, and what comes next is set later ----
  void leave_open() noexcept {
    next_ = Next::Open;
    run_state_ = RunState::InCoroutine;
  }
  bool is_open() const noexcept { return next_ == Next::Open; }
  // What the step was resumed with: generator.send()'s argument, or throw()'s.
  const Outcome &sent() const noexcept { return outcome_; }
  // Applies what was set. Returns true if the next step was called at once, and was left open again.
  bool close_step() noexcept;
  // The task that the node is, or nullptr.
  static Task *of(Node &node) noexcept { return node.type == &kType ? static_cast<Task *>(&node) : nullptr; }
  // Of a ready node: whether running it would only call this step function, and resume it with a value, which is lent.
  bool would_only_step(StepFn step, Value *&ret_value) const noexcept;

  void set_log_destroy_pending(bool log) noexcept { log_destroy_pending_ = log; }
  void *userdata() const noexcept { return userdata_.get(); }
  const char *name() const noexcept { return name_ ? name_ : ""; }
  Status set_name(const char *name) noexcept;

 private:
  friend class Heap;
  friend class Cancellation;
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
  // Whether a frame or the task's end comes next, and not the step function.
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
  // The pending task or gather that it awaits, which a cancellation is forwarded to; nullptr if it awaits none.
  Future *forwards_cancel_to() const noexcept {
    Future *future = run_state_ == RunState::Waiting ? static_cast<Future *>(subject) : nullptr;
    return future && future->forwards_cancel() ? future : nullptr;
  }
  // If it forwards to nothing: cancels what it awaits, or itself at its next step.
  void cancel_or_defer(const Ref<Exception> &reason) noexcept;
  bool cancel_awaited(const Ref<Exception> &reason) noexcept;
  // The next step is resumed with a CancelledError.
  void defer_cancel(const Ref<Exception> &reason) noexcept {
    must_cancel_ = true;
    cancel_message_ = reason;
  }

  RunState run_state_ = RunState::Queued;
  Next next_ = Next::Unset;
  bool catches_ : 1 = false;
  bool has_awaited_ : 1 = false;
  bool log_destroy_pending_ : 1 = true;
  bool has_self_reference_ : 1 = false;  // the loop was closed while it slept: kept until the loop is freed
  bool must_cancel_ : 1 = false;
  bool has_frame_ : 1 = false;  // frame_ is not nullptr
  uint32_t cancelling_ = 0;
  StepFn step_;
  Userdata userdata_;
  Coroutine *frame_ = nullptr;     // the topmost coroutine; owned
  Ref<Exception> cancel_message_;  // of the last deferred cancellation; kept
  Ref<Context> context_;
  char *name_ = nullptr;
};

inline Task *Future::as_task() noexcept { return is_task() ? static_cast<Task *>(this) : nullptr; }

}  // namespace boucle
