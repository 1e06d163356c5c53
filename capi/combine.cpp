#include "boundary.hpp"

#include "async/gather.hpp"
#include "async/shield.hpp"

namespace {
// The checks of functions that take several futures of one loop.
Status check_futures(const loop_t *loop, future_t *const *futures, size_t count) noexcept {
  if (!futures && count) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  for (size_t i = 0; i < count; ++i) {
    if (!futures[i]) return status::INVALID;
    if (&unwrap(futures[i])->loop() != unwrap(loop)) return status::WRONGLOOP;
  }
  return 0;
}

std::span<Future *const> span_of(future_t *const *futures, size_t count) noexcept { return {unwrap(futures), count}; }

// Negative or infinite: kNoTimeout.
Status to_timeout(double seconds, int64_t &ret_ns) noexcept {
  if (Status s = to_ns(seconds, ret_ns)) return s;
  if (seconds < 0 || std::isinf(seconds)) ret_ns = kNoTimeout;
  return 0;
}
// Infinite: kNoTimeout. 0 or less: the timeout is over at once.
Status to_limit(double seconds, int64_t &ret_ns) noexcept {
  if (Status s = to_ns(seconds, ret_ns)) return s;
  if (std::isinf(seconds) && seconds > 0) ret_ns = kNoTimeout;
  return 0;
}
// Infinite: kNever.
Status to_when(double seconds, int64_t &ret_ns) noexcept {
  if (Status s = to_ns(seconds, ret_ns)) return s;
  ret_ns = std::isinf(seconds) && seconds > 0 ? TimerQueue::kNever : std::max<int64_t>(0, ret_ns);
  return 0;
}
}  // namespace

int loop_gather(loop_t *loop, future_t *const *futures, size_t count, int return_exceptions, future_t **ret_future) {
  if (!ret_future) return status::INVALID;
  if (Status s = check_futures(loop, futures, count)) return s;
  return give(Ref<Future>::adopt(gather(*unwrap(loop), span_of(futures, count), return_exceptions != 0)), ret_future);
}

int loop_shield(loop_t *loop, future_t *future, future_t **ret_future) {
  if (!ret_future) return status::INVALID;
  if (Status s = check_futures(loop, &future, 1)) return s;
  return give(Ref<Future>::adopt(shield(*unwrap(loop), *unwrap(future))), ret_future);
}

int loop_wait(loop_t *loop, future_t *const *futures, size_t count, wait_mode_t mode, double timeout,
              coroutine_t **ret_coroutine) {
  int64_t ns;
  int chosen = number_of(mode);
  bool is_listed = chosen >= WAIT_FIRST_COMPLETED && chosen <= WAIT_ALL_COMPLETED;
  if (!count || !ret_coroutine || !is_listed || to_timeout(timeout, ns)) return status::INVALID;
  if (Status s = check_futures(loop, futures, count)) return s;
  static_assert(WAIT_FIRST_EXCEPTION == int(WaitMode::FirstException) &&
                WAIT_ALL_COMPLETED == int(WaitMode::AllCompleted));
  return guard([&] {
    std::vector<Local<Future>> distinct = distinct_futures(span_of(futures, count));
    return give(async_wait(*unwrap(loop), std::move(distinct), static_cast<WaitMode>(chosen), ns), ret_coroutine);
  });
}

int loop_wait_for(loop_t *loop, future_t *future, double timeout, coroutine_t **ret_coroutine) {
  int64_t ns;
  if (!ret_coroutine || to_limit(timeout, ns)) return status::INVALID;
  if (Status s = check_futures(loop, &future, 1)) return s;
  return give(async_wait_for(*unwrap(loop), Local<Future>(unwrap(future)), ns), ret_coroutine);
}

int await_wait_for(future_t *future, double timeout, value_t **ret_value) {
  int64_t ns;
  if (to_limit(timeout, ns)) return status::INVALID;
  return await_async(future, ret_value,
                     [ns](Loop &loop, Local<Future> f) { return async_wait_for(loop, std::move(f), ns); });
}

int loop_wait_for_coroutine(loop_t *loop, coroutine_t *coroutine, double timeout, coroutine_t **ret_coroutine) {
  int64_t ns;
  if (!coroutine || !ret_coroutine || to_limit(timeout, ns)) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (&unwrap(coroutine)->loop() != unwrap(loop)) return status::WRONGLOOP;
  if (!unwrap(coroutine)->is_fresh()) return status::BUSY;
  return give(async_wait_for_coroutine(*unwrap(loop), Local<Coroutine>(unwrap(coroutine)), ns), ret_coroutine);
}

// ---- as_completed ----

