/* The loop: making it, running it, scheduling callbacks on it, and hearing of errors that nobody took. */
#ifndef BOUCLE_LOOP_H
#define BOUCLE_LOOP_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef enum loop_clock { LOOP_CLOCK_MONOTONIC = 0, LOOP_CLOCK_VIRTUAL = 1 } loop_clock_t;
typedef enum loop_poller { LOOP_POLLER_AUTO = 0, LOOP_POLLER_EPOLL = 1, LOOP_POLLER_POLL = 2 } loop_poller_t;

typedef void (*loop_callback_fn)(loop_t *loop, void *userdata);
typedef void (*loop_exception_handler_fn)(loop_t *loop, const report_t *report, void *userdata);

/* ---- options ---- */
BOUCLE_API int loop_options_new(loop_options_t **ret_options);
BOUCLE_API loop_options_t *loop_options_ref(loop_options_t *options);
BOUCLE_API void loop_options_unref(loop_options_t *options);
/* Default: monotonic. Errors of all setters: -EINVAL for a value that is not listed. */
BOUCLE_API int loop_options_set_clock(loop_options_t *options, loop_clock_t clock);
/* Default: auto. BOUCLE_POLLER=epoll|poll in the environment decides what auto is. */
BOUCLE_API int loop_options_set_poller(loop_options_t *options, loop_poller_t poller);
/* Default: on if BOUCLE_DEBUG=1 is in the environment. */
BOUCLE_API int loop_options_set_debug(loop_options_t *options, int debug);
/* The size of the stacks of loop_create_task, in bytes; rounded up to pages, at least two. Default: 64 KiB. */
BOUCLE_API int loop_options_set_stack_size(loop_options_t *options, size_t size);

/* ---- life ---- */
/* options may be NULL. Errors: -EINVAL, -ENOMEM, -EMFILE and what epoll_create1(2) says; LOOP_ENOTSUPPORTED.
 * asyncio: new_event_loop(). */
BOUCLE_API int loop_new(const loop_options_t *options, loop_t **ret_loop);
BOUCLE_API loop_t *loop_ref(loop_t *loop);
/* The last reference closes the loop if need be; pending tasks that nobody holds are then destroyed and reported.
 * Objects of the loop may outlive it: they stay readable, and refuse work with LOOP_ECLOSED. */
BOUCLE_API void loop_unref(loop_t *loop);
/* Drops what is scheduled, cancels nothing, and waits for jobs that have begun (boucle/executor.h); a second call is
 * fine. Errors: LOOP_ERUNNING, LOOP_EWRONGTHREAD.
 * asyncio: loop.close() */
BOUCLE_API int loop_close(loop_t *loop);
BOUCLE_API int loop_is_closed(const loop_t *loop);
BOUCLE_API int loop_is_running(const loop_t *loop);

/* ---- running ---- */
/* Runs until the future is done; hands out its result (ret_value may be NULL).
 * Errors: LOOP_EEXCEPTION or LOOP_ECANCELLED: the future's own, see future_exception; LOOP_ESTOPPED;
 * LOOP_EDEADLOCK; LOOP_EEXIT; LOOP_ECLOSED; LOOP_ERUNNING; LOOP_EWRONGLOOP; -EINVAL. */
BOUCLE_API int loop_run_until_complete(loop_t *loop, future_t *future, value_t **ret_value);
/* Runs until loop_stop. Errors: LOOP_EDEADLOCK, LOOP_EEXIT, LOOP_ECLOSED, LOOP_ERUNNING, -EINVAL. */
BOUCLE_API int loop_run_forever(loop_t *loop);
/* Stops the run at the end of the present turn; called before a run, that run makes one turn. */
BOUCLE_API int loop_stop(loop_t *loop);
/* The same from any thread, and from a signal handler. */
BOUCLE_API int loop_stop_threadsafe(loop_t *loop);
/* Cancels all tasks, runs until they are done, reports their errors ("unhandled exception during shutdown"), and runs
 * until all jobs of executors have ended: the first half of the end of asyncio.run(). Errors: those of loop_run_until_complete. */
BOUCLE_API int loop_shutdown(loop_t *loop);
/* One turn, waiting at most `timeout` seconds for something to do (negative: no limit; 0: do not wait).
 * Errors: those of loop_run_forever. */
BOUCLE_API int loop_run_once(loop_t *loop, double timeout);
/* Takes the SystemExit or KeyboardInterrupt with which the last run ended in LOOP_EEXIT.
 * Errors: LOOP_EINVALIDSTATE if there is none. */
BOUCLE_API int loop_take_exit(loop_t *loop, exception_t **ret_exception);

/* ---- time ---- */
BOUCLE_API double loop_time(const loop_t *loop);
/* For embedding in a foreign loop: a descriptor that is readable when the loop has work; -1 once closed. */
BOUCLE_API int loop_fd(const loop_t *loop);
/* ... and how long one may wait, in seconds: 0 if something is ready, negative if there is no timer. */
BOUCLE_API double loop_timeout(const loop_t *loop);

