/* Tasks for other threads: started from any thread, and waited for there. asyncio.run_coroutine_threadsafe().
 *
 * A concurrent_t is concurrent.futures.Future: the outcome of such a task. Every function of it may be called from any
 * thread at any time. If the loop closes first, it fails with the exception of LOOP_ECLOSED. */
#ifndef BOUCLE_CONCURRENT_H
#define BOUCLE_CONCURRENT_H

#include <boucle/base.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* The outcome of a task, for other threads than its loop's: concurrent.futures.Future. */
typedef struct boucle_concurrent concurrent_t;

/* loop_ensure_future from anywhere: wakes the loop, which makes the task in its next turn.
 *   Ownership: *ret_concurrent (ret_concurrent may be NULL) is a new reference
 *   Thread: any
 *   Errors: -EINVAL loop or step is NULL; LOOP_ECLOSED; LOOP_EFORKED; -ENOMEM
 *   asyncio: asyncio.run_coroutine_threadsafe() */
BOUCLE_API int loop_ensure_future_threadsafe(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                             concurrent_t **ret_concurrent);

/* One more owner of the outcome, and one less. Dropping it does not cancel the task.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API concurrent_t *concurrent_ref(concurrent_t *concurrent);
BOUCLE_API void concurrent_unref(concurrent_t *concurrent);

/* 1 once there is an outcome, else 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: concurrent.futures.Future.done() */
BOUCLE_API int concurrent_done(concurrent_t *concurrent);

/* Waits for the result (ret_value may be NULL), at most `timeout` seconds of real time; negative: without limit.
 *   Thread: any
 *   Errors: -EINVAL concurrent is NULL, or timeout is NaN; LOOP_EDEADLOCK it is not done, and this thread is running
 *       the loop that it waits for; -ETIMEDOUT it is not done by then; LOOP_EEXCEPTION it failed, see
 *       concurrent_exception; LOOP_ECANCELLED it was cancelled; LOOP_EFORKED it is not done, and its loop is the parent's
 *   asyncio: concurrent.futures.Future.result(timeout) */
BOUCLE_API int concurrent_result(concurrent_t *concurrent, double timeout, value_t **ret_value);

/* Waits likewise for the exception; NULL, with 0, if there is a result.
 *   Thread: any
 *   Errors: -EINVAL concurrent or ret_exception is NULL, or timeout is NaN; LOOP_EDEADLOCK it is not done, and this
 *       thread is running the loop that it waits for; -ETIMEDOUT it is not done by then; LOOP_ECANCELLED it
 *       was cancelled; LOOP_EFORKED it is not done, and its loop is the parent's
 *   asyncio: concurrent.futures.Future.exception(timeout) */
BOUCLE_API int concurrent_exception(concurrent_t *concurrent, double timeout, exception_t **ret_exception);

/* Ends it as cancelled, and asks the task to stop: it is not waited for. *ret_cancelled (may be NULL): 0 if it was done
 * already, else 1.
 *   Thread: any
 *   Errors: -EINVAL concurrent is NULL
 *   asyncio: concurrent.futures.Future.cancel() */
BOUCLE_API int concurrent_cancel(concurrent_t *concurrent, int *ret_cancelled);

BOUCLE_END_DECLS

#endif
