/* The loop: making it, running it, and what it watches. Callbacks are in handle.h, reports in report.h.
 *
 * A run is a sequence of turns. A turn takes what other threads posted, waits for descriptors, signals or the next
 * timer if nothing is ready, and then calls what is ready, once: what a callback schedules runs in a later turn. */
#ifndef BOUCLE_LOOP_H
#define BOUCLE_LOOP_H

#include <boucle/base.h>
#include <boucle/handle.h>
#include <boucle/report.h>

BOUCLE_BEGIN_DECLS

/* The clock of a loop. A virtual one starts at 0, stands still while anything is ready, then jumps to the next timer:
 * for tests. */
typedef enum boucle_loop_clock { LOOP_CLOCK_MONOTONIC = 0, LOOP_CLOCK_VIRTUAL = 1 } loop_clock_t;
/* What a loop waits with. Auto is what BOUCLE_POLLER in the environment says ("epoll", "poll"), else epoll. */
typedef enum boucle_loop_poller { LOOP_POLLER_AUTO = 0, LOOP_POLLER_EPOLL = 1, LOOP_POLLER_POLL = 2 } loop_poller_t;

/* Told that the loop is about to wait (begins: 1), or has waited (0). */
typedef void (*loop_wait_fn)(loop_t *loop, int begins, void *userdata);

/* ---- options ---- */

/* Options, all at their defaults.
 *   Thread: any
 *   Errors: -EINVAL ret_options is NULL; -ENOMEM */
BOUCLE_API int loop_options_new(loop_options_t **ret_options);

/* One more owner of the options, and one less. A loop does not need them once it is made.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API loop_options_t *loop_options_ref(loop_options_t *options);
BOUCLE_API void loop_options_unref(loop_options_t *options);

/* Which clock. Default: monotonic.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or the clock is not listed */
BOUCLE_API int loop_options_set_clock(loop_options_t *options, loop_clock_t clock);

/* Which poller. Default: auto.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or the poller is not listed
 *   asyncio: asyncio.SelectorEventLoop(selector) */
BOUCLE_API int loop_options_set_poller(loop_options_t *options, loop_poller_t poller);

/* Whether the loop starts in debug mode, see loop_set_debug. Default: on if BOUCLE_DEBUG=1 is in the environment.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL
 *   asyncio: asyncio.run(debug=...), PYTHONASYNCIODEBUG */
BOUCLE_API int loop_options_set_debug(loop_options_t *options, int debug);

/* The size of the stacks of loop_create_task, in bytes; rounded up to pages, at least two. Default: 64 KiB.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is above SIZE_MAX / 4 */
BOUCLE_API int loop_options_set_stack_size(loop_options_t *options, size_t size);

/* How long the loop's thread, when it has nothing to do, looks for work before it sleeps, in seconds; likewise one of the
 * idle threads of its executor. INFINITY: it never sleeps. Default: 0, it sleeps at once.
 *
 * Waking a thread that sleeps takes some 5 to 50 microseconds, and a system call of whoever wakes it. One that spins is
 * quicker (a round trip between threads takes well below a microsecond), and uses its processor meanwhile: this is for
 * machines that have one to spare for each thread that spins. It looks at what other threads post all the time, at
 * descriptors and signals every microsecond or two, never beyond the next timer, and yields its processor as often as that
 * to whoever else wants it. Around 0.0001 outlasts most waits between threads that work together. It makes single answers
 * quicker, not streams of them. On the virtual clock nothing spins.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or seconds is negative or NaN */
BOUCLE_API int loop_options_set_spin(loop_options_t *options, double seconds);

/* How long a sleep lasts at least where timers come in crowds, in seconds. Default: 0.001, which is what asyncio rounds all
 * of its waits up to. 0: timers are exact.
 *
 * Timers come in crowds once sixteen of them were due since the last sleep. Sleeping for each few of them would cost more
 * than they do: a million tasks that sleep take half as long with this slack. A lone timer is exact in any case, no timer is
 * ever early, and a loop that spins (loop_options_set_spin) until its next timer does not sleep for it.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or seconds is negative or NaN
 *   asyncio: loop._clock_resolution
 *   Since: 0.4 */
BOUCLE_API int loop_options_set_timer_slack(loop_options_t *options, double seconds);