/* ---- callbacks ---- */
/* ret_handle may be NULL: then the call cannot be cancelled, and costs less.
 * Errors of all: -EINVAL loop or fn is NULL, or the time is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM. */
BOUCLE_API int loop_call_soon(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                              handle_t **ret_handle);
BOUCLE_API int loop_call_soon_threadsafe(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                         handle_t **ret_handle);
BOUCLE_API int loop_call_later(loop_t *loop, double delay, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                               handle_t **ret_handle);
BOUCLE_API int loop_call_at(loop_t *loop, double when, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                            handle_t **ret_handle);
/* Called inside a callback: its exception. When the callback returns, the exception handler hears of it ("Exception in
 * callback"); SystemExit and KeyboardInterrupt leave the loop. Errors: LOOP_EINVALIDSTATE no callback is running. */
BOUCLE_API int loop_raise(loop_t *loop, exception_t *exception);

BOUCLE_API handle_t *handle_ref(handle_t *handle);
BOUCLE_API void handle_unref(handle_t *handle);
/* The callback will not be called; its destroy runs now. Does nothing if it was called or cancelled already. */
BOUCLE_API int handle_cancel(handle_t *handle);
BOUCLE_API int handle_cancelled(const handle_t *handle);
/* When it is due, on the loop's clock; 0 for call_soon's. */
BOUCLE_API double handle_when(const handle_t *handle);

/* ---- file descriptors and signals ---- */
/* Calls fn whenever fd is readable (writable), until removed; a second call for one fd replaces the first.
 * Errors: -EINVAL, -EBADF, -EPERM (a regular file), LOOP_ECLOSED, LOOP_EWRONGTHREAD, -ENOMEM. */
BOUCLE_API int loop_add_reader(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);
BOUCLE_API int loop_add_writer(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);
/* ret_removed (may be NULL): whether there was one. */
BOUCLE_API int loop_remove_reader(loop_t *loop, int fd, int *ret_removed);
BOUCLE_API int loop_remove_writer(loop_t *loop, int fd, int *ret_removed);
/* Calls fn in the loop when the signal arrives, instead of the signal's action. One loop per signal.
 * Errors: -EINVAL no such signal, or SIGKILL, SIGSTOP; -EEXIST another loop has it; LOOP_ECLOSED; -ENOMEM. */
BOUCLE_API int loop_add_signal_handler(loop_t *loop, int signal, loop_callback_fn fn, void *userdata,
                                       destroy_fn destroy);
BOUCLE_API int loop_remove_signal_handler(loop_t *loop, int signal, int *ret_removed);

/* ---- errors that nobody took ---- */
/* fn NULL: back to the default, which prints to standard error. asyncio: loop.set_exception_handler() */
BOUCLE_API int loop_set_exception_handler(loop_t *loop, loop_exception_handler_fn fn, void *userdata,
                                          destroy_fn destroy);
/* What the default handler does with a report: for handlers that add to it. */
BOUCLE_API void loop_default_exception_handler(loop_t *loop, const report_t *report);
/* Reports something of the host's own; exception and future may be NULL. */
BOUCLE_API int loop_call_exception_handler(loop_t *loop, const char *message, exception_t *exception,
                                           future_t *future);
/* All of these lend, for the duration of the call. */
BOUCLE_API const char *report_message(const report_t *report);
/* NULL if there is none. */
BOUCLE_API exception_t *report_exception(const report_t *report);
/* The future, or the task as a future; NULL if there is none. */
BOUCLE_API future_t *report_future(const report_t *report);
/* NULL if it is not about a task. */
BOUCLE_API task_t *report_task(const report_t *report);
/* For "Exception in callback": the callback's userdata. */
BOUCLE_API void *report_userdata(const report_t *report);

/* ---- debugging, and which loop ---- */
BOUCLE_API int loop_set_debug(loop_t *loop, int debug);
BOUCLE_API int loop_get_debug(const loop_t *loop);
/* In debug mode, callbacks that take longer are reported. Default: 0.1 s. */
BOUCLE_API int loop_set_slow_callback_duration(loop_t *loop, double seconds);
/* The loop that runs in this thread: lent, or NULL. asyncio: get_running_loop() */
BOUCLE_API loop_t *loop_get_running(void);
/* The unfinished tasks, in the order of their creation: writes up to `capacity` new references into `tasks`, and how
 * many there are into *ret_count. asyncio: all_tasks() */
BOUCLE_API int loop_all_tasks(const loop_t *loop, task_t **tasks, size_t capacity, size_t *ret_count);
/* How many loops, values, exceptions and context variables are alive in this process: for tests. */
BOUCLE_API size_t loop_live_objects(void);
/* "1.0.0" */
BOUCLE_API const char *loop_version(void);

BOUCLE_END_DECLS

#endif
