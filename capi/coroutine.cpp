#include "boundary.hpp"

coroutine_t *coroutine_ref(coroutine_t *coroutine) { return ref(coroutine); }
void coroutine_unref(coroutine_t *coroutine) { unref(coroutine); }

int coroutine_sleep(loop_t *loop, double seconds, coroutine_t **ret_coroutine) {
  int64_t ns;
  if (!ret_coroutine || to_ns(seconds, ns)) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(async_sleep(*unwrap(loop), ns), ret_coroutine);
}

int coroutine_await(loop_t *loop, future_t *future, coroutine_t **ret_coroutine) {
  if (!future || !ret_coroutine) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (&unwrap(future)->loop() != unwrap(loop)) return status::WRONGLOOP;
  return give(async_await(*unwrap(loop), Local<Future>(unwrap(future))), ret_coroutine);
}

// ---- stacks of their own ----

int task_options_new(task_options_t **ret_options) {
  if (!ret_options) return status::INVALID;
  return give(Ref<TaskOptions>::adopt(new (std::nothrow) TaskOptions), ret_options);
}
task_options_t *task_options_ref(task_options_t *options) { return ref(options); }
void task_options_unref(task_options_t *options) { unref(options); }

int task_options_set_stack_size(task_options_t *options, size_t size) {
  if (!options || size > SIZE_MAX / 4) return status::INVALID;
  unwrap(options)->stack_size = size;
  return 0;
}

int loop_create_task(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy, task_t **ret_task) {
  return loop_create_task_with(loop, nullptr, fn, userdata, destroy, ret_task);
}

#ifdef BOUCLE_COROUTINES

int loop_create_task_with(loop_t *loop, const task_options_t *options, coroutine_fn fn, void *userdata,
                          destroy_fn destroy, task_t **ret_task) {
  Userdata owned(userdata, destroy);
  if (!fn) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  size_t size = options ? unwrap(options)->stack_size : 0;
  return give_task(Fiber::spawn(*unwrap(loop), function_cast<CoroutineFn>(fn), std::move(owned), size), ret_task);
}

// Nothing in these functions may own anything while the body waits: if the task is destroyed then, its stack is freed
// and nothing is unwound.

int await_future(future_t *future, value_t **ret_value) {
  if (!future) return status::INVALID;
  Fiber *fiber = Fiber::current();
  if (!fiber) return status::NOTASK;
  if (&unwrap(future)->loop() != &fiber->loop()) return status::WRONGLOOP;
  Ref<Value> value;
  if (Status s = fiber->await(*unwrap(future), value)) return s;
  return give_value(std::move(value), ret_value);
}

namespace {
// Returns 0 and the calling body; or why that cannot await the coroutine.
Status check_await(const coroutine_t *coroutine, Fiber *&ret_fiber) noexcept {
  if (!coroutine) return status::INVALID;
  ret_fiber = Fiber::current();
  if (!ret_fiber) return status::NOTASK;
  if (&unwrap(coroutine)->loop() != &ret_fiber->loop()) return status::WRONGLOOP;
  return unwrap(coroutine)->is_fresh() ? 0 : status::BUSY;
}
}  // namespace

int await_coroutine(coroutine_t *coroutine, value_t **ret_value) {
  Fiber *fiber;
  if (Status s = check_await(coroutine, fiber)) return s;
  Ref<Value> value;
  if (Status s = fiber->await(*unwrap(coroutine), value)) return s;
  return give_value(std::move(value), ret_value);
}

int await_take(coroutine_t *coroutine, value_t **ret_value) {
  auto taken = Ref<Coroutine>::adopt(unwrap(coroutine));
  Fiber *fiber;
  if (Status s = check_await(coroutine, fiber)) return s;
  Local<Coroutine> fresh(taken.get());
  taken = nullptr;
  return await_in(*fiber, std::move(fresh), ret_value);
}

int await_sleep(double seconds) {
  int64_t ns;
  if (to_ns(seconds, ns)) return status::INVALID;
  Fiber *fiber = Fiber::current();
  return fiber ? fiber->sleep(ns) : status::NOTASK;
}

int await_exception(exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  Fiber *fiber = Fiber::current();
  if (!fiber) return status::NOTASK;
  Ref<Exception> exception(fiber->failure());
  *ret_exception = wrap(exception.take());
  return 0;
}

int await_exception_matches(const char *kind) {
  Fiber *fiber = Fiber::current();
  Exception *failure = fiber ? fiber->failure() : nullptr;
  return kind && failure && failure->matches(kind);
}

int await_raise(exception_t *exception) {
  if (!exception) return status::INVALID;
  Fiber *fiber = Fiber::current();
  return fiber ? fiber->raise(Ref<Exception>(unwrap(exception))) : status::NOTASK;
}

#else

int loop_create_task_with(loop_t *, const task_options_t *, coroutine_fn, void *userdata, destroy_fn destroy,
                          task_t **) {
  Userdata owned(userdata, destroy);
  return status::NOTSUPPORTED;
}
int await_future(future_t *, value_t **) { return status::NOTSUPPORTED; }
int await_coroutine(coroutine_t *, value_t **) { return status::NOTSUPPORTED; }
int await_take(coroutine_t *coroutine, value_t **) {
  unref(coroutine);
  return status::NOTSUPPORTED;
}
int await_sleep(double) { return status::NOTSUPPORTED; }
int await_exception(exception_t **) { return status::NOTSUPPORTED; }
int await_exception_matches(const char *) { return 0; }
int await_raise(exception_t *) { return status::NOTSUPPORTED; }

#endif
