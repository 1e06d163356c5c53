/* Loops: making and running them, and watching descriptors and signals. handle.h, which this includes, has callbacks
 * and timers; report.h has the exception handler.
 *
 * A run is a sequence of turns. A turn takes the callbacks that other threads posted. If nothing is ready, it waits
 * for descriptors, signals or the next timer. Then it calls each callback that is ready, once. A callback that is
 * scheduled meanwhile runs in a later turn. */
#ifndef BOUCLE_LOOP_H
#define BOUCLE_LOOP_H

#include <boucle/base.h>
#include <boucle/handle.h>
#include <boucle/report.h>

BOUCLE_BEGIN_DECLS

/* The clock of a loop. The virtual clock is for tests: it starts at 0, stands still while something is ready, and else
 * jumps to the next timer. */
typedef enum boucle_loop_clock { LOOP_CLOCK_MONOTONIC = 0, LOOP_CLOCK_VIRTUAL = 1 } loop_clock_t;
/* The system call that a loop waits with. Auto: the one that BOUCLE_POLLER in the environment names ("epoll", "poll"),
 * else epoll. */
typedef enum boucle_loop_poller { LOOP_POLLER_AUTO = 0, LOOP_POLLER_EPOLL = 1, LOOP_POLLER_POLL = 2 } loop_poller_t;

/* Called before the loop waits (begins is 1), and after it has waited (begins is 0). */
typedef void (*loop_wait_fn)(loop_t *loop, int begins, void *userdata);

/* ---- options ---- */

/* Makes options, all at their defaults.
 *   Thread: any
 *   Errors: -EINVAL ret_options is NULL; -ENOMEM */
BOUCLE_API int loop_options_new(loop_options_t **ret_options);

/* loop_options_ref adds an owner of the options; loop_options_unref removes one. A loop does not need its options
 * once it is made.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API loop_options_t *loop_options_ref(loop_options_t *options);
BOUCLE_API void loop_options_unref(loop_options_t *options);

/* Sets the loop's clock. Default: monotonic.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or the clock is not listed */
BOUCLE_API int loop_options_set_clock(loop_options_t *options, loop_clock_t clock);

/* Sets the loop's poller. Default: auto.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or the poller is not listed
 *   asyncio: asyncio.SelectorEventLoop(selector) */
BOUCLE_API int loop_options_set_poller(loop_options_t *options, loop_poller_t poller);

/* Sets whether the loop starts in debug mode, see loop_set_debug. Default: on if the environment has BOUCLE_DEBUG=1.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL
 *   asyncio: asyncio.run(debug=...), PYTHONASYNCIODEBUG */
BOUCLE_API int loop_options_set_debug(loop_options_t *options, int debug);

/* Sets the size of the stacks that loop_create_task uses, in bytes. It is rounded up to whole pages, and is at least
 * two. Default: 64 KiB.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is above SIZE_MAX / 4 */
BOUCLE_API int loop_options_set_stack_size(loop_options_t *options, size_t size);

/* Sets how long an idle thread looks for work before it sleeps, in seconds. It applies to the loop's thread, and to
 * each idle thread of its executor. Default: 0, it sleeps at once. INFINITY: it never sleeps.
 *
 * Waking a thread that sleeps takes 5 to 50 microseconds, and costs the waker a system call. A thread that spins is
 * woken faster: a round trip between two threads takes well below a microsecond. But it uses its processor
 * meanwhile, so this is for machines that have a processor to spare for each thread that spins. 0.0001 is longer
 * than most waits between threads that work together.
 *
 * A spinning loop looks at the posts of other threads all the time, and at descriptors and signals every microsecond
 * or two. As often as that it yields its processor to other threads that want it. It never spins beyond the next
 * timer. Spinning makes single answers faster, not streams of them. A loop on the virtual clock does not spin.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or seconds is negative or NaN */
BOUCLE_API int loop_options_set_spin(loop_options_t *options, double seconds);

/* Sets how long the loop sleeps at least while many timers are due one after another, in seconds. Default: 0.001;
 * asyncio rounds all of its waits up to this. 0: timers are always exact.
 *
 * This applies once sixteen timers were due since the last sleep: to sleep for each few of them would cost more than
 * to run them. With this slack a million tasks that sleep take half as long. A timer that is alone is always exact,
 * and no timer is ever early. A loop that spins until its next timer (loop_options_set_spin) does not sleep for it.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or seconds is negative or NaN
 *   asyncio: loop._clock_resolution
 *   Since: 0.4 */
BOUCLE_API int loop_options_set_timer_slack(loop_options_t *options, double seconds);

