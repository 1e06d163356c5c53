/* Futures: asyncio.Future. A task is a future too: task_as_future lends it. */
#ifndef BOUCLE_FUTURE_H
#define BOUCLE_FUTURE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef void (*future_callback_fn)(future_t *future, void *userdata);

/* Errors: -EINVAL, LOOP_EWRONGTHREAD, -ENOMEM. asyncio: loop.create_future() */
BOUCLE_API int loop_create_future(loop_t *loop, future_t **ret_future);
BOUCLE_API future_t *future_ref(future_t *future);
BOUCLE_API void future_unref(future_t *future);

/* 1 once there is a result, an exception or a cancellation, else 0. asyncio: future.done(), future.cancelled() */
BOUCLE_API int future_done(const future_t *future);
BOUCLE_API int future_cancelled(const future_t *future);
/* Errors of the three setters: LOOP_EINVALIDSTATE already done; LOOP_ENOTSUPPORTED it is a task; LOOP_ECLOSED somebody
 * waits for it and the loop is closed; LOOP_EWRONGTHREAD; -EINVAL. */
BOUCLE_API int future_set_result(future_t *future, value_t *value);
BOUCLE_API int future_set_exception(future_t *future, exception_t *exception);
/* The result (ret_value may be NULL). Errors: LOOP_EINVALIDSTATE not done yet; LOOP_EEXCEPTION it failed;
 * LOOP_ECANCELLED. Marks the exception as retrieved. asyncio: future.result() */
BOUCLE_API int future_result(future_t *future, value_t **ret_value);
/* The exception; NULL, with 0, if there is a result. For a cancelled future returns LOOP_ECANCELLED; its CancelledError
 * is had by future_cancelled_error. Errors: LOOP_EINVALIDSTATE not done yet. asyncio: future.exception() */
BOUCLE_API int future_exception(future_t *future, exception_t **ret_exception);
/* The CancelledError of a cancelled future, or of one that failed with one, as a gather of a cancelled future does.
 * Errors: LOOP_EINVALIDSTATE it did not end so. */
BOUCLE_API int future_cancelled_error(future_t *future, exception_t **ret_exception);
/* Cancels the future, or asks the task to stop. message may be NULL. *ret_cancelled (may be NULL): 0 if it was already
 * done. asyncio: future.cancel(), task.cancel() */
BOUCLE_API int future_cancel(future_t *future, const char *message, int *ret_cancelled);
/* Calls fn in a later turn, once the future is done. Errors: LOOP_ECLOSED it is done and the loop closed, ... */
BOUCLE_API int future_add_done_callback(future_t *future, future_callback_fn fn, void *userdata, destroy_fn destroy);
/* Removes every callback with that fn and userdata; *ret_removed (may be NULL): how many there were. */
BOUCLE_API int future_remove_done_callback(future_t *future, future_callback_fn fn, void *userdata,
                                           size_t *ret_removed);
/* Lends the loop; NULL once the loop is gone. */
BOUCLE_API loop_t *future_get_loop(const future_t *future);
/* Lends the task that this future is, or NULL. */
BOUCLE_API task_t *future_as_task(future_t *future);

BOUCLE_END_DECLS

#endif
