#include "boundary.hpp"
#include "loop/calling.hpp"

// ---- options ----

int loop_options_new(loop_options_t **ret_options) {
  if (!ret_options) return status::INVALID;
  return give(Ref<LoopOptions>::adopt(new (std::nothrow) LoopOptions), ret_options);
}
loop_options_t *loop_options_ref(loop_options_t *options) { return ref(options); }
void loop_options_unref(loop_options_t *options) { unref(options); }

int loop_options_set_clock(loop_options_t *options, loop_clock_t clock) {
  int chosen = number_of(clock);
  if (!options || (chosen != LOOP_CLOCK_MONOTONIC && chosen != LOOP_CLOCK_VIRTUAL)) return status::INVALID;
  unwrap(options)->virtual_clock = chosen == LOOP_CLOCK_VIRTUAL;
  return 0;
}

int loop_options_set_poller(loop_options_t *options, loop_poller_t poller) {
  int chosen = number_of(poller);
  if (!options || chosen < LOOP_POLLER_AUTO || chosen > LOOP_POLLER_POLL) return status::INVALID;
  static_assert(LOOP_POLLER_EPOLL == int(PollerKind::Epoll) && LOOP_POLLER_POLL == int(PollerKind::Poll));
  unwrap(options)->poller = static_cast<PollerKind>(chosen);
  return 0;
}

int loop_options_set_debug(loop_options_t *options, int debug) {
  if (!options) return status::INVALID;
  unwrap(options)->debug = debug != 0;
  return 0;
}

int loop_options_set_stack_size(loop_options_t *options, size_t size) {
  if (!options || size > SIZE_MAX / 4) return status::INVALID;
  unwrap(options)->stack_size = size;
  return 0;
}

int loop_options_set_spin(loop_options_t *options, double seconds) {
  int64_t ns;
  if (!options || to_ns(seconds, ns) || seconds < 0) return status::INVALID;
  unwrap(options)->spin_ns = ns;
  return 0;
}

int loop_options_set_timer_slack(loop_options_t *options, double seconds) {
  int64_t ns;
  if (!options || to_ns(seconds, ns) || seconds < 0) return status::INVALID;
  unwrap(options)->timer_slack_ns = ns;
  return 0;
}

int loop_options_set_post_limit(loop_options_t *options, size_t size) {
  if (!options || size == 0) return status::INVALID;
  unwrap(options)->post_limit = size;
  return 0;
}

// ---- life ----

int loop_new(const loop_options_t *options, loop_t **ret_loop) {
  if (!ret_loop) return status::INVALID;
  Loop *loop;
  if (Status s = make_loop(options, loop)) return s;
  *ret_loop = wrap(loop);
  return 0;
}
loop_t *loop_ref(loop_t *loop) { return ref(loop); }
void loop_unref(loop_t *loop) { unref(loop); }
int loop_close(loop_t *loop) {
  if (!loop) return status::INVALID;
  Ref<Loop> keep(unwrap(loop));  // a dropped callback may have the last reference
  return keep->close();
}
int loop_is_closed(const loop_t *loop) { return loop && unwrap(loop)->is_closed(); }
int loop_is_running(const loop_t *loop) { return loop && unwrap(loop)->is_running(); }

// ---- running ----

int loop_run_until_complete(loop_t *loop, future_t *future, value_t **ret_value) {
  if (!loop || !future) return status::INVALID;
  if (&unwrap(future)->loop() != unwrap(loop)) return status::WRONGLOOP;
  Ref<Future> keep(unwrap(future));  // a shared reference: another thread may be running the loop
  if (Status s = run_until_complete(*unwrap(loop), *keep)) return s;
  Ref<Value> value;
  if (Status s = keep->result(value)) return s;
  return give_value(std::move(value), ret_value);
}

int loop_run_forever(loop_t *loop) { return loop ? unwrap(loop)->run_forever() : status::INVALID; }

int loop_stop(loop_t *loop) {
  if (Status s = check(loop)) return s;
  unwrap(loop)->turn.stop();
  return 0;
}

int loop_stop_threadsafe(loop_t *loop) {
  if (!loop) return status::INVALID;
  return unwrap(loop)->stop_threadsafe();
}

int loop_shutdown(loop_t *loop) { return loop ? shut_down(*unwrap(loop)) : status::INVALID; }

