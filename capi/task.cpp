#include "boundary.hpp"

// ---- making ----

namespace {
// Not inline: saving and restoring its registers would be much of the cost of the usual call.
[[gnu::noinline]] int ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                    task_t **ret_task) noexcept {
  Userdata owned(userdata, destroy);
  if (!step) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give_task(Task::make(*unwrap(loop), function_cast<StepFn>(step), std::move(owned)), ret_task);
}
}  // namespace

int loop_ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy, task_t **ret_task) {
  if (loop && step && ret_task) [[likely]] {
    Task *task = Task::make_here(*unwrap(loop), function_cast<StepFn>(step), userdata, destroy);
    if (task) [[likely]] {
      *ret_task = wrap(task);
      return 0;
    }
  }
  return ensure_future(loop, step, userdata, destroy, ret_task);
}

int loop_ensure_coroutine(loop_t *loop, coroutine_t *coroutine, task_t **ret_task) {
  if (!coroutine) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (&unwrap(coroutine)->loop() != unwrap(loop)) return status::WRONGLOOP;
  if (!unwrap(coroutine)->is_fresh()) return status::BUSY;
  return give_task(Task::make(*unwrap(loop), Local<Coroutine>(unwrap(coroutine))), ret_task);
}

int loop_run(const loop_options_t *options, task_step_fn step, void *userdata, destroy_fn destroy, value_t **ret_value,
             exception_t **ret_exception) {
  Userdata owned(userdata, destroy);
  if (!step) return status::INVALID;
  if (Loop::running_here()) return status::RUNNING;
  Loop *made;
  if (Status s = make_loop(options, made)) return s;
  auto loop = Ref<Loop>::adopt(made);
  auto task = Ref<Task>::adopt(Task::make(*loop, function_cast<StepFn>(step), std::move(owned)));
  if (!task) return status::NO_MEMORY;
  Ref<Value> value;
  Ref<Exception> exception;
  Status result = run(*loop, *task, value, exception);
  if (result == 0) return give_value(std::move(value), ret_value);
  if (exception && ret_exception) *ret_exception = wrap(exception.take());
  return result;
}

task_t *task_ref(task_t *task) { return ref(task); }
void task_unref(task_t *task) { unref(task); }
future_t *task_as_future(task_t *task) { return wrap(static_cast<Future *>(unwrap(task))); }

loop_t *task_get_loop(const task_t *task) { return future_get_loop(wrap(static_cast<Future *>(unwrap(task)))); }

// ---- inside a step ----

namespace {
inline int await(task_t *task, future_t *future, task_step_fn next, bool catches) noexcept {
  if (!task || !future || !next) [[unlikely]]
    return status::INVALID;
  return unwrap(task)->await_then(*unwrap(future), function_cast<StepFn>(next), catches);
}

int await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next, bool catches) noexcept {
  if (!task || !coroutine || !next) return status::INVALID;
  return unwrap(task)->await_then(*unwrap(coroutine), function_cast<StepFn>(next), catches);
}

inline int sleep(task_t *task, double seconds, task_step_fn next, bool catches) noexcept {
  int64_t ns = 0;
  if (!task || !next || (!(seconds <= 0) && to_ns(seconds, ns))) [[unlikely]]
    return status::INVALID;
  return unwrap(task)->sleep_then(ns, function_cast<StepFn>(next), catches);
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

int task_return(task_t *task, value_t *value) { return task ? unwrap(task)->end(unwrap(value)) : status::INVALID; }

int task_raise(task_t *task, exception_t *exception) {
  return task && exception ? unwrap(task)->end(unwrap(exception)) : status::INVALID;
}

int task_awaited(task_t *task, value_t **ret_value) {
  if (!task) return status::INVALID;
  const Outcome *outcome = unwrap(task)->awaited_here();
  if (!outcome) [[unlikely]]
    return unwrap(task)->why_not_awaited();
  if (outcome->failed()) [[unlikely]]
    return outcome->status();
  return give_value(outcome->value(), ret_value);
}

int task_awaited_exception(task_t *task, exception_t **ret_exception) {
  if (!task || !ret_exception) return status::INVALID;
  const Outcome *outcome = unwrap(task)->awaited_here();
  if (!outcome) return unwrap(task)->why_not_awaited();
  *ret_exception = wrap(outcome->exception().take());
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
