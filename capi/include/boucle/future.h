/* Futures: asyncio.Future. A task is a future too: task_as_future returns it.
 *
 * A future is first pending, and then done: it has a result, or an exception, or is cancelled, and never changes again.
 * Its done-callbacks run in a later turn of the loop, never inside the call that completes it. */
#ifndef BOUCLE_FUTURE_H
#define BOUCLE_FUTURE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A done-callback. The future is done, and lent for the duration of the call. */
typedef void (*future_callback_fn)(future_t *future, void *userdata);

/* Makes a pending future. As in asyncio, the loop may be closed.
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.create_future() */
BOUCLE_API int loop_create_future(loop_t *loop, future_t **ret_future);

/* future_ref adds an owner of the future; future_unref removes one. The last one drops, if the future is pending,
 * the callbacks and tasks that wait for it; and reports its exception if no code has asked for it ("Future exception
 * was never retrieved").
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API future_t *future_ref(future_t *future);
BOUCLE_API void future_unref(future_t *future);

/* Returns 1 once the future has a result or an exception, or is cancelled, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: future.done() */
BOUCLE_API int future_done(const future_t *future);

/* Returns 1 once the future is cancelled, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: future.cancelled() */
BOUCLE_API int future_cancelled(const future_t *future);

/* Completes the future with a result. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTSUPPORTED it is a task; LOOP_EINVALIDSTATE it is
 *       already done; LOOP_ECLOSED a callback or a task waits for it, and the loop is closed
 *   asyncio: future.set_result() */
BOUCLE_API int future_set_result(future_t *future, value_t *value);

/* Completes the future with an exception.
 *   Ownership: keeps exception
 *   Errors: -EINVAL future or exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTSUPPORTED it is a task;
 *       LOOP_EINVALIDSTATE it is already done; LOOP_ECLOSED a callback or a task waits for it, and the loop is
 *       closed
 *   asyncio: future.set_exception() */
BOUCLE_API int future_set_exception(future_t *future, exception_t *exception);

/* Gets the result. ret_value may be NULL. If the future failed, its exception counts as retrieved from now on.
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is not done yet; LOOP_EEXCEPTION it
 *       failed, see future_exception; LOOP_ECANCELLED it was cancelled, or failed with a CancelledError, see
 *       future_cancelled_error
 *   asyncio: future.result() */
BOUCLE_API int future_result(future_t *future, value_t **ret_value);

/* Gets the exception, which counts as retrieved from now on. If the future has a result, *ret_exception is NULL.
 *   Errors: -EINVAL future or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is not done yet;
 *       LOOP_ECANCELLED it was cancelled, see future_cancelled_error
 *   asyncio: future.exception() */
BOUCLE_API int future_exception(future_t *future, exception_t **ret_exception);

/* Gets the CancelledError of a cancelled future, or of one that failed with a CancelledError, as a gather of a
 * cancelled future does.
 *
 * It is what `await` raises in asyncio: the first call for a cancelled task gets the very exception that ended it,
 * later calls get a CancelledError without a message.
 *   Errors: -EINVAL future or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is not cancelled, or
 *       not done yet
 *   asyncio: except CancelledError around future.result() */
BOUCLE_API int future_cancelled_error(future_t *future, exception_t **ret_exception);

/* Cancels the future. A task is asked to stop: its next step gets a CancelledError. message may be NULL.
 * *ret_cancelled (ret_cancelled may be NULL) is 0 if the future was done already, else 1.
 *   Ownership: copies message
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED a callback or a task waits for it, and the loop
 *       is closed; LOOP_ERECURSION it waits for itself, directly or through other tasks; -ENOMEM for the message
 *   asyncio: future.cancel(), task.cancel() */
BOUCLE_API int future_cancel(future_t *future, const char *message, int *ret_cancelled);

/* Calls fn in a later turn once the future is done, after the callbacks that were added before.
 *   Ownership: borrows future, which holds the triple until it is done
 *   Errors: -EINVAL future or fn is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED it is done, and the loop is closed; -ENOMEM
 *   asyncio: future.add_done_callback() */
BOUCLE_API int future_add_done_callback(future_t *future, future_callback_fn fn, void *userdata, destroy_fn destroy);

/* Removes every callback with that fn and userdata from a pending future. *ret_removed (ret_removed may be NULL) is
 * how many there were. If the future is done, its callbacks are scheduled already and are not removed.
 *   Ownership: the destroy functions of the removed callbacks run now
 *   Errors: -EINVAL future or fn is NULL; LOOP_EWRONGTHREAD
 *   asyncio: future.remove_done_callback() */
BOUCLE_API int future_remove_done_callback(future_t *future, future_callback_fn fn, void *userdata,
                                           size_t *ret_removed);

/* Returns the future's loop, or NULL once the loop has no owner.
 *   Ownership: lends the loop
 *   Errors: none; NULL for NULL
 *   asyncio: future.get_loop() */
BOUCLE_API loop_t *future_get_loop(const future_t *future);

/* Returns the future as a task, or NULL if it is not a task.
 *   Ownership: lends the task
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: isinstance(future, asyncio.Task) */
BOUCLE_API task_t *future_as_task(future_t *future);

BOUCLE_END_DECLS

#endif
