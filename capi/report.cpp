#include "boundary.hpp"

int loop_set_exception_handler(loop_t *loop, loop_exception_handler_fn fn, void *userdata, destroy_fn destroy) {
  Userdata owned(userdata, destroy);
  if (Status s = check(loop)) return s;
  unwrap(loop)->dispatch.set_exception_handler(function_cast<ReportFn>(fn), std::move(owned));
  return 0;
}

void loop_default_exception_handler(loop_t *, const report_t *report) {
  if (report) Dispatch::print(*unwrap(report));
}

int loop_call_exception_handler(loop_t *loop, const char *message, exception_t *exception, future_t *future) {
  if (!loop || !message) return status::INVALID;
  if (Status s = check(loop)) return s;
  Ref<Loop> keep_loop(unwrap(loop));  // the handler may drop what the caller only lends
  Ref<Exception> keep_error(unwrap(exception));
  Ref<Future> keep_future(unwrap(future));
  bool is_task = future && unwrap(future)->is_task();
  unwrap(loop)->dispatch.report(
      {.message = message, .exception = unwrap(exception), .future = unwrap(future), .is_task = is_task});
  return 0;
}

const char *report_message(const report_t *report) { return report ? unwrap(report)->message : nullptr; }
exception_t *report_exception(const report_t *report) { return report ? wrap(unwrap(report)->exception) : nullptr; }
future_t *report_future(const report_t *report) {
  return report ? wrap(static_cast<Future *>(unwrap(report)->future)) : nullptr;
}
task_t *report_task(const report_t *report) {
  if (!report || !unwrap(report)->is_task) return nullptr;
  return wrap(static_cast<Future *>(unwrap(report)->future)->as_task());
}
void *report_userdata(const report_t *report) { return report ? unwrap(report)->userdata : nullptr; }
