/* The loop: options, runs, callbacks, descriptors, signals, reports. */
#include "machine.h"

#include <math.h>
#include <signal.h>
#include <string.h>

/* ---- options ---- */

OP(loop_options_new) {
  OUT(loop_options_t);
  keep(OPTIONS, loop_options_new(ret), ret, &made);
}
OP(loop_options_ref) { put(OPTIONS, loop_options_ref(draw_options())); }
OP(loop_options_unref) { drop_slot(OPTIONS, number(0, SLOTS - 1)); }
/* A loop on the real clock may wait for ever: in live worlds only, where each loop has a timer that stops it. */
OP(loop_options_set_clock) {
  int clock = number(-1, 2);
  if (m->world < LIVE && clock == LOOP_CLOCK_MONOTONIC) clock = LOOP_CLOCK_VIRTUAL;
  loop_options_set_clock(draw_options(), (loop_clock_t)clock);
}
OP(loop_options_set_poller) { loop_options_set_poller(draw_options(), (loop_poller_t)number(-1, 3)); }
OP(loop_options_set_debug) { loop_options_set_debug(draw_options(), number(0, 1)); }
OP(loop_options_set_stack_size) {
  loop_options_set_stack_size(draw_options(), chance(10) ? SIZE_MAX : 65536 + 4096 * (size_t)number(0, 3));
}
OP(loop_options_set_spin) {
  double spin = seconds();
  loop_options_set_spin(draw_options(), spin > 0.0001 ? 0.0001 : spin);
}
OP(loop_options_set_timer_slack) { loop_options_set_timer_slack(draw_options(), seconds()); }
OP(loop_options_set_post_limit) { loop_options_set_post_limit(draw_options(), (size_t)number(0, 5000)); }
OP(loop_options_set_executor_threads) {
  loop_options_set_executor_threads(draw_options(), chance(90) ? (size_t)number(0, 3) : (size_t)number(1023, 1026));
}

/* ---- life ---- */

OP(loop_new) { put(LOOP, new_random_loop()); }
OP(loop_ref) { put(LOOP, loop_ref(draw_loop())); }
OP(loop_unref) { drop_slot(LOOP, number(0, SLOTS - 1)); }
OP(loop_close) { loop_close(draw_loop()); }
OP(loop_is_closed) { (void)loop_is_closed(draw_loop()); }
OP(loop_is_running) { (void)loop_is_running(draw_loop()); }

/* ---- running ---- */

static loop_t *begin_run(loop_t *loop) {
  m->in_run++;
  return loop;
}
static void end_run(void) { m->in_run--; }

OP(loop_run_until_complete) {
  OUT(value_t);
  loop_t *loop = begin_run(draw_loop());
  keep(VALUE, loop_run_until_complete(loop, draw_future(), ret), ret, &made);
  end_run();
}
OP(loop_run_forever) {
  loop_t *loop = begin_run(draw_loop());
  loop_run_forever(loop);
  end_run();
}
OP(loop_run_once) {
  loop_t *loop = begin_run(draw_loop());
  loop_run_once(loop, seconds());
  end_run();
}
OP(loop_shutdown) {
  loop_t *loop = begin_run(draw_loop());
  loop_shutdown(loop);
  end_run();
}
OP(loop_run) {
  struct triple *triple = new_triple(STEP);
  exception_t *exception = POISON, **ret_exception = chance(10) ? NULL : &exception;
  OUT(value_t);
  loop_options_t *options;
  int status;
  triple->serial = ++m->serial;
  if (loop_options_new(&options) || loop_options_set_clock(options, LOOP_CLOCK_VIRTUAL)) return;
  status = loop_run(options, chance(4) ? NULL : on_step, triple, draw_destroy(triple), ret, ret_exception);
  loop_options_unref(options);
  settle(triple, keep(VALUE, status, ret, &made));
  if (exception == POISON) return;
  if (status != LOOP_EEXCEPTION && status != LOOP_ECANCELLED && status != LOOP_EEXIT)
    finding("loop_run returned %s, and wrote an exception", loop_status_name(status));
  put(EXCEPTION, exception);
}
OP(loop_stop) { loop_stop(draw_loop()); }
OP(loop_stop_threadsafe) { loop_stop_threadsafe(draw_loop()); }
OP(loop_take_exit) {
  OUT(exception_t);
  keep(EXCEPTION, loop_take_exit(draw_loop(), ret), ret, &made);
}

/* ---- time ---- */

OP(loop_time) {
  if (isnan(loop_time(draw_loop()))) finding("loop_time is NaN");
}
OP(loop_fd) { (void)loop_fd(draw_loop()); }
OP(loop_timeout) {
  if (isnan(loop_timeout(draw_loop()))) finding("loop_timeout is NaN");
}

/* ---- callbacks ---- */

static loop_callback_fn callback(void) { return chance(3) ? NULL : on_callback; }