/* Sets how much memory the posts of other threads may take until the loop has taken them, in bytes. When the limit
 * is reached, loop_call_soon_threadsafe fails with -ENOBUFS. Default: 64 MiB, which is enough for four million
 * callbacks that have neither a destroy function nor a handle, or for half a million with a handle. SIZE_MAX: no
 * limit.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is 0
 *   Since: 0.4 */
BOUCLE_API int loop_options_set_post_limit(loop_options_t *options, size_t size);

/* ---- life ---- */

/* Makes a loop, which is open and not running. options may be NULL: all defaults. The loop does not become the
 * current loop of any thread.
 *   Thread: any
 *   Errors: -EINVAL ret_loop is NULL; LOOP_ENOPOLLER the poller is "auto", and BOUCLE_POLLER names none; -ENOMEM;
 *       -EMFILE, -ENFILE and what else epoll_create1(2), eventfd(2) and epoll_ctl(2) say, of the descriptors that it
 *       needs
 *   asyncio: asyncio.new_event_loop() */
BOUCLE_API int loop_new(const loop_options_t *options, loop_t **ret_loop);

/* Adds an owner of the loop, and returns it.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API loop_t *loop_ref(loop_t *loop);

/* Removes an owner of the loop. The last one closes the loop if it is open. Pending tasks that have no other owner
 * are then destroyed and reported.
 *
 * A run holds the loop until it ends. Objects of the loop may outlive it: they can still be read, and calls that
 * need the loop fail with LOOP_ECLOSED.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API void loop_unref(loop_t *loop);

/* Closes the loop. It drops, without calling them, all callbacks that are scheduled, and those of descriptors and
 * signals. It cancels nothing. It waits for jobs that have begun (boucle/executor.h). A second call does nothing.
 *   Ownership: the destroy functions of the dropped callbacks run now
 *   Errors: -EINVAL loop is NULL; LOOP_ERUNNING this thread, or a host, is running it; LOOP_EWRONGTHREAD; LOOP_EFORKED
 *       it was running when this process was forked
 *   asyncio: loop.close() */
BOUCLE_API int loop_close(loop_t *loop);

/* Returns 1 if the loop is closed, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: loop.is_closed() */
BOUCLE_API int loop_is_closed(const loop_t *loop);

/* Returns 1 while a thread runs the loop, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: loop.is_running() */
BOUCLE_API int loop_is_running(const loop_t *loop);

/* ---- running ---- */

/* Runs the loop until the future is done, and gets its result. ret_value may be NULL.
 *   Errors: -EINVAL loop or future is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs
 *       it, or this thread runs another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED; -ENOMEM. Once it ran:
 *       LOOP_EEXCEPTION or LOOP_ECANCELLED the future failed or was cancelled, see future_exception; LOOP_ESTOPPED
 *       loop_stop was called before it was done; LOOP_EDEADLOCK the clock is virtual, nothing is ready, and no
 *       timer, descriptor or signal could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop.run_until_complete() */
BOUCLE_API int loop_run_until_complete(loop_t *loop, future_t *future, value_t **ret_value);

/* Runs the loop until loop_stop is called.
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or this thread runs
 *       another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED. Once it ran: LOOP_EDEADLOCK the clock is
 *       virtual, nothing is ready, and no timer, descriptor or signal could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop.run_forever() */
BOUCLE_API int loop_run_forever(loop_t *loop);

/* Stops the run at the end of the present turn. If the loop is not running, the next run makes one turn.
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.stop() */
BOUCLE_API int loop_stop(loop_t *loop);

/* Does what loop_stop does, from any thread: wakes the loop, which then makes its last turn.
 *   Thread: any, also signal handlers
 *   Errors: -EINVAL loop is NULL; LOOP_EFORKED
 *   asyncio: loop.call_soon_threadsafe(loop.stop) */
BOUCLE_API int loop_stop_threadsafe(loop_t *loop);

/* Cancels all tasks, runs the loop until they are done, and then until all jobs of its executor have ended. A task
 * that fails meanwhile is reported ("unhandled exception during asyncio.run() shutdown"). This is the first half of
 * the end of asyncio.run(); the second half is loop_close.
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or this thread runs
 *       another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED; -ENOMEM. Once it ran: LOOP_ESTOPPED loop_stop
 *       was called before they were done; LOOP_EDEADLOCK the clock is virtual, nothing is ready, and no timer,
 *       descriptor or signal could change that; LOOP_EEXIT see loop_take_exit; LOOP_ERECURSION tasks wait for each
 *       other in a circle: these stay pending
 *   asyncio: asyncio.Runner.close(), asyncio.run() */
