#include "async/host.hpp"

#include "boundary.hpp"

// The public constants have the values of core.
static_assert(int(HOST_STATE_LEFT) == Host::kLeft && int(HOST_STATE_DROPPED) == Host::kDropped);
static_assert(HOST_FORGET == int(Host::AnswerKind::Forget) && HOST_END == int(Host::AnswerKind::End));
static_assert(HOST_REPORT == int(Host::EventKind::Report) && HOST_STEP == int(Host::EventKind::Step));

namespace {
Status check_open_host(const host_t *host) noexcept {
  if (!host) return status::INVALID;
  return unwrap(host)->loop() ? unwrap(host)->loop()->state.check_open() : status::CLOSED;
}
}  // namespace

int host_new(loop_t *loop, size_t capacity, host_t **ret_host) {
  if (!ret_host || capacity < 1 || capacity > 65536) return status::INVALID;
  if (Status s = check_open(loop)) return s;
  Ref<Host> host;
  if (Status s = Host::make(*unwrap(loop), capacity, host)) return s;
  *ret_host = wrap(host.take());
  return 0;
}
host_t *host_ref(host_t *host) {
  if (host) unwrap(host)->ref_user();
  return host;
}
void host_unref(host_t *host) {
  if (host) unwrap(host)->unref_user();
}

const int64_t *host_state(const host_t *host) { return host ? unwrap(host)->state() : nullptr; }
const int64_t *host_events(const host_t *host) { return host ? unwrap(host)->events() : nullptr; }
const int64_t *host_withdrawn(const host_t *host) { return host ? unwrap(host)->withdrawn() : nullptr; }

// ---- running ----

int host_run_begin(host_t *host, future_t *future) {
  if (!host) return status::INVALID;
  Future *until = unwrap(future);
  if (until && &until->loop() != unwrap(host)->loop()) return status::WRONGLOOP;
  return unwrap(host)->begin_run(until);
}

int host_pump(host_t *host, const int64_t *answers, size_t count) {
  if (!host || (count && !answers)) return status::INVALID;
  return unwrap(host)->pump(answers, count);
}

int host_submit(host_t *host, const int64_t *answers, size_t count) {
  if (!host || (count && !answers)) return status::INVALID;
  return unwrap(host)->submit(answers, count);
}

int host_run_end(host_t *host) { return host ? unwrap(host)->end_run() : status::INVALID; }

int host_await(host_t *host, future_t *future, int64_t *ret_event) {
  if (!host || !future || !ret_event) return status::INVALID;
  return unwrap(host)->await(*unwrap(future), ret_event);
}

int host_await_coroutine(host_t *host, coroutine_t *coroutine, int64_t *ret_event) {
  if (!host || !coroutine || !ret_event) return status::INVALID;
  return unwrap(host)->await(*unwrap(coroutine), ret_event);
}

// ---- ids ----

task_t *host_task(host_t *host, int64_t id) { return host ? wrap(unwrap(host)->task(id)) : nullptr; }
int host_forget(host_t *host, int64_t id) {
  if (!host) return status::INVALID;
  unwrap(host)->forget(id);
  return 0;
}

// ---- callbacks ----

namespace {
// Calls f, which schedules a callback. Gives the handle to the user, unless ret_handle is NULL.
template <class F>
int schedule(host_t *host, handle_t **ret_handle, F &&f) noexcept {
  if (Status s = check_open_host(host)) return s;
  Handle *handle = nullptr;
  if (Status s = f(*unwrap(host), ret_handle ? &handle : nullptr)) return s;
  if (ret_handle) *ret_handle = wrap(handle);
  return 0;
}
}  // namespace

int host_call_soon(host_t *host, int64_t id, handle_t **ret_handle) {
  return schedule(host, ret_handle, [&](Host &h, Handle **ret) { return h.call_soon(id, ret); });
}
int host_call_later(host_t *host, double delay, int64_t id, handle_t **ret_handle) {
  int64_t ns;
  if (to_ns(delay, ns)) return status::INVALID;
  return schedule(host, ret_handle,
                  [&](Host &h, Handle **ret) { return h.call_at(h.loop()->scheduler.deadline_after(ns), id, ret); });
}
int host_call_at(host_t *host, double when, int64_t id, handle_t **ret_handle) {
  int64_t ns;
  if (to_ns(when, ns)) return status::INVALID;
  return schedule(host, ret_handle,
                  [&](Host &h, Handle **ret) { return h.call_at(std::max<int64_t>(0, ns), id, ret); });
}

int host_call_soon_threadsafe(host_t *host) { return host ? unwrap(host)->call_soon_threadsafe() : status::INVALID; }

int host_add_done_callback(host_t *host, future_t *future, int64_t id) {
  if (!host || !future) return status::INVALID;
  if (Status s = check(future)) return s;
  return unwrap(host)->add_done_callback(*unwrap(future), id);
}

int host_remove_done_callback(host_t *host, future_t *future, int64_t id, size_t *ret_removed) {
  if (!host) return status::INVALID;
  if (Status s = check(future)) return s;
  size_t removed = unwrap(host)->remove_done_callback(*unwrap(future), id);
  if (ret_removed) *ret_removed = removed;
  return 0;
}

int host_add_reader(host_t *host, int fd, int64_t id) {
  if (Status s = check_open_host(host)) return s;
  return unwrap(host)->add_watcher(fd, kReadable, id);
}
int host_add_writer(host_t *host, int fd, int64_t id) {
  if (Status s = check_open_host(host)) return s;
  return unwrap(host)->add_watcher(fd, kWritable, id);
}

// ---- reports ----

int host_take_reports(host_t *host) {
  if (!host) return status::INVALID;
  if (!unwrap(host)->loop()) return status::CLOSED;
  if (Status s = unwrap(host)->loop()->check_thread()) return s;
  unwrap(host)->take_reports();
  return 0;
}

int host_take_report(host_t *host, const char **ret_message, exception_t **ret_exception, future_t **ret_future,
                     int64_t *ret_id) {
  if (!host || !ret_message || !ret_exception || !ret_future || !ret_id) return status::INVALID;
  HostReport *report = unwrap(host)->take_report();
  if (!report) return status::INVALIDSTATE;
  *ret_message = report->message.c_str();
  *ret_exception = wrap(report->exception.take());
  *ret_future = wrap(report->future.take());
  *ret_id = report->id;
  return 0;
}