/* How much memory, in bytes, may be waiting in the callbacks that other threads posted and the loop has not taken yet.
 * Beyond it loop_call_soon_threadsafe refuses with -ENOBUFS. Default: 64 MiB, which is four million callbacks with neither
 * a destroy function nor a handle, or half a million with a handle. SIZE_MAX: no limit.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is 0
 *   Since: 0.4 */
BOUCLE_API int loop_options_set_post_limit(loop_options_t *options, size_t size);

/* ---- life ---- */

/* A loop, open and not running. options may be NULL: all defaults. It does not become "the current loop" of anything.
 *   Thread: any
 *   Errors: -EINVAL ret_loop is NULL; LOOP_ENOPOLLER the poller is "auto", and BOUCLE_POLLER is set to something that is
 *       none; -ENOMEM; -EMFILE, -ENFILE and what else epoll_create1(2), eventfd(2) and
 *       epoll_ctl(2) say, of the descriptors that it needs
 *   asyncio: asyncio.new_event_loop() */
BOUCLE_API int loop_new(const loop_options_t *options, loop_t **ret_loop);

/* One more owner of the loop.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API loop_t *loop_ref(loop_t *loop);

/* One owner less. The last one closes the loop if need be; pending tasks that nobody holds are then destroyed and
 * reported.
 *
 * A run holds the loop until it ends. Objects of the loop may outlive it: they stay readable, and refuse work with
 * LOOP_ECLOSED.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API void loop_unref(loop_t *loop);

/* Closes the loop: drops what is scheduled, watched and handled without calling it, and cancels nothing. Waits for jobs
 * that have begun (boucle/executor.h). A second call is fine.
 *   Ownership: the dropped callbacks' destroy functions run now
 *   Errors: -EINVAL loop is NULL; LOOP_ERUNNING this thread, or a host, is running it; LOOP_EWRONGTHREAD; LOOP_EFORKED
 *       it was running when this process was forked
 *   asyncio: loop.close() */
BOUCLE_API int loop_close(loop_t *loop);

/* 1 once the loop is closed, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: loop.is_closed() */
BOUCLE_API int loop_is_closed(const loop_t *loop);

/* 1 while some thread runs the loop, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: loop.is_running() */
BOUCLE_API int loop_is_running(const loop_t *loop);

/* ---- running ---- */

/* Runs the loop until the future is done, and hands out its result (ret_value may be NULL).
 *   Errors: -EINVAL loop or future is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs
 *       it, or this thread runs another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED; -ENOMEM. Once it ran:
 *       LOOP_EEXCEPTION or LOOP_ECANCELLED the future ended so, see future_exception; LOOP_ESTOPPED loop_stop came
 *       before it was done; LOOP_EDEADLOCK the clock is virtual, nothing is ready, and no timer, descriptor or signal
 *       could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop.run_until_complete() */
BOUCLE_API int loop_run_until_complete(loop_t *loop, future_t *future, value_t **ret_value);

/* Runs the loop until loop_stop.
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or this thread runs
 *       another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED. Once it ran: LOOP_EDEADLOCK the clock is
 *       virtual, nothing is ready, and no timer, descriptor or signal could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop.run_forever() */
BOUCLE_API int loop_run_forever(loop_t *loop);

/* Stops the run at the end of the present turn; called before a run, that run makes one turn.
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.stop() */
BOUCLE_API int loop_stop(loop_t *loop);

/* loop_stop from anywhere: wakes the loop, which then makes its last turn.
 *   Thread: any, also signal handlers
 *   Errors: -EINVAL loop is NULL; LOOP_EFORKED
 *   asyncio: loop.call_soon_threadsafe(loop.stop) */
BOUCLE_API int loop_stop_threadsafe(loop_t *loop);

/* Cancels all tasks, runs the loop until they are done, and reports the errors of those that failed instead ("unhandled
 * exception during asyncio.run() shutdown"), and runs until all jobs of its executor have ended: the first half of the
 * end of asyncio.run().
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or this thread runs
 *       another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED; -ENOMEM. Once it ran: LOOP_ESTOPPED loop_stop
 *       came before they were done; LOOP_EDEADLOCK the clock is virtual, nothing is ready, and no timer, descriptor or
 *       signal could change that; LOOP_EEXIT see loop_take_exit; LOOP_ERECURSION tasks wait for each other in a
 *       circle: those stay as they are
 *   asyncio: asyncio.Runner.close(), asyncio.run() */
