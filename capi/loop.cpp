#include "boundary.hpp"

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