int loop_run_once(loop_t *loop, double timeout) {
  int64_t ns;
  if (!loop || to_ns(timeout, ns)) return status::INVALID;
  return unwrap(loop)->run_once(ns < 0 || ns >= kFarthest ? -1 : ns);
}

int loop_take_exit(loop_t *loop, exception_t **ret_exception) {
  if (!loop || !ret_exception) return status::INVALID;
  if (Status s = check(loop)) return s;
  Ref<Exception> exception = unwrap(loop)->dispatch.take_exit();
  return exception ? give(std::move(exception), ret_exception) : status::INVALIDSTATE;
}

// ---- time ----

double loop_time(const loop_t *loop) { return loop ? to_seconds(unwrap(loop)->now_anywhere()) : 0; }
int loop_fd(const loop_t *loop) { return loop ? unwrap(loop)->fd() : -1; }
double loop_timeout(const loop_t *loop) {
  int64_t ns = loop ? unwrap(loop)->timeout_ns() : -1;
  return ns < 0 ? -1 : to_seconds(ns);
}

// ---- callbacks ----

namespace {
Callback callback(loop_callback_fn fn, void *userdata, destroy_fn destroy) noexcept {
  return {function_cast<LoopFn>(fn), Userdata(userdata, destroy), nullptr};
}
// Calls f, which schedules a callback. Gives the handle to the user, unless ret_handle is NULL.
template <class F>
int schedule(loop_t *loop, loop_callback_fn fn, handle_t **ret_handle, F &&f) noexcept {
  if (!loop || !fn) return status::INVALID;
  Handle *handle = nullptr;
  if (Status s = f(*unwrap(loop), ret_handle ? &handle : nullptr)) return s;
  if (ret_handle) *ret_handle = wrap(handle);
  return 0;
}

// Not inline: saving and restoring its registers would be most of the cost of a call without a handle.
[[gnu::noinline]] int call_soon_for_handle(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                           handle_t **ret_handle) noexcept {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_soon(std::move(owned), ret); });
}
}  // namespace

int loop_call_soon(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy, handle_t **ret_handle) {
  if (loop && fn && !ret_handle) [[likely]]
    return unwrap(loop)->call_soon(function_cast<LoopFn>(fn), userdata, destroy);
  return call_soon_for_handle(loop, fn, userdata, destroy, ret_handle);
}

int loop_call_soon_threadsafe(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                              handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle,
                  [&](Loop &l, Handle **ret) { return l.call_soon_threadsafe(std::move(owned), ret); });
}

int loop_call_soon_locked(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                          handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  return schedule(loop, fn, ret_handle,
                  [&](Loop &l, Handle **ret) { return l.call_soon_locked(std::move(owned), ret); });
}

int loop_call_later(loop_t *loop, double delay, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                    handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  int64_t ns;
  if (to_ns(delay, ns)) return status::INVALID;
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_later(ns, std::move(owned), ret); });
}

int loop_call_at(loop_t *loop, double when, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                 handle_t **ret_handle) {
  Callback owned = callback(fn, userdata, destroy);
  int64_t ns;
  if (to_ns(when, ns)) return status::INVALID;
  return schedule(loop, fn, ret_handle, [&](Loop &l, Handle **ret) { return l.call_at(ns, std::move(owned), ret); });
}

int loop_raise(loop_t *loop, exception_t *exception) {
  if (!loop || !exception) return status::INVALID;
  if (Status s = check(loop)) return s;
  return unwrap(loop)->dispatch.raise(Ref<Exception>(unwrap(exception)));
}

handle_t *handle_ref(handle_t *handle) { return ref(handle); }
void handle_unref(handle_t *handle) { unref(handle); }

int handle_cancel(handle_t *handle) {
  if (!handle) return status::INVALID;
  if (Status s = unwrap(handle)->loop().state.check_access()) return s;
  unwrap(handle)->cancel();
  return 0;
}
int handle_again(handle_t *handle, double delay) {
  int64_t ns;
  if (!handle || to_ns(delay, ns)) return status::INVALID;
  if (Status s = unwrap(handle)->loop().state.check_open()) return s;
  return unwrap(handle)->move_to(unwrap(handle)->loop().scheduler.deadline_after(ns));
}
int handle_cancelled(const handle_t *handle) { return handle && unwrap(handle)->is_cancelled(); }
double handle_when(const handle_t *handle) { return handle ? to_seconds(unwrap(handle)->when()) : 0; }