BOUCLE_API int loop_shutdown(loop_t *loop);

/* Makes one turn, waiting at most `timeout` seconds for something to do (negative, or beyond the clock's range of 292
 * years: no limit; 0: do not wait).
 *
 * A virtual clock jumps instead of waiting: to the next timer, or by `timeout`, whichever is nearer.
 *   Errors: -EINVAL loop is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or
 *       this thread runs another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED. Once it ran: LOOP_EDEADLOCK the
 *       clock is virtual, the timeout without limit, nothing is ready, and no timer, descriptor or signal could change
 *       that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop._run_once() */
BOUCLE_API int loop_run_once(loop_t *loop, double timeout);

/* Takes the SystemExit or KeyboardInterrupt with which the last run ended in LOOP_EEXIT. A later run forgets it.
 *   Errors: -EINVAL loop or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE there is none
 *   asyncio: except SystemExit around the run */
BOUCLE_API int loop_take_exit(loop_t *loop, exception_t **ret_exception);

/* ---- time ---- */

/* The loop's clock, in seconds: since some moment in the past, or, on the virtual clock, since the loop was made.
 *   Errors: none; 0 for NULL
 *   asyncio: loop.time() */
BOUCLE_API double loop_time(const loop_t *loop);

/* For embedding in a foreign loop: a descriptor that is readable when a watched descriptor is ready, a signal came, or
 * another thread posted; then call loop_run_once(loop, 0). Only to be polled.
 *
 * What this thread scheduled, and timers, do not show in it: ask loop_timeout too, before each wait.
 *   Ownership: lends the descriptor, until the loop is closed
 *   Errors: none; -1 if the loop is NULL, closed, or waits with poll(2), which has no such descriptor */
BOUCLE_API int loop_fd(const loop_t *loop);

/* How long, in seconds, a foreign loop may wait before the next loop_run_once: 0 if something is ready; negative,
 * without limit, if nothing is and there is no timer.
 *   Errors: none; negative if the loop is NULL or closed */
BOUCLE_API double loop_timeout(const loop_t *loop);

/* ---- file descriptors and signals ---- */

/* Calls fn in each turn in which fd is readable, at its end, or broken, until removed; a second call for one fd
 * replaces the first. Remove it before the descriptor is closed.
 *   Errors: -EINVAL loop or fn is NULL; -EBADF no such descriptor; LOOP_EBUSY the library itself uses it; -EPERM a
 *       file or directory, for which one cannot wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_reader() */
BOUCLE_API int loop_add_reader(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);

/* Calls fn in each turn in which fd is writable, or broken, until removed; a second call for one fd replaces the first.
 * Remove it before the descriptor is closed.
 *   Errors: -EINVAL loop or fn is NULL; -EBADF no such descriptor; LOOP_EBUSY the library itself uses it; -EPERM a
 *       file or directory, for which one cannot wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_writer() */
BOUCLE_API int loop_add_writer(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);

/* Calls the reader of fd no more, not even if it is ready in this turn. *ret_removed (may be NULL): 1 if there was one.
 *   Ownership: the reader's destroy runs, after the callback if that is being called
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_reader() */
BOUCLE_API int loop_remove_reader(loop_t *loop, int fd, int *ret_removed);

/* Calls the writer of fd no more, not even if it is ready in this turn. *ret_removed (may be NULL): 1 if there was one.
 *   Ownership: the writer's destroy runs, after the callback if that is being called
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_writer() */
BOUCLE_API int loop_remove_writer(loop_t *loop, int fd, int *ret_removed);

/* Calls fn in the loop when the signal arrives, instead of the signal's action; a second call replaces the first. One
 * loop per signal and process.
 *   Errors: -EINVAL loop or fn is NULL, there is no such signal, or it is SIGKILL or SIGSTOP; -EEXIST another loop has
 *       it; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; -EMFILE, -ENFILE and what else pipe2(2) and epoll_ctl(2) say, of
 *       the pipe that the first handler needs
 *   asyncio: loop.add_signal_handler() */
