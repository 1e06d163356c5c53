#include "boundary.hpp"

coroutine_t *coroutine_ref(coroutine_t *coroutine) { return ref(coroutine); }
void coroutine_unref(coroutine_t *coroutine) { unref(coroutine); }

int coroutine_sleep(loop_t *loop, double seconds, coroutine_t **ret_coroutine) {
  int64_t ns;
  if (!ret_coroutine || to_ns(seconds, ns)) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  return give(op_sleep(*unwrap(loop), ns), ret_coroutine);
}

int coroutine_await(loop_t *loop, future_t *future, coroutine_t **ret_coroutine) {
  if (!future || !ret_coroutine) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  if (&unwrap(future)->loop() != unwrap(loop)) return status::WRONGLOOP;
  return give(op_await(*unwrap(loop), Local<Future>(unwrap(future))), ret_coroutine);
}

// ---- stacks of their own ----

#ifdef BOUCLE_COROUTINES

int loop_create_task(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy, task_t **ret_task) {
  Userdata owned(userdata, destroy);
  if (!fn) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  auto task = Ref<Task>::adopt(Fiber::spawn(*unwrap(loop), function_cast<CoroutineFn>(fn), std::move(owned)));
  if (!task) return status::NO_MEMORY;
  if (ret_task) *ret_task = wrap(task.take());
  return 0;
}

// Nothing in these may own anything while the body waits: if the task is dropped then, nobody comes back.

int await_future(future_t *future, value_t **ret_value) {
  if (!future) return status::INVALID;
  Fiber *fiber = Fiber::here();
  if (!fiber) return status::NOTASK;
  if (&unwrap(future)->loop() != &fiber->loop()) return status::WRONGLOOP;
  Ref<Value> value;
  if (Status s = fiber->await(*unwrap(future), value)) return s;
  return give_value(std::move(value), ret_value);
}

int await_coroutine(coroutine_t *coroutine, value_t **ret_value) {
  if (!coroutine) return status::INVALID;
  Fiber *fiber = Fiber::here();
  if (!fiber) return status::NOTASK;
  if (&unwrap(coroutine)->loop() != &fiber->loop()) return status::WRONGLOOP;
  if (!unwrap(coroutine)->is_fresh()) return status::BUSY;
  Ref<Value> value;
  if (Status s = fiber->await(*unwrap(coroutine), value)) return s;
  return give_value(std::move(value), ret_value);
}

int await_sleep(double seconds) {
  int64_t ns;
  if (to_ns(seconds, ns)) return status::INVALID;
  Fiber *fiber = Fiber::here();
  return fiber ? fiber->sleep(ns) : status::NOTASK;
}

int await_exception(exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  Fiber *fiber = Fiber::here();
  if (!fiber) return status::NOTASK;
  Ref<Error> error(fiber->failure());
  *ret_exception = wrap(error.take());
  return 0;
}

int await_raise(exception_t *exception) {
  if (!exception) return status::INVALID;
  Fiber *fiber = Fiber::here();
  return fiber ? fiber->raise(Ref<Error>(unwrap(exception))) : status::NOTASK;
}

#else

int loop_create_task(loop_t *, coroutine_fn, void *userdata, destroy_fn destroy, task_t **) {
  Userdata owned(userdata, destroy);
  return status::NOTSUPPORTED;
}
int await_future(future_t *, value_t **) { return status::NOTSUPPORTED; }
int await_coroutine(coroutine_t *, value_t **) { return status::NOTSUPPORTED; }
int await_sleep(double) { return status::NOTSUPPORTED; }
int await_exception(exception_t **) { return status::NOTSUPPORTED; }
int await_raise(exception_t *) { return status::NOTSUPPORTED; }

#endif