OP(loop_call_soon) {
  struct triple *triple = new_triple(CALLBACK);
  OUT(handle_t);
  settle(triple, keep(HANDLE, loop_call_soon(draw_loop(), callback(), triple, draw_destroy(triple), ret), ret, &made));
}
OP(loop_call_soon_threadsafe) {
  struct triple *triple = new_triple(CALLBACK);
  OUT(handle_t);
  settle(triple, keep(HANDLE, loop_call_soon_threadsafe(draw_loop(), callback(), triple, draw_destroy(triple), ret), ret, &made));
}
/* Whoever calls it holds the lock: the loop's own thread does. */
OP(loop_call_soon_locked) {
  struct triple *triple = new_triple(CALLBACK);
  OUT(handle_t);
  settle(triple, keep(HANDLE, loop_call_soon_locked(draw_loop(), callback(), triple, draw_destroy(triple), ret), ret, &made));
}
OP(loop_call_later) {
  struct triple *triple = new_triple(CALLBACK);
  OUT(handle_t);
  int status = loop_call_later(draw_loop(), seconds(), callback(), triple, draw_destroy(triple), ret);
  settle(triple, keep(HANDLE, status, ret, &made));
}
OP(loop_call_at) {
  struct triple *triple = new_triple(CALLBACK);
  OUT(handle_t);
  int status = loop_call_at(draw_loop(), seconds(), callback(), triple, draw_destroy(triple), ret);
  settle(triple, keep(HANDLE, status, ret, &made));
}
OP(loop_raise) { loop_raise(draw_loop(), draw_exception()); }
OP(handle_ref) { put(HANDLE, handle_ref(draw_handle())); }
OP(handle_unref) { drop_slot(HANDLE, number(0, SLOTS - 1)); }
OP(handle_cancel) { handle_cancel(draw_handle()); }
OP(handle_again) { handle_again(draw_handle(), seconds()); }
OP(handle_cancelled) { (void)handle_cancelled(draw_handle()); }
OP(handle_when) { (void)handle_when(draw_handle()); }

/* ---- descriptors and signals: on the virtual clock alone, whoever waits for them waits for ever ---- */

static int draw_fd(void) {
  int drawn = number(0, FDS + 1);
  if (m->world == PURE || drawn >= FDS) return drawn % 2 ? -1 : 900;
  return m->fds[drawn];
}
static int draw_signal(void) {
  static const int signals[] = {0, -1, SIGKILL, SIGSTOP, 65, 1000, SIGUSR1, SIGUSR2, SIGWINCH, SIGURG};
  return signals[number(0, m->world == PURE ? 5 : 9)];
}

OP(loop_add_reader) {
  struct triple *triple = new_triple(CALLBACK);
  settle(triple, loop_add_reader(draw_loop(), draw_fd(), callback(), triple, draw_destroy(triple)));
}
OP(loop_add_writer) {
  struct triple *triple = new_triple(CALLBACK);
  settle(triple, loop_add_writer(draw_loop(), draw_fd(), callback(), triple, draw_destroy(triple)));
}
OP(loop_remove_reader) {
  NUMBER(int);
  check_number(loop_remove_reader(draw_loop(), draw_fd(), ret), &made, sizeof made);
}
OP(loop_remove_writer) {
  NUMBER(int);
  check_number(loop_remove_writer(draw_loop(), draw_fd(), ret), &made, sizeof made);
}
OP(loop_add_signal_handler) {
  struct triple *triple = new_triple(CALLBACK);
  settle(triple, loop_add_signal_handler(draw_loop(), draw_signal(), callback(), triple, draw_destroy(triple)));
}
OP(loop_remove_signal_handler) {
  NUMBER(int);
  check_number(loop_remove_signal_handler(draw_loop(), draw_signal(), ret), &made, sizeof made);
}

/* ---- reports ---- */

OP(loop_set_exception_handler) {
  struct triple *triple = new_triple(HANDLER);
  loop_exception_handler_fn fn = chance(5) ? NULL : on_exception;
  settle(triple, loop_set_exception_handler(draw_loop(), fn, triple, draw_destroy(triple)));
}
/* Not where other threads are about: a destroy with a handle of theirs would need the lock. */
OP(loop_set_wait_hook) {
  struct triple *triple = new_triple(HOOK);
  loop_wait_fn fn = chance(30) ? NULL : on_wait;
  settle(triple, loop_set_wait_hook(draw_loop(), fn, triple, draw_destroy(triple)));
}
OP(loop_default_exception_handler) { loop_default_exception_handler(draw_loop(), draw_report()); }
OP(loop_call_exception_handler) { loop_call_exception_handler(draw_loop(), text(), draw_exception(), draw_future()); }
OP(report_message) {
  const char *message = report_message(draw_report());
  if (message) (void)strlen(message);
}
OP(report_exception) { put(EXCEPTION, exception_ref(report_exception(draw_report()))); }
OP(report_future) { put(FUTURE, future_ref(report_future(draw_report()))); }
OP(report_task) { put(TASK, task_ref(report_task(draw_report()))); }
OP(report_userdata) { (void)report_userdata(draw_report()); }

/* ---- debugging, and which loop ---- */

OP(loop_set_debug) { loop_set_debug(draw_loop(), number(0, 1)); }
OP(loop_get_debug) { (void)loop_get_debug(draw_loop()); }
OP(loop_set_slow_callback_duration) { loop_set_slow_callback_duration(draw_loop(), seconds()); }
OP(loop_get_running) {
  loop_t *loop = loop_get_running();
  if (loop && !loop_is_running(loop)) finding("the running loop does not run");
}
OP(loop_get_current) { (void)loop_get_current(); }
OP(loop_set_current) { loop_set_current(chance(40) ? NULL : draw_loop()); }
OP(loop_all_tasks) {
  task_t *tasks[3];
  size_t capacity = below(4);
  NUMBER(size_t);
  int status = loop_all_tasks(draw_loop(), chance(4) ? NULL : tasks, capacity, ret);
  check_number(status, &made, sizeof made);
  for (size_t i = 0; status == 0 && i < made && i < capacity; i++) put(TASK, tasks[i]);
}
OP(loop_live_objects) { (void)loop_live_objects(); }
OP(loop_version) { (void)strlen(loop_version()); }