BOUCLE_API int loop_add_signal_handler(loop_t *loop, int signal, loop_callback_fn fn, void *userdata,
                                       destroy_fn destroy);

/* Gives the signal its former action back. *ret_removed (may be NULL): 1 if this loop had a handler for it.
 *   Ownership: the handler's destroy runs, after the callback if that is being called
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_signal_handler() */
BOUCLE_API int loop_remove_signal_handler(loop_t *loop, int signal, int *ret_removed);

/* ---- waiting ---- */

/* Calls fn right before the loop waits for descriptors, posts or the next timer, with `begins` 1, and right after, with 0;
 * both on the loop's thread. Not where it only looks, without waiting. fn NULL: no hook any more.
 *
 * This is where a host gives up a lock that it holds while the loop runs, and takes it back. The hook may call no more of
 * this loop than functions ending in _threadsafe. A loop with a hook does not spin.
 *   Ownership: the former one's destroy runs now
 *   Errors: -EINVAL loop is NULL; LOOP_EBUSY it is called from inside of the hook; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: none; libuv's prepare and check handles are the like of it
 *   Since: 0.4 */
BOUCLE_API int loop_set_wait_hook(loop_t *loop, loop_wait_fn fn, void *userdata, destroy_fn destroy);

/* ---- debugging, and which loop ---- */

/* Debug mode: reports slow callbacks, and coroutines that were never awaited.
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_debug() */
BOUCLE_API int loop_set_debug(loop_t *loop, int debug);

/* 1 in debug mode, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: loop.get_debug() */
BOUCLE_API int loop_get_debug(const loop_t *loop);

/* In debug mode, what takes that many seconds of real time or more in one go is reported. Default: 0.1.
 *   Errors: -EINVAL loop is NULL, or seconds is NaN; LOOP_EWRONGTHREAD
 *   asyncio: loop.slow_callback_duration */
BOUCLE_API int loop_set_slow_callback_duration(loop_t *loop, double seconds);

/* The loop that runs in this thread, or NULL.
 *   Ownership: lends the loop, until its run ends
 *   Thread: any
 *   Errors: none
 *   asyncio: asyncio.get_running_loop() */
BOUCLE_API loop_t *loop_get_running(void);

/* The loop that runs in this thread; else the one that loop_set_current made this thread's, also if it is closed or
 * runs in another thread; else NULL. Nothing but loop_set_current sets it: neither loop_new nor loop_run does.
 *   Ownership: lends the loop, until its run ends, or this thread's current loop is another one
 *   Thread: any
 *   Errors: none; NULL in the child of a fork, until one is set there
 *   asyncio: asyncio.get_event_loop()
 *   Since: 0.4 */
BOUCLE_API loop_t *loop_get_current(void);

/* Makes the loop this thread's current one, in the place of the former. NULL: it has none. Which loop runs, and which
 * may run, does not change.
 *
 * The thread keeps the loop until it sets another one, or ends; a loop that only its thread keeps is closed then, as
 * by loop_unref. A child of a fork gives up its parent's loop when it sets another one, but not when it ends.
 *   Ownership: the thread keeps loop, and gives the former one up now
 *   Thread: any
 *   Errors: LOOP_EFORKED
 *   asyncio: asyncio.set_event_loop()
 *   Since: 0.4 */
BOUCLE_API int loop_set_current(loop_t *loop);

/* The unfinished tasks, in the order of their creation: writes the first `capacity` of them into `tasks`, and how many
 * there are into *ret_count. tasks may be NULL if capacity is 0.
 *   Ownership: each task that it writes is a new reference
 *   Errors: -EINVAL loop or ret_count is NULL, or tasks is while capacity is not 0; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.all_tasks() */
BOUCLE_API int loop_all_tasks(const loop_t *loop, task_t **tasks, size_t capacity, size_t *ret_count);

/* How many loops, values, exceptions and context variables are alive in this process: for tests. What needs no memory
 * of its own, such as a small integer, does not count.
 *   Thread: any
 *   Errors: none */
BOUCLE_API size_t loop_live_objects(void);

/* The library's version: "0.4.0".
 *   Ownership: lends static text
 *   Thread: any
 *   Errors: none */
BOUCLE_API const char *loop_version(void);

BOUCLE_END_DECLS

#endif
