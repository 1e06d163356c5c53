#include "boundary.hpp"

// ---- making ----

namespace {
[[gnu::noinline]] int spawn(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                            task_t **ret_task) noexcept {
  Userdata owned(userdata, destroy);
  if (!step) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  auto task = Ref<Task>::adopt(Task::make(*unwrap(loop), function_cast<StepFn>(step), std::move(owned)));
  if (!task) return status::NO_MEMORY;
  if (ret_task) *ret_task = wrap(task.take());
  return 0;
}
}  // namespace

int loop_ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy, task_t **ret_task) {
  if (step && ret_task && is_running_here(loop)) [[likely]] {
    void *memory = unwrap(loop)->heap.pool.allocate(sizeof(Task));
    if (memory) [[likely]] {
      *ret_task = wrap(Task::make_at(memory, *unwrap(loop), function_cast<StepFn>(step), {userdata, destroy}));
      return 0;
    }
  }
  return spawn(loop, step, userdata, destroy, ret_task);
}

int loop_ensure_coroutine(loop_t *loop, coroutine_t *coroutine, task_t **ret_task) {
  if (!coroutine) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (&unwrap(coroutine)->loop() != unwrap(loop)) return status::WRONGLOOP;
  if (!unwrap(coroutine)->is_fresh()) return status::BUSY;
  auto task = Ref<Task>::adopt(Task::make(*unwrap(loop), Local<Coroutine>(unwrap(coroutine))));
  if (!task) return status::NO_MEMORY;
  if (ret_task) *ret_task = wrap(task.take());
  return 0;
}

namespace {
// Runs the task in a loop of its own, and that loop to its end.
int run_in(Loop &loop, Task &task, value_t **ret_value, exception_t **ret_exception) noexcept {
  task.set_log_destroy_pending(false);
  Ref<Value> value;
  Ref<Exception> exception;
  Status result = run_until_done(loop, task);
  if (result == status::EXIT) exception = loop.dispatch.take_exit();
  if (task.done()) {
    Outcome outcome = task.outcome();
    if (result == 0 && outcome.failed()) {
      result = task.cancelled() ? status::CANCELLED : status::EXCEPTION;
      exception = outcome.exception();
    }
    value = outcome.value();
  }
  Status wound_down = wind_down(loop);
  loop.close();
  if (result == 0) {
    result = wound_down;
    if (result == status::EXIT) exception = loop.dispatch.take_exit();
  }
  if (result == 0) return give_value(std::move(value), ret_value);
  if (exception && ret_exception) *ret_exception = wrap(exception.take());
  return result;
}
}  // namespace

int loop_run(const loop_options_t *options, task_step_fn step, void *userdata, destroy_fn destroy, value_t **ret_value,
             exception_t **ret_exception) {
  Userdata owned(userdata, destroy);
  if (!step) return status::INVALID;
  if (Loop::running_here()) return status::RUNNING;
  Loop *made;
  if (Status s = make_loop(options, made)) return s;
  auto loop = Ref<Loop>::adopt(made);
  auto task = Ref<Task>::adopt(Task::make(*loop, function_cast<StepFn>(step), std::move(owned)));
  return task ? run_in(*loop, *task, ret_value, ret_exception) : status::NO_MEMORY;
}

task_t *task_ref(task_t *task) { return ref(task); }
void task_unref(task_t *task) { unref(task); }
future_t *task_as_future(task_t *task) { return wrap(static_cast<Future *>(unwrap(task))); }

loop_t *task_get_loop(const task_t *task) { return future_get_loop(wrap(static_cast<Future *>(unwrap(task)))); }

// ---- inside a step ----

namespace {
// Why the task may not speak.
[[gnu::noinline]] Status why_mute(const task_t *task) noexcept {
  if (Status s = check(task)) return s;
  if (Fiber::of(*unwrap(task))) return status::NOTASK;
  if (unwrap(task)->is_suspending()) return status::BUSY;
  return status::NOTASK;
}
Status check_stepping(const task_t *task) noexcept {
  return task && unwrap(task)->can_suspend() ? 0 : why_mute(task);
}
// Of a task that is stepping, also once it has said what comes next.
Status check_awaited(const task_t *task, Outcome *&ret_outcome) noexcept {
  if (Status s = check(task)) return s;
  if (Fiber::of(*unwrap(task))) return status::NOTASK;  // its awaits have told, and taken, the outcome
  if (!unwrap(task)->is_stepping()) return status::INVALIDSTATE;
  ret_outcome = unwrap(task)->awaited();
  return ret_outcome ? 0 : status::INVALIDSTATE;
}

[[gnu::noinline]] int why_not_await(const task_t *task, const future_t *future, task_step_fn next) noexcept {
  if (!future || !next) return status::INVALID;
  if (Status s = check_stepping(task)) return s;
  return status::WRONGLOOP;
}

inline int await(task_t *task, future_t *future, task_step_fn next, bool catches) noexcept {
  bool may = task && future && next && unwrap(task)->can_suspend() && &unwrap(future)->loop() == &unwrap(task)->loop();
  if (!may) [[unlikely]] return why_not_await(task, future, next);
  unwrap(task)->set_await(*unwrap(future));
  unwrap(task)->set_step(function_cast<StepFn>(next), catches);
  return 0;
}

int await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next, bool catches) noexcept {
  if (!coroutine || !next) return status::INVALID;
  if (Status s = check_stepping(task)) return s;
  Task &t = *unwrap(task);
  Coroutine &c = *unwrap(coroutine);
  if (&c.loop() != &t.loop()) return status::WRONGLOOP;
  if (!c.is_fresh()) return status::BUSY;
  t.set_await(c);
  t.set_step(function_cast<StepFn>(next), catches);
  return 0;
}

