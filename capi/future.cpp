#include "boundary.hpp"

int loop_create_future(loop_t *loop, future_t **ret_future) {
  if (!ret_future) return status::INVALID;
  if (Status s = check(loop)) return s;
  return give(Ref<Future>::adopt(Future::make(*unwrap(loop))), ret_future);
}
future_t *future_ref(future_t *future) { return ref(future); }
void future_unref(future_t *future) { unref(future); }

int future_done(const future_t *future) { return future && unwrap(future)->done(); }
int future_cancelled(const future_t *future) { return future && unwrap(future)->cancelled(); }

namespace {
Status check_settable(future_t *future) noexcept {
  if (Status s = check(future)) return s;
  return unwrap(future)->is_task() ? status::NOTSUPPORTED : 0;
}
}  // namespace

int future_set_result(future_t *future, value_t *value) {
  if (Status s = check_settable(future)) return s;
  return unwrap(future)->set_result(Ref<Value>(unwrap(value)));
}

int future_set_exception(future_t *future, exception_t *exception) {
  if (!exception) return status::INVALID;
  if (Status s = check_settable(future)) return s;
  return unwrap(future)->set_exception(Ref<Exception>(unwrap(exception)));
}

int future_result(future_t *future, value_t **ret_value) {
  if (Status s = check(future)) return s;
  Ref<Value> value;
  if (Status s = unwrap(future)->result(value)) return s;
  return give_value(std::move(value), ret_value);
}

int future_exception(future_t *future, exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  if (Status s = check(future)) return s;
  Future &f = *unwrap(future);
  if (!f.done()) return status::INVALIDSTATE;
  if (f.cancelled()) return status::CANCELLED;
  Ref<Exception> exception = f.exception();
  *ret_exception = wrap(exception.take());
  return 0;
}

int future_cancelled_error(future_t *future, exception_t **ret_exception) {
  if (!ret_exception) return status::INVALID;
  if (Status s = check(future)) return s;
  Future &f = *unwrap(future);
  if (!f.ended_cancelled()) return status::INVALIDSTATE;
  return give(f.exception(), ret_exception);
}

int future_cancel(future_t *future, const char *message, int *ret_cancelled) {
  if (Status s = check(future)) return s;
  Future &f = *unwrap(future);
  return guard([&] {
    bool cancelled;
    if (Status s = f.cancel(message ? Exception::make("CancelledError", message) : Exception::cancelled(), cancelled))
      return s;
    if (ret_cancelled) *ret_cancelled = cancelled;
    return 0;
  });
}

int future_add_done_callback(future_t *future, future_callback_fn fn, void *userdata, destroy_fn destroy) {
  Userdata owned(userdata, destroy);
  if (!fn) return status::INVALID;
  if (Status s = check(future)) return s;
  return unwrap(future)->add_done_callback(function_cast<FutureFn>(fn), std::move(owned));
}

int future_remove_done_callback(future_t *future, future_callback_fn fn, void *userdata, size_t *ret_removed) {
  if (!fn) return status::INVALID;
  if (Status s = check(future)) return s;
  size_t removed = unwrap(future)->remove_done_callback(function_cast<FutureFn>(fn), userdata);
  if (ret_removed) *ret_removed = removed;
  return 0;
}

loop_t *future_get_loop(const future_t *future) {
  if (!future) return nullptr;
  Loop &loop = unwrap(future)->loop();
  return loop.is_orphaned() ? nullptr : wrap(&loop);
}
task_t *future_as_task(future_t *future) { return future ? wrap(unwrap(future)->as_task()) : nullptr; }
