/* Tasks that another thread starts and waits for: asyncio.run_coroutine_threadsafe().
 *
 * A concurrent_t is the outcome of such a task: concurrent.futures.Future. Its functions may be called from any
 * thread at any time. If the loop is closed before the task is done, the outcome is the exception of LOOP_ECLOSED.
 * */
#ifndef BOUCLE_CONCURRENT_H
#define BOUCLE_CONCURRENT_H

#include <boucle/base.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* The outcome of a task, for threads other than its loop's: concurrent.futures.Future. */
typedef struct boucle_concurrent concurrent_t;

/* Does what loop_ensure_future does, from any thread: wakes the loop, which makes the task in its next turn.
 *   Ownership: *ret_concurrent (ret_concurrent may be NULL) is a new reference
 *   Thread: any
 *   Errors: -EINVAL loop or step is NULL; LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: asyncio.run_coroutine_threadsafe() */
BOUCLE_API int loop_ensure_future_threadsafe(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                             concurrent_t **ret_concurrent);

/* concurrent_ref adds an owner of the outcome; concurrent_unref removes one. Removing the last one does not cancel
 * the task.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API concurrent_t *concurrent_ref(concurrent_t *concurrent);
BOUCLE_API void concurrent_unref(concurrent_t *concurrent);

/* Returns 1 once there is an outcome, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: concurrent.futures.Future.done() */
BOUCLE_API int concurrent_done(concurrent_t *concurrent);

/* Waits for the result, at most `timeout` seconds of real time (negative means no limit), and gets it. ret_value may
 * be NULL.
 *   Thread: any
 *   Errors: -EINVAL concurrent is NULL, or timeout is NaN; LOOP_EDEADLOCK it is not done, and this thread is running
 *       the loop that it waits for; -ETIMEDOUT it is not done in time; LOOP_EEXCEPTION it failed, see
 *       concurrent_exception; LOOP_ECANCELLED it was cancelled; LOOP_EFORKED it is not done, and its loop belongs to
 *       the parent process
 *   asyncio: concurrent.futures.Future.result(timeout) */
BOUCLE_API int concurrent_result(concurrent_t *concurrent, double timeout, value_t **ret_value);

/* Waits for the outcome, at most `timeout` seconds of real time (negative means no limit), and gets the exception.
 * If there is a result, *ret_exception is NULL.
 *   Thread: any
 *   Errors: -EINVAL concurrent or ret_exception is NULL, or timeout is NaN; LOOP_EDEADLOCK it is not done, and this
 *       thread is running the loop that it waits for; -ETIMEDOUT it is not done in time; LOOP_ECANCELLED it was
 *       cancelled; LOOP_EFORKED it is not done, and its loop belongs to the parent process
 *   asyncio: concurrent.futures.Future.exception(timeout) */
BOUCLE_API int concurrent_exception(concurrent_t *concurrent, double timeout, exception_t **ret_exception);

/* Ends the outcome as cancelled, and asks the task to stop. It does not wait for the task. *ret_cancelled
 * (ret_cancelled may be NULL) is 0 if it was done already, else 1.
 *   Thread: any
 *   Errors: -EINVAL concurrent is NULL
 *   asyncio: concurrent.futures.Future.cancel() */
BOUCLE_API int concurrent_cancel(concurrent_t *concurrent, int *ret_cancelled);

BOUCLE_END_DECLS

#endif