int loop_as_completed(loop_t *loop, future_t *const *futures, size_t count, double timeout,
                      completion_t **ret_completion) {
  int64_t ns;
  if (!ret_completion || to_timeout(timeout, ns)) return status::INVALID;
  if (Status s = check_futures(loop, futures, count)) return s;
  return give(Ref<Completion>::adopt(Completion::make(*unwrap(loop), span_of(futures, count), ns)), ret_completion);
}
completion_t *completion_ref(completion_t *completion) { return ref(completion); }
void completion_unref(completion_t *completion) { unref(completion); }

int completion_next(completion_t *completion, coroutine_t **ret_coroutine) {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(completion)) return s;
  Completion &c = *unwrap(completion);
  if (!c.has_next()) return status::INVALIDSTATE;
  return give(async_next(c.loop(), Local<Completion>(&c)), ret_coroutine);
}

// ---- timeouts ----

int timeout_new(loop_t *loop, double when, timeout_t **ret_timeout) {
  int64_t ns;
  if (!ret_timeout || to_when(when, ns)) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(Ref<Timeout>::adopt(Timeout::make(*unwrap(loop), ns)), ret_timeout);
}
timeout_t *timeout_ref(timeout_t *timeout) { return ref(timeout); }
void timeout_unref(timeout_t *timeout) { unref(timeout); }

int timeout_enter(timeout_t *timeout) {
  if (Status s = check_open(timeout)) return s;
  return unwrap(timeout)->enter();
}

int timeout_exit(timeout_t *timeout, exception_t *exception, exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  if (Status s = check(timeout)) return s;
  if (!unwrap(timeout)->is_entered()) return status::EXPIRED;
  Outcome outcome = unwrap(timeout)->exit(Ref<Exception>(unwrap(exception)));
  *ret_exception = wrap(outcome.take_exception().take());
  return 0;
}

int timeout_reschedule(timeout_t *timeout, double when) {
  int64_t ns;
  if (to_when(when, ns)) return status::INVALID;
  if (Status s = check_open(timeout)) return s;
  return unwrap(timeout)->reschedule(ns);
}

double timeout_when(const timeout_t *timeout) {
  if (!timeout || unwrap(timeout)->when() == TimerQueue::kNever) return std::numeric_limits<double>::infinity();
  return to_seconds(unwrap(timeout)->when());
}
int timeout_expired(const timeout_t *timeout) { return timeout && unwrap(timeout)->expired(); }
const char *timeout_state(const timeout_t *timeout) { return timeout ? unwrap(timeout)->state_name() : ""; }

// ---- task groups ----

int task_group_new(loop_t *loop, task_group_t **ret_group) {
  if (!ret_group) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(Ref<TaskGroup>::adopt(TaskGroup::make(*unwrap(loop))), ret_group);
}
task_group_t *task_group_ref(task_group_t *group) { return ref(group); }
void task_group_unref(task_group_t *group) { unref(group); }

int task_group_enter(task_group_t *group) {
  if (Status s = check_open(group)) return s;
  return unwrap(group)->enter();
}

int task_group_check(const task_group_t *group) {
  if (Status s = check_open(group)) return s;
  return unwrap(group)->check();
}

int task_group_add(task_group_t *group, task_t *task) {
  if (!task) return status::INVALID;
  if (Status s = task_group_check(group)) return s;
  if (&unwrap(task)->loop() != &unwrap(group)->loop()) return status::WRONGLOOP;
  return unwrap(group)->add(*unwrap(task));
}

const char *task_group_state(const task_group_t *group) { return group ? unwrap(group)->state_name() : ""; }

int task_group_ensure_future(task_group_t *group, task_step_fn step, void *userdata, destroy_fn destroy,
                             task_t **ret_task) {
  Userdata owned(userdata, destroy);
  if (!step) return status::INVALID;
  if (Status s = task_group_check(group)) return s;
  auto make = [&](Loop &loop) { return Task::make(loop, function_cast<StepFn>(step), std::move(owned)); };
  return give_task(unwrap(group)->add_new(make), ret_task);
}

int task_group_create_task(task_group_t *group, coroutine_fn fn, void *userdata, destroy_fn destroy,
                           task_t **ret_task) {
  Userdata owned(userdata, destroy);
#ifdef BOUCLE_COROUTINES
  if (!fn) return status::INVALID;
  if (Status s = task_group_check(group)) return s;
  auto make = [&](Loop &loop) { return Fiber::spawn(loop, function_cast<CoroutineFn>(fn), std::move(owned)); };
  return give_task(unwrap(group)->add_new(make), ret_task);
#else
  (void)group, (void)fn, (void)ret_task;
  return status::NOTSUPPORTED;
#endif
}

int task_group_exit(task_group_t *group, exception_t *exception, coroutine_t **ret_coroutine) {
  if (!ret_coroutine) return status::INVALID;
  if (Status s = check_open(group)) return s;
  TaskGroup &g = *unwrap(group);
  if (!g.can_exit()) return status::INVALIDSTATE;
  return give(async_exit(g.loop(), Local<TaskGroup>(&g), Ref<Exception>(unwrap(exception))), ret_coroutine);
}
