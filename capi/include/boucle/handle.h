/* Callbacks: scheduling them for now or later, from this thread or another; and handles, which cancel them.
 *
 * ret_handle may be NULL everywhere: then the callback cannot be cancelled, and call_soon costs less. */
#ifndef BOUCLE_HANDLE_H
#define BOUCLE_HANDLE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A callback. It runs on the loop's thread, in the context in which it was scheduled, and may call any function of the
 * API. */
typedef void (*loop_callback_fn)(loop_t *loop, void *userdata);

/* Calls fn in the next turn, after all callbacks that were scheduled before.
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_soon() */
BOUCLE_API int loop_call_soon(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                              handle_t **ret_handle);

/* Does what loop_call_soon does, from any thread, and wakes the loop. The posts of one thread are called in their
 * order. On the loop's own thread, and while no thread runs the loop, the callback has its place among those that
 * loop_call_soon scheduled before and after it. The handle may be unreferenced on any thread, but cancelled only on
 * the loop's.
 *
 * A thread that is far ahead of the loop (128 KiB of posts) sometimes yields its processor to the loop.
 *   Thread: any
 *   Errors: -EINVAL loop or fn is NULL; -ENOBUFS the posts that wait have reached the limit, see
 *       loop_options_set_post_limit; LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe() */
BOUCLE_API int loop_call_soon_threadsafe(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                         handle_t **ret_handle);

/* Does what loop_call_soon does, from any thread of a host whose threads share one lock, such as Python's. The
 * callback has its exact place among all that the threads schedule. This needs a wait hook (loop_set_wait_hook) that
 * releases the lock and acquires it again, and threads that hold the lock whenever they call the API. Without a hook
 * it is loop_call_soon_threadsafe.
 *   Thread: any, while it holds the lock
 *   Errors: -EINVAL loop or fn is NULL; -ENOBUFS no thread runs the loop, and the posts that wait have reached the
 *       limit; LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe()
 *   Since: 0.4 */
BOUCLE_API int loop_call_soon_locked(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                     handle_t **ret_handle);

/* Calls fn after `delay` seconds; negative means 0, INFINITY means never. Callbacks that are due together are called
 * by deadline, and then in the order of these calls. fn is never called early. If many timers are due one after
 * another it may be called up to a millisecond late, as always in asyncio: see loop_options_set_timer_slack.
 *   Errors: -EINVAL loop or fn is NULL, or delay is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_later() */
BOUCLE_API int loop_call_later(loop_t *loop, double delay, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                               handle_t **ret_handle);

/* Calls fn when loop_time reaches `when`, in seconds: in the next turn if it already has, never if `when` is
 * INFINITY. It is as exact as loop_call_later.
 *   Errors: -EINVAL loop or fn is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_at() */
BOUCLE_API int loop_call_at(loop_t *loop, double when, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                            handle_t **ret_handle);

/* Ends the present callback with an exception. When the callback returns, the exception is passed to the exception
 * handler ("Exception in callback"); SystemExit and KeyboardInterrupt end the run instead. A second call replaces
 * the first exception. In a task, use task_raise.
 *   Ownership: keeps exception
 *   Errors: -EINVAL loop or exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE no callback is running
 *   asyncio: raise exception */
BOUCLE_API int loop_raise(loop_t *loop, exception_t *exception);

/* handle_ref adds an owner of the handle; handle_unref removes one. Removing the last one does not cancel the
 * callback.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API handle_t *handle_ref(handle_t *handle);
BOUCLE_API void handle_unref(handle_t *handle);

/* Cancels the callback: it is not called, and its destroy runs now. If it was called already, only handle_cancelled
 * changes.
 *   Errors: -EINVAL handle is NULL; LOOP_EWRONGTHREAD
 *   asyncio: handle.cancel() */
BOUCLE_API int handle_cancel(handle_t *handle);

/* Moves a callback that was not called yet: it is called after `delay` seconds from now; negative means 0. The
 * effect is that of cancelling it and calling loop_call_later again, but this costs less. It is meant for the
 * timeouts of idle connections.
 *   Errors: -EINVAL handle is NULL, or delay is NaN; LOOP_EWRONGTHREAD; LOOP_ECLOSED; LOOP_EINVALIDSTATE it was
 *       called, is being called, was cancelled, or another thread posted it and the loop has not taken it yet
 *   asyncio: none; asyncio.Timeout.reschedule() is similar, and libuv's uv_timer_again() */
BOUCLE_API int handle_again(handle_t *handle, double delay);

/* Returns 1 after handle_cancel, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: handle.cancelled() */
BOUCLE_API int handle_cancelled(const handle_t *handle);

/* Returns when the callback is due, in seconds on the loop's clock: INFINITY for never, 0 for a handle of
 * loop_call_soon or loop_call_soon_threadsafe.
 *   Errors: none; 0 for NULL
 *   asyncio: timer_handle.when() */
BOUCLE_API double handle_when(const handle_t *handle);

BOUCLE_END_DECLS

#endif
