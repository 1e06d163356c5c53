/* Work for other threads: functions that block, away from the loop. asyncio.to_thread(), loop.run_in_executor().
 *
 * Each loop has worker threads of its own: none until the first job, then as many as there are jobs under way, up to
 * loop_options_set_executor_threads. Jobs begin in the order in which they were handed over. All signals but those of
 * faults are blocked in the workers.
 *
 * loop_close drops the jobs that have not begun, and waits for those that have. loop_run and loop_shutdown let all of
 * them end. On the virtual clock jobs take no time: while there are any, it stands still. */
#ifndef BOUCLE_EXECUTOR_H
#define BOUCLE_EXECUTOR_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A job. It writes its result (a new reference; nil if it writes nothing) and returns 0; or it returns a status, which
 * becomes exception_new_from_status, or LOOP_EEXCEPTION, having written a value of value_new_exception, for an
 * exception of its own.
 * Thread: a worker. Of the loop, and of its objects, it may use only functions ending in _threadsafe, ref and unref;
 * values, exceptions and concurrent_... are free for all. */
typedef int (*executor_fn)(void *userdata, value_t **ret_value);

/* How many worker threads a loop has at most: 1 to 1024. Default: 4.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or count is 0 or more than 1024
 *   asyncio: loop.set_default_executor(ThreadPoolExecutor(max_workers)) */
BOUCLE_API int loop_options_set_executor_threads(loop_options_t *options, size_t count);

/* Has fn called on a worker thread; the future gets its result.
 *
 * If the future is cancelled, a job that has not begun is dropped; one that has is left to end, and its result dropped.
 *   Ownership: takes the triple: destroy runs on the loop's thread, before the future is done or, if the job was
 *       dropped, at once; *ret_future (ret_future may be NULL) is a new reference, and the job keeps it too
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; -EAGAIN there is no worker, and none
 *       can be started
 *   asyncio: loop.run_in_executor(None, fn) */
BOUCLE_API int loop_run_in_executor(loop_t *loop, executor_fn fn, void *userdata, destroy_fn destroy,
                                    future_t **ret_future);

BOUCLE_END_DECLS

#endif