BOUCLE_API int loop_shutdown(loop_t *loop);

/* Makes one turn, and waits at most `timeout` seconds for something to do. 0: it does not wait. Negative, or beyond
 * the clock's range of 292 years: it waits without limit.
 *
 * A virtual clock does not wait, but jumps: to the next timer, or by `timeout`, whichever is less.
 *   Errors: -EINVAL loop is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs it, or
 *       this thread runs another loop; LOOP_ENOTSUPPORTED it has a host; LOOP_EFORKED. Once it ran: LOOP_EDEADLOCK the
 *       clock is virtual, the timeout without limit, nothing is ready, and no timer, descriptor or signal could change
 *       that; LOOP_EEXIT see loop_take_exit
 *   asyncio: loop._run_once() */
BOUCLE_API int loop_run_once(loop_t *loop, double timeout);

/* Takes the SystemExit or KeyboardInterrupt with which the last run ended in LOOP_EEXIT. The next run drops it if it
 * was not taken.
 *   Errors: -EINVAL loop or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE there is none
 *   asyncio: except SystemExit around the run */
BOUCLE_API int loop_take_exit(loop_t *loop, exception_t **ret_exception);

/* ---- time ---- */

/* Returns the time on the loop's clock, in seconds. A monotonic clock counts from some moment in the past, a virtual
 * one from when the loop was made.
 *   Errors: none; 0 for NULL
 *   asyncio: loop.time() */
BOUCLE_API double loop_time(const loop_t *loop);

/* Returns a descriptor for use in a foreign loop. It is readable when a watched descriptor is ready, a signal came,
 * or another thread posted; then call loop_run_once(loop, 0). Only poll it.
 *
 * Callbacks that this thread scheduled, and timers, do not make it readable: call loop_timeout too, before each
 * wait.
 *   Ownership: lends the descriptor, until the loop is closed
 *   Errors: none; -1 if the loop is NULL, closed, or waits with poll(2), which has no such descriptor */
BOUCLE_API int loop_fd(const loop_t *loop);

/* Returns how long a foreign loop may wait before the next loop_run_once, in seconds. It is 0 if something is ready,
 * and negative (no limit) if nothing is ready and there is no timer.
 *   Errors: none; negative if the loop is NULL or closed */
BOUCLE_API double loop_timeout(const loop_t *loop);

/* ---- file descriptors and signals ---- */

/* Calls fn in each turn in which fd is readable, at its end, or broken. A second call for one fd replaces the first
 * reader. Remove the reader before you close fd.
 *   Errors: -EINVAL loop or fn is NULL; -EBADF there is no such descriptor; LOOP_EBUSY the library itself uses it;
 *       -EPERM it is a file or directory, for which no loop can wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what
 *       else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_reader() */
BOUCLE_API int loop_add_reader(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);

/* Calls fn in each turn in which fd is writable, or broken. A second call for one fd replaces the first writer.
 * Remove the writer before you close fd.
 *   Errors: -EINVAL loop or fn is NULL; -EBADF there is no such descriptor; LOOP_EBUSY the library itself uses it;
 *       -EPERM it is a file or directory, for which no loop can wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what
 *       else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_writer() */
BOUCLE_API int loop_add_writer(loop_t *loop, int fd, loop_callback_fn fn, void *userdata, destroy_fn destroy);

/* Removes the reader of fd, which is not called any more, not even if fd is ready in this turn. *ret_removed
 * (ret_removed may be NULL) is 1 if there was a reader, else 0.
 *   Ownership: the reader's destroy runs; if its callback is being called, after that
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_reader() */
BOUCLE_API int loop_remove_reader(loop_t *loop, int fd, int *ret_removed);

/* Removes the writer of fd, which is not called any more, not even if fd is ready in this turn. *ret_removed
 * (ret_removed may be NULL) is 1 if there was a writer, else 0.
 *   Ownership: the writer's destroy runs; if its callback is being called, after that
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_writer() */
BOUCLE_API int loop_remove_writer(loop_t *loop, int fd, int *ret_removed);

/* Calls fn in the loop when the signal arrives, in place of the signal's action. A second call replaces the first
 * handler. In a process, only one loop can have a handler for a signal.
 *   Errors: -EINVAL loop or fn is NULL, there is no such signal, or it is SIGKILL or SIGSTOP; -EEXIST another loop has
 *       it; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; -EMFILE, -ENFILE and what else pipe2(2) and epoll_ctl(2) say, of
 *       the pipe that the first handler needs
 *   asyncio: loop.add_signal_handler() */
