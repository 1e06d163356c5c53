#include "boundary.hpp"

int loop_options_set_executor_threads(loop_options_t *options, size_t count) {
  if (!options || count == 0 || count > 1024) return status::INVALID;
  unwrap(options)->executor_threads = count;
  return 0;
}

int loop_run_in_executor(loop_t *loop, executor_fn fn, void *userdata, destroy_fn destroy, future_t **ret_future) {
  Userdata owned(userdata, destroy);
  if (!fn) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  Ref<Future> future;
  if (Status s = ExecutorFuture::start(*unwrap(loop), function_cast<ExecutorFn>(fn), std::move(owned), future))
    return s;
  if (ret_future) *ret_future = wrap(future.take());
  return 0;
}
