/* Futures: asyncio.Future. A task is a future too: task_as_future lends it.
 *
 * A future is pending, and then done for good: with a result, with an exception, or cancelled. Whoever waits for it is
 * called in a later turn of the loop, never inside the call that completes it. */
#ifndef BOUCLE_FUTURE_H
#define BOUCLE_FUTURE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A done-callback. The future is done, and lent. */
typedef void (*future_callback_fn)(future_t *future, void *userdata);

/* A pending future. As in asyncio, a closed loop makes one too.
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.create_future() */
BOUCLE_API int loop_create_future(loop_t *loop, future_t **ret_future);

/* One more owner of the future, and one less. The last one drops who waits for it if it is pending, and reports its
 * exception if nobody has asked for it ("Future exception was never retrieved").
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API future_t *future_ref(future_t *future);
BOUCLE_API void future_unref(future_t *future);

/* 1 once there is a result, an exception or a cancellation, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: future.done() */
BOUCLE_API int future_done(const future_t *future);

/* 1 once it is cancelled, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: future.cancelled() */
BOUCLE_API int future_cancelled(const future_t *future);

/* Completes the future with a result. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTSUPPORTED it is a task; LOOP_EINVALIDSTATE it is done
 *       already; LOOP_ECLOSED somebody waits for it, and the loop is closed
 *   asyncio: future.set_result() */
BOUCLE_API int future_set_result(future_t *future, value_t *value);

/* Completes the future with an exception.
 *   Ownership: keeps exception
 *   Errors: -EINVAL future or exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTSUPPORTED it is a task; LOOP_EINVALIDSTATE
 *       it is done already; LOOP_ECLOSED somebody waits for it, and the loop is closed
 *   asyncio: future.set_exception() */
BOUCLE_API int future_set_exception(future_t *future, exception_t *exception);

/* The result (ret_value may be NULL). If it failed, its exception counts as retrieved from now on.
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE not done yet; LOOP_EEXCEPTION it failed, see
 *       future_exception; LOOP_ECANCELLED it was cancelled, or failed with a CancelledError, see future_cancelled_error
 *   asyncio: future.result() */
BOUCLE_API int future_result(future_t *future, value_t **ret_value);

/* The exception, which counts as retrieved from now on; NULL, with 0, if there is a result.
 *   Errors: -EINVAL future or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE not done yet;
 *       LOOP_ECANCELLED it was cancelled, see future_cancelled_error
 *   asyncio: future.exception() */
BOUCLE_API int future_exception(future_t *future, exception_t **ret_exception);

/* The CancelledError of a cancelled future, or of one that failed with one, as a gather of a cancelled future does.
 *
 * It is what `await` raises in asyncio: the first reading of a cancelled task gives the very exception that ended it,
 * later ones a plain one.
 *   Errors: -EINVAL future or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it did not end so, or not
 *       yet
 *   asyncio: except CancelledError around future.result() */
BOUCLE_API int future_cancelled_error(future_t *future, exception_t **ret_exception);

/* Cancels the future; asks a task to stop, by a CancelledError at its next step. message may be NULL. *ret_cancelled
 * (may be NULL): 0 if it was done already, else 1.
 *   Ownership: copies message
 *   Errors: -EINVAL future is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED somebody waits for it, and the loop is closed;
 *       LOOP_ERECURSION it waits for itself, as does a task that awaits a task that awaits it; -ENOMEM for the message
 *   asyncio: future.cancel(), task.cancel() */
BOUCLE_API int future_cancel(future_t *future, const char *message, int *ret_cancelled);

/* Calls fn in a later turn, once the future is done; after those that were added before.
 *   Ownership: borrows future, which holds the triple until it is done
 *   Errors: -EINVAL future or fn is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED it is done, and the loop is closed; -ENOMEM
 *   asyncio: future.add_done_callback() */
BOUCLE_API int future_add_done_callback(future_t *future, future_callback_fn fn, void *userdata, destroy_fn destroy);

/* Removes every callback with that fn and userdata from a pending future; *ret_removed (may be NULL): how many there
 * were. Those of a done future are on their way.
 *   Ownership: the removed callbacks' destroy functions run now
 *   Errors: -EINVAL future or fn is NULL; LOOP_EWRONGTHREAD
 *   asyncio: future.remove_done_callback() */
BOUCLE_API int future_remove_done_callback(future_t *future, future_callback_fn fn, void *userdata,
                                           size_t *ret_removed);

/* The loop; NULL once its last owner is gone.
 *   Ownership: lends the loop
 *   Errors: none; NULL for NULL
 *   asyncio: future.get_loop() */
BOUCLE_API loop_t *future_get_loop(const future_t *future);

/* The task that this future is, or NULL if it is none.
 *   Ownership: lends the task
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: isinstance(future, asyncio.Task) */
BOUCLE_API task_t *future_as_task(future_t *future);

BOUCLE_END_DECLS

#endif
