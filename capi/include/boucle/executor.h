/* Jobs: functions that block, and so run on worker threads. asyncio.to_thread(), loop.run_in_executor().
 *
 * Each loop has worker threads of its own: none before the first job, then as many as jobs run at once, at most
 * loop_options_set_executor_threads. Jobs begin in the order of the calls. In the workers all signals are blocked,
 * except those of faults, such as SIGSEGV.
 *
 * loop_close drops the jobs that have not begun, and waits for those that have. loop_run and loop_shutdown wait for
 * all. On the virtual clock jobs take no time: it stands still while there are jobs. */
#ifndef BOUCLE_EXECUTOR_H
#define BOUCLE_EXECUTOR_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A job. To succeed, it writes its result (a new reference; nil if it writes nothing) and returns 0. To fail, it
 * returns a status, of which exception_new_from_status makes the exception. To fail with any exception, it writes a
 * value of value_new_exception and returns LOOP_EEXCEPTION. It runs on a worker thread. There it may call, of the
 * functions of the loop and its objects, only those ending in _threadsafe, _ref and _unref; and all functions of
 * values, exceptions and concurrent_t. */
typedef int (*executor_fn)(void *userdata, value_t **ret_value);

/* Sets how many worker threads a loop has at most: 1 to 1024. Default: 4.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or count is 0 or more than 1024
 *   asyncio: loop.set_default_executor(ThreadPoolExecutor(max_workers)) */
BOUCLE_API int loop_options_set_executor_threads(loop_options_t *options, size_t count);

/* Calls fn on a worker thread, and makes a future for its result.
 *
 * If the future is cancelled before the job has begun, the job is dropped. If it has begun, it runs to its end, and
 * its result is dropped.
 *   Ownership: takes the triple: destroy runs on the loop's thread, before the future is done or, if the job was
 *       dropped, at once; *ret_future (ret_future may be NULL) is a new reference, and the job keeps it too
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; -EAGAIN there is no worker thread,
 *       and the system starts none
 *   asyncio: loop.run_in_executor(None, fn) */
BOUCLE_API int loop_run_in_executor(loop_t *loop, executor_fn fn, void *userdata, destroy_fn destroy,
                                    future_t **ret_future);

BOUCLE_END_DECLS

#endif