BOUCLE_API int loop_add_signal_handler(loop_t *loop, int signal, loop_callback_fn fn, void *userdata,
                                       destroy_fn destroy);

/* Removes the handler, and restores the signal's former action. *ret_removed (ret_removed may be NULL) is 1 if this
 * loop had a handler for it, else 0.
 *   Ownership: the handler's destroy runs; if its callback is being called, after that
 *   Errors: -EINVAL loop is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: loop.remove_signal_handler() */
BOUCLE_API int loop_remove_signal_handler(loop_t *loop, int signal, int *ret_removed);

/* ---- waiting ---- */

/* Sets the function that is called right before the loop waits for descriptors, posts or the next timer (`begins` is
 * 1), and right after (`begins` is 0). fn NULL removes it. It is called on the loop's thread, and not where the loop
 * only looks, without waiting.
 *
 * In it a host gives up a lock that it holds while the loop runs, and takes it back. Of this loop, the hook may call
 * only functions ending in _threadsafe. A loop with a hook does not spin.
 *   Ownership: the former destroy runs now
 *   Errors: -EINVAL loop is NULL; LOOP_EBUSY the hook called it; LOOP_ECLOSED; LOOP_EWRONGTHREAD
 *   asyncio: none; libuv's prepare and check handles are similar
 *   Since: 0.4 */
BOUCLE_API int loop_set_wait_hook(loop_t *loop, loop_wait_fn fn, void *userdata, destroy_fn destroy);

/* ---- debugging, and finding loops and tasks ---- */

/* Sets debug mode, in which slow callbacks are reported, and coroutines that were never awaited.
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_debug() */
BOUCLE_API int loop_set_debug(loop_t *loop, int debug);

/* Returns 1 in debug mode, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: loop.get_debug() */
BOUCLE_API int loop_get_debug(const loop_t *loop);

/* Sets from which duration on debug mode reports a callback or a step as slow, in seconds of real time. Default:
 * 0.1.
 *   Errors: -EINVAL loop is NULL, or seconds is NaN; LOOP_EWRONGTHREAD
 *   asyncio: loop.slow_callback_duration */
BOUCLE_API int loop_set_slow_callback_duration(loop_t *loop, double seconds);

/* Returns the loop that runs in this thread, or NULL.
 *   Ownership: lends the loop, until its run ends
 *   Thread: any
 *   Errors: none
 *   asyncio: asyncio.get_running_loop() */
BOUCLE_API loop_t *loop_get_running(void);

/* Returns the loop that runs in this thread. If none runs, it returns the thread's current loop, which
 * loop_set_current has set, even if that loop is closed or runs in another thread; else NULL. Only loop_set_current
 * sets it: neither loop_new nor loop_run does.
 *   Ownership: lends the loop, until its run ends, or the thread's current loop is another one
 *   Thread: any
 *   Errors: none; NULL in the child of a fork, until one is set there
 *   asyncio: asyncio.get_event_loop()
 *   Since: 0.4 */
BOUCLE_API loop_t *loop_get_current(void);

/* Makes the loop this thread's current one, in place of the former. NULL: the thread has none. It does not change
 * which loop runs, or which may run.
 *
 * The thread keeps the loop until it sets another one or ends. If the thread is then the last owner, the loop is
 * closed, as by loop_unref. The child of a fork gives up its parent's loop when it sets another one, but not when it
 * ends.
 *   Ownership: the thread keeps loop, and gives the former one up now
 *   Thread: any
 *   Errors: LOOP_EFORKED
 *   asyncio: asyncio.set_event_loop()
 *   Since: 0.4 */
BOUCLE_API int loop_set_current(loop_t *loop);

/* Gets the unfinished tasks, in the order of their creation: writes the first `capacity` of them into `tasks`, and
 * their total number into *ret_count. tasks may be NULL if capacity is 0.
 *   Ownership: each task that it writes is a new reference
 *   Errors: -EINVAL loop or ret_count is NULL, or tasks is while capacity is not 0; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.all_tasks() */
BOUCLE_API int loop_all_tasks(const loop_t *loop, task_t **tasks, size_t capacity, size_t *ret_count);

/* Returns how many loops, values, exceptions and context variables are alive in this process. It is for tests.
 * Values that need no memory, such as small integers, do not count.
 *   Thread: any
 *   Errors: none */
BOUCLE_API size_t loop_live_objects(void);

/* Returns the library's version, as "0.4.0".
 *   Ownership: lends static text
 *   Thread: any
 *   Errors: none */
BOUCLE_API const char *loop_version(void);

BOUCLE_END_DECLS

#endif