[[gnu::noinline]] int sleep_some_time(task_t *task, double seconds, task_step_fn next, bool catches) noexcept {
  int64_t ns;
  if (!next || to_ns(seconds, ns)) return status::INVALID;
  if (Status s = check_stepping(task)) return s;
  unwrap(task)->set_sleep(sleep_deadline(unwrap(task)->loop(), ns));
  unwrap(task)->set_step(function_cast<StepFn>(next), catches);
  return 0;
}

inline int sleep(task_t *task, double seconds, task_step_fn next, bool catches) noexcept {
  bool yields = seconds <= 0 && task && next && unwrap(task)->can_suspend();
  if (!yields) return sleep_some_time(task, seconds, next, catches);
  unwrap(task)->set_sleep(SleepUntil::kYield);
  unwrap(task)->set_step(function_cast<StepFn>(next), catches);
  return 0;
}
}  // namespace

int task_await(task_t *task, future_t *future, task_step_fn next) { return await(task, future, next, false); }
int task_await_catch(task_t *task, future_t *future, task_step_fn next) { return await(task, future, next, true); }
int task_await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next) {
  return await_coroutine(task, coroutine, next, false);
}
int task_await_coroutine_catch(task_t *task, coroutine_t *coroutine, task_step_fn next) {
  return await_coroutine(task, coroutine, next, true);
}
int task_await_take(task_t *task, coroutine_t *coroutine, task_step_fn next) {
  auto taken = Ref<Coroutine>::adopt(unwrap(coroutine));
  return await_coroutine(task, coroutine, next, false);
}
int task_await_take_catch(task_t *task, coroutine_t *coroutine, task_step_fn next) {
  auto taken = Ref<Coroutine>::adopt(unwrap(coroutine));
  return await_coroutine(task, coroutine, next, true);
}
int task_sleep(task_t *task, double seconds, task_step_fn next) { return sleep(task, seconds, next, false); }
int task_sleep_catch(task_t *task, double seconds, task_step_fn next) { return sleep(task, seconds, next, true); }

int task_return(task_t *task, value_t *value) {
  if (Status s = check_stepping(task)) return s;
  unwrap(task)->set_end(Ref<Value>(unwrap(value)));
  return 0;
}

int task_raise(task_t *task, exception_t *exception) {
  if (!exception) return status::INVALID;
  if (Status s = check_stepping(task)) return s;
  unwrap(task)->set_end(Ref<Exception>(unwrap(exception)));
  return 0;
}

namespace {
[[gnu::noinline]] int awaited(const task_t *task, value_t **ret_value) noexcept {
  Outcome *outcome;
  if (Status s = check_awaited(task, outcome)) return s;
  if (outcome->failed()) return outcome->cancelled() ? status::CANCELLED : status::EXCEPTION;
  return give_value(outcome->value(), ret_value);
}
}  // namespace

int task_awaited(task_t *task, value_t **ret_value) {
  if (!task || !unwrap(task)->can_suspend() || !ret_value) [[unlikely]] return awaited(task, ret_value);
  Outcome *outcome = unwrap(task)->awaited();
  if (!outcome || outcome->failed()) [[unlikely]] return awaited(task, ret_value);
  return give_value(outcome->value(), ret_value);
}

int task_awaited_exception(task_t *task, exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  Outcome *outcome;
  if (Status s = check_awaited(task, outcome)) return s;
  Ref<Exception> exception = outcome->exception();
  *ret_exception = wrap(exception.take());
  return 0;
}

// ---- from outside ----

int task_done(const task_t *task) { return task && unwrap(task)->done(); }
int task_cancelled(const task_t *task) { return task && unwrap(task)->cancelled(); }
int task_result(task_t *task, value_t **ret_value) { return future_result(task_as_future(task), ret_value); }
int task_exception(task_t *task, exception_t **ret_exception) {
  return future_exception(task_as_future(task), ret_exception);
}
int task_cancel(task_t *task, const char *message, int *ret_cancelled) {
  return future_cancel(task_as_future(task), message, ret_cancelled);
}

unsigned task_cancelling(const task_t *task) { return task ? unwrap(task)->cancelling() : 0; }

int task_uncancel(task_t *task, unsigned *ret_cancelling) {
  if (Status s = check(task)) return s;
  unsigned left = unwrap(task)->uncancel();
  if (ret_cancelling) *ret_cancelling = left;
  return 0;
}

int task_set_log_destroy_pending(task_t *task, int log) {
  if (Status s = check(task)) return s;
  unwrap(task)->set_log_destroy_pending(log != 0);
  return 0;
}

void *task_get_userdata(const task_t *task) {
  if (!task) return nullptr;
  Fiber *fiber = Fiber::of(*unwrap(task));
  return fiber ? fiber->userdata() : unwrap(task)->userdata();
}

int task_set_name(task_t *task, const char *name) {
  if (!name) return status::INVALID;
  if (Status s = check(task)) return s;
  return unwrap(task)->set_name(name);
}
const char *task_get_name(const task_t *task) { return task ? unwrap(task)->name() : ""; }

task_t *task_get_current(const loop_t *loop) { return loop ? wrap(unwrap(loop)->current_task) : nullptr; }
