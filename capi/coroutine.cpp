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