// ---- descriptors and signals ----

namespace {
int add_watcher(loop_t *loop, int fd, unsigned direction, loop_callback_fn fn, void *userdata, destroy_fn destroy) {
  Callback owned = callback(fn, userdata, destroy);
  if (!loop || !fn) return status::INVALID;
  if (Status s = unwrap(loop)->state.check_open()) return s;
  return unwrap(loop)->driver.descriptors.add_watcher(fd, direction, std::move(owned));
}
template <class F>
int remove(loop_t *loop, int *ret_removed, F &&f) noexcept {
  if (!loop) return status::INVALID;
  if (Status s = unwrap(loop)->state.check_open()) return s;
  bool removed = f(unwrap(loop)->driver);
  if (ret_removed) *ret_removed = removed;
  return 0;
}
}  // namespace

int loop_add_reader(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy) {
  return add_watcher(loop, fd, kReadable, fn, userdata, destroy);
}
int loop_add_writer(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy) {
  return add_watcher(loop, fd, kWritable, fn, userdata, destroy);
}
int loop_remove_reader(loop_t *loop, int fd, int *ret_removed) {
  return remove(loop, ret_removed, [&](Driver &driver) { return driver.descriptors.remove_watcher(fd, kReadable); });
}
int loop_remove_writer(loop_t *loop, int fd, int *ret_removed) {
  return remove(loop, ret_removed, [&](Driver &driver) { return driver.descriptors.remove_watcher(fd, kWritable); });
}

int loop_add_signal_handler(loop_t *loop, int signal, loop_callback_fn fn, void *userdata, destroy_fn destroy) {
  Callback owned = callback(fn, userdata, destroy);
  if (!loop || !fn) return status::INVALID;
  if (Status s = unwrap(loop)->state.check_open()) return s;
  return unwrap(loop)->driver.signals.add(signal, std::move(owned));
}
int loop_remove_signal_handler(loop_t *loop, int signal, int *ret_removed) {
  return remove(loop, ret_removed, [&](Driver &driver) { return driver.signals.remove(signal); });
}

int loop_set_wait_hook(loop_t *loop, loop_wait_fn fn, void *userdata, destroy_fn destroy) {
  Userdata owned(userdata, destroy);
  if (!loop) return status::INVALID;
  if (Status s = unwrap(loop)->state.check_open()) return s;
  return unwrap(loop)->driver.set_wait_hook(function_cast<WaitFn>(fn), std::move(owned));
}

// ---- reports: errors that nobody handled ----

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

// ---- debugging, and which loop ----

int loop_set_debug(loop_t *loop, int debug) {
  if (Status s = check(loop)) return s;
  unwrap(loop)->dispatch.debug = debug != 0;
  return 0;
}
int loop_get_debug(const loop_t *loop) { return loop && unwrap(loop)->dispatch.debug; }

int loop_set_slow_callback_duration(loop_t *loop, double seconds) {
  int64_t ns;
  if (!loop || to_ns(seconds, ns)) return status::INVALID;
  if (Status s = check(loop)) return s;
  unwrap(loop)->dispatch.slow_callback_ns = ns;
  return 0;
}

loop_t *loop_get_running(void) { return wrap(Loop::running_here()); }
loop_t *loop_get_current(void) { return wrap(Loop::current_here()); }
int loop_set_current(loop_t *loop) { return Loop::set_current(unwrap(loop)); }

int loop_all_tasks(const loop_t *loop, task_t **tasks, size_t capacity, size_t *ret_count) {
  if (!loop || (!tasks && capacity) || !ret_count) return status::INVALID;
  if (Status s = check(loop)) return s;
  return guard([&] {
    std::vector<Ref<Task>> all = all_tasks(*unwrap(loop));
    *ret_count = all.size();
    for (size_t i = 0; i < all.size() && i < capacity; ++i) tasks[i] = wrap(all[i].take());
    return 0;
  });
}

size_t loop_live_objects(void) { return live_objects.load(); }
const char *loop_version(void) { return BOUCLE_VERSION; }
