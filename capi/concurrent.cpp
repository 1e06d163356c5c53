#include "boundary.hpp"

int loop_ensure_future_threadsafe(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                  concurrent_t **ret_concurrent) {
  Userdata owned(userdata, destroy);
  if (!loop || !step) return status::INVALID;
  if (Status s = unwrap(loop)->state.check_post()) return s;
  auto concurrent = Concurrent::start(*unwrap(loop), function_cast<StepFn>(step), std::move(owned));
  if (!concurrent) return status::NO_MEMORY;
  if (ret_concurrent) *ret_concurrent = wrap(concurrent.take());
  return 0;
}

concurrent_t *concurrent_ref(concurrent_t *concurrent) { return ref(concurrent); }
void concurrent_unref(concurrent_t *concurrent) { unref(concurrent); }
int concurrent_done(concurrent_t *concurrent) { return concurrent && unwrap(concurrent)->done(); }

namespace {
Status wait(concurrent_t *concurrent, double timeout, Outcome &ret_outcome) noexcept {
  int64_t ns;
  if (!concurrent || to_ns(timeout, ns)) return status::INVALID;
  return unwrap(concurrent)->wait(ns, ret_outcome);
}
}  // namespace

int concurrent_result(concurrent_t *concurrent, double timeout, value_t **ret_value) {
  Outcome outcome;
  if (Status s = wait(concurrent, timeout, outcome)) return s;
  if (Status s = outcome.status()) return s;
  return give_value(outcome.take_value(), ret_value);
}

int concurrent_exception(concurrent_t *concurrent, double timeout, exception_t **ret_exception) {
  Outcome outcome;
  if (!ret_exception) return status::INVALID;
  if (Status s = wait(concurrent, timeout, outcome)) return s;
  if (outcome.cancelled()) return status::CANCELLED;
  *ret_exception = wrap(outcome.exception().take());
  return 0;
}

int concurrent_cancel(concurrent_t *concurrent, int *ret_cancelled) {
  if (!concurrent) return status::INVALID;
  bool cancelled = unwrap(concurrent)->cancel(Exception::cancelled());
  if (ret_cancelled) *ret_cancelled = cancelled;
  return 0;
}
