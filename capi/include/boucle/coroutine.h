/* Coroutines: things that a task awaits once and that run inside that task, and straight-line C on a stack of its own.
 *
 * A coroutine_t is asyncio's coroutine object: it has not started, it runs inside the task that awaits it, and it can
 * be awaited once. lock_acquire, queue_get, wait_for and others make one. A callback task awaits it by
 * task_await_coroutine, a stackful one by await_coroutine; task_await_take and await_take take over the reference too,
 * as is convenient right after it was made. loop_ensure_coroutine makes a task of it.
 *
 * In a stackful task the commonest waits need no coroutine_t at all: await_lock_acquire, await_queue_get and their like
 * stand beside lock_acquire and queue_get. */
#ifndef BOUCLE_COROUTINE_H
#define BOUCLE_COROUTINE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* The body of a task on its own stack. It writes its result (a new reference; nil if it writes nothing) and returns 0;
 * or it returns a status to fail: that of an await_... function, whose exception then goes on unchanged, or any other,
 * which becomes exception_new_from_status; await_raise gives an exception of its own. A positive number is a mistake,
 * and becomes a RuntimeError. What it wrote is dropped if it fails. */
typedef int (*coroutine_fn)(void *userdata, value_t **ret_value);

/* One more owner of the coroutine, and one less. In debug mode, one that goes without having been awaited is reported
 * ("a coroutine was never awaited").
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API coroutine_t *coroutine_ref(coroutine_t *coroutine);
BOUCLE_API void coroutine_unref(coroutine_t *coroutine);

/* A coroutine that sleeps for that many seconds, counted from when it is awaited; 0 or less: for one turn of the loop.
 * Its result is nil.
 *   Errors: -EINVAL loop or ret_coroutine is NULL, or seconds is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.sleep() */
BOUCLE_API int coroutine_sleep(loop_t *loop, double seconds, coroutine_t **ret_coroutine);

/* A coroutine that awaits the future, and ends as it does.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: future.__await__() */
BOUCLE_API int coroutine_await(loop_t *loop, future_t *future, coroutine_t **ret_coroutine);

/* ---- stacks of their own ----
 *
 * Such a task has a stack of its own, of the size that loop_options_set_stack_size says, or its own options, with a
 * guard page below it: a body that needs more dies by SIGSEGV, and writes over nothing. The stacks of ended tasks are
 * used again; of those that are of another size than the loop's, only the last few.
 *
 * A task that nothing can wake any more, or that is pending when its loop goes, is destroyed with its stack: the body
 * does not go on, and what only its local variables refer to is lost; its `destroy` runs. Cancel a task to let its body
 * clean up, as loop_run and loop_shutdown do.
 *
 * Between two turns the loop may move to another thread, and its bodies with it: do not keep the address of a
 * thread-local variable across an await. Nothing may be thrown or longjmp'ed out of a body. An await belongs into the
 * body and the functions that it calls, not into a `destroy` or a handler that happens to be called meanwhile.
 *
 * Built without the feature `coroutines`, all of these fail with LOOP_ENOTSUPPORTED. ---- */

/* Schedules a task that runs fn on a stack of its own. If it is cancelled before its first step, fn is never called.
 *   Ownership: takes the triple: destroy runs when the task ends, or goes; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM, also where the system has too many
 *       mappings (before Linux 6.13 each stack takes two of vm.max_map_count); LOOP_ENOTSUPPORTED built without
 *       coroutines
 *   asyncio: loop.create_task() */
BOUCLE_API int loop_create_task(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy, task_t **ret_task);

/* Options of a task, all at their defaults. Those of a task that has no stack of its own are still to come.
 *   Thread: any
 *   Errors: -EINVAL ret_options is NULL; -ENOMEM
 *   Since: 0.4 */
BOUCLE_API int task_options_new(task_options_t **ret_options);

/* One more owner of the options, and one less. A task does not need them once it is made.
 *   Thread: any
 *   Errors: none; NULL is fine
 *   Since: 0.4 */
BOUCLE_API task_options_t *task_options_ref(task_options_t *options);
BOUCLE_API void task_options_unref(task_options_t *options);

/* The size of the task's stack, in bytes; rounded up to pages, at least two. Default: 0, that of the loop.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is above SIZE_MAX / 4
 *   Since: 0.4 */
BOUCLE_API int task_options_set_stack_size(task_options_t *options, size_t size);

/* loop_create_task, with options, which may be NULL: all defaults. For a member of a task group: task_group_add.
 *   Ownership: takes the triple: destroy runs when the task ends, or goes; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM, also where the system has no room for
 *       the stack, or too many mappings; LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: loop.create_task()
 *   Since: 0.4 */
BOUCLE_API int loop_create_task_with(loop_t *loop, const task_options_t *options, coroutine_fn fn, void *userdata,
                                     destroy_fn destroy, task_t **ret_task);

/* Suspends the task until the future is done, and hands out its result (ret_value may be NULL). If it is done already,
 * the body goes on at once, and nothing else runs meanwhile.
 *   Ownership: borrows future, which keeps the task until it is done
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL future is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; LOOP_EEXCEPTION it failed;
 *       LOOP_ECANCELLED it or this task was cancelled (await_exception has the exception);
 *       LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await future */
BOUCLE_API int await_future(future_t *future, value_t **ret_value);

/* Runs the coroutine inside this task, and hands out its result (ret_value may be NULL).
 *   Ownership: keeps coroutine until it ends
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL coroutine is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited
 *       before; LOOP_EEXCEPTION it failed; LOOP_ECANCELLED it or this task was cancelled (await_exception has the
 *       exception); LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await coroutine */
BOUCLE_API int await_coroutine(coroutine_t *coroutine, value_t **ret_value);

/* await_coroutine, which gives up the caller's reference to the coroutine, also if it fails:
 *     coroutine_t *exit = NULL;
 *     int status = task_group_exit(group, NULL, &exit);
 *     return status ? status : await_take(exit, NULL);
 *   Ownership: takes over the reference to coroutine; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL coroutine is NULL; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited
 *       before; LOOP_EEXCEPTION it failed; LOOP_ECANCELLED it or this task was cancelled (await_exception has the
 *       exception); LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await coroutine
 *   Since: 0.4 */
BOUCLE_API int await_take(coroutine_t *coroutine, value_t **ret_value);

/* Suspends the task for that many seconds; 0 or less: for one turn of the loop. Needs no memory.
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL seconds is NaN; LOOP_ENOTASK not inside a body; LOOP_ECANCELLED this task was cancelled
 *       (await_exception has the exception); LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await asyncio.sleep() */
BOUCLE_API int await_sleep(double seconds);

/* The exception of the last await_... of this task that failed, or of await_raise; NULL, with 0, if none has.
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL ret_exception is NULL; LOOP_ENOTASK not inside a body; LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: except BaseException as exception */
BOUCLE_API int await_exception(exception_t **ret_exception);

/* 1 if an `except kind` clause catches the exception that await_exception tells, else 0: exception_matches.
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: none; 0 if kind is NULL, nothing has failed, or this is not inside a body
 *   asyncio: except kind
 *   Since: 0.4 */
BOUCLE_API int await_exception_matches(const char *kind);

/* `return await_raise(exception)` ends the body with that exception. By itself it only remembers it.
 *   Ownership: keeps exception
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: LOOP_EEXCEPTION where all is well; -EINVAL exception is NULL; LOOP_ENOTASK not inside a body;
 *       LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: raise exception */
BOUCLE_API int await_raise(exception_t *exception);

BOUCLE_END_DECLS

#endif
