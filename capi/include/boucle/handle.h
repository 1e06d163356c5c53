/* Callbacks: scheduling them, now or later, from this thread or another; and the handles by which they are cancelled.
 *
 * Wherever a function has ret_handle, it may be NULL: then the callback cannot be cancelled, and call_soon costs less. */
#ifndef BOUCLE_HANDLE_H
#define BOUCLE_HANDLE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A callback. It runs on the loop's thread, in the context of its registration, and may call anything of the API. */
typedef void (*loop_callback_fn)(loop_t *loop, void *userdata);

/* Calls fn in the next turn, after all that was scheduled before.
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_soon() */
BOUCLE_API int loop_call_soon(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                              handle_t **ret_handle);

/* loop_call_soon from anywhere: wakes the loop. Posts of one thread are called in their order. On the loop's own thread,
 * and while nobody runs the loop, the call stands between those that loop_call_soon scheduled before and after it. The
 * handle may be dropped anywhere, but cancelled on the loop's thread only.
 *
 * A thread that is far ahead of the loop (128 KiB of posts) yields its processor to it now and then.
 *   Thread: any
 *   Errors: -EINVAL loop or fn is NULL; -ENOBUFS so many posts wait that the limit is reached, see
 *       loop_options_set_post_limit; LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe() */
BOUCLE_API int loop_call_soon_threadsafe(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                         handle_t **ret_handle);

/* loop_call_soon from any thread of a host whose threads take turns under one lock, such as Python's: the call stands
 * exactly where it comes among all that the loop is asked for. It needs a wait hook (loop_set_wait_hook) that gives the lock
 * up and takes it back, and callbacks that hold the lock whenever they call the API; without a hook it is
 * loop_call_soon_threadsafe.
 *   Thread: any, while it holds the lock
 *   Errors: -EINVAL loop or fn is NULL; -ENOBUFS nobody runs the loop, and what waits in it has reached the post limit;
 *       LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe()
 *   Since: 0.4 */
BOUCLE_API int loop_call_soon_locked(loop_t *loop, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                                     handle_t **ret_handle);

/* Calls fn after `delay` seconds; negative is 0, INFINITY is never. What is due together is called by deadline, then in the
 * order of these calls. Never early; where timers come in crowds, up to a millisecond late, as with asyncio always:
 * see loop_options_set_timer_slack.
 *   Errors: -EINVAL loop or fn is NULL, or delay is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_later() */
BOUCLE_API int loop_call_later(loop_t *loop, double delay, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                               handle_t **ret_handle);

/* Calls fn when loop_time reaches `when`, in seconds; at once if it has; never if it is INFINITY. As exact as
 * loop_call_later.
 *   Errors: -EINVAL loop or fn is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_at() */
BOUCLE_API int loop_call_at(loop_t *loop, double when, loop_callback_fn fn, void *userdata, destroy_fn destroy,
                            handle_t **ret_handle);

/* Called inside a callback: its exception. When the callback returns, the exception handler hears of it ("Exception in
 * callback"); SystemExit and KeyboardInterrupt leave the loop. A second call replaces the first. Tasks have task_raise.
 *   Ownership: keeps exception
 *   Errors: -EINVAL loop or exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE no callback is running
 *   asyncio: raise exception */
BOUCLE_API int loop_raise(loop_t *loop, exception_t *exception);

/* One more owner of the handle, and one less. Dropping it does not cancel the call.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API handle_t *handle_ref(handle_t *handle);
BOUCLE_API void handle_unref(handle_t *handle);

/* The callback will not be called; its destroy runs now. Once it has been called, only handle_cancelled changes.
 *   Errors: -EINVAL handle is NULL; LOOP_EWRONGTHREAD
 *   asyncio: handle.cancel() */
BOUCLE_API int handle_cancel(handle_t *handle);

/* The callback, if it is still to come, comes after `delay` seconds from now instead; negative is 0. As if it was
 * cancelled and loop_call_later was called with it anew, but for less: what an idle connection's time-out needs.
 *   Errors: -EINVAL handle is NULL, or delay is NaN; LOOP_EWRONGTHREAD; LOOP_ECLOSED; LOOP_EINVALIDSTATE it was called,
 *           is being called, was cancelled, or is still on its way from another thread
 *   asyncio: none; asyncio.Timeout.reschedule() is the like of it, and libuv's uv_timer_again() */
BOUCLE_API int handle_again(handle_t *handle, double delay);

/* 1 after handle_cancel, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: handle.cancelled() */
BOUCLE_API int handle_cancelled(const handle_t *handle);

/* When it is due, in seconds on the loop's clock; INFINITY if never; 0 for those of loop_call_soon and loop_call_soon_threadsafe.
 *   Errors: none; 0 for NULL
 *   asyncio: timer_handle.when() */
BOUCLE_API double handle_when(const handle_t *handle);

BOUCLE_END_DECLS

#endif
