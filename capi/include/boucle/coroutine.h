/* Coroutines: asyncio's coroutine objects, and tasks that have a stack of their own.
 *
 * A coroutine_t runs inside the task that awaits it, and starts then. It can be awaited once. lock_acquire,
 * queue_get, loop_wait_for and others make one. A task of steps awaits it with task_await_coroutine, a task with a
 * stack with await_coroutine. task_await_take and await_take also give up the caller's reference, for a coroutine
 * that was made right before. loop_ensure_coroutine makes a task of it.
 *
 * A task with a stack needs no coroutine_t for the most frequent waits: it calls await_lock_acquire in place of
 * lock_acquire, await_queue_get in place of queue_get, and so on. */
#ifndef BOUCLE_COROUTINE_H
#define BOUCLE_COROUTINE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* The body of a task that has a stack of its own. To succeed, it writes its result (a new reference; nil if it
 * writes nothing) and returns 0. To fail, it returns a status. If an await_... function returned that status, the
 * task fails with the exception of that call; else with that of exception_new_from_status. await_raise makes it fail
 * with any exception. A positive number is a mistake, and becomes a RuntimeError. If the body fails, the result that
 * it wrote is dropped. */
typedef int (*coroutine_fn)(void *userdata, value_t **ret_value);

/* coroutine_ref adds an owner of the coroutine; coroutine_unref removes one. In debug mode, a coroutine whose last
 * owner is removed before it was awaited is reported ("a coroutine was never awaited").
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API coroutine_t *coroutine_ref(coroutine_t *coroutine);
BOUCLE_API void coroutine_unref(coroutine_t *coroutine);

/* Makes a coroutine that sleeps for `seconds` from when it is awaited; 0 or less: for one turn of the loop. Its
 * result is nil.
 *   Errors: -EINVAL loop or ret_coroutine is NULL, or seconds is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.sleep() */
BOUCLE_API int coroutine_sleep(loop_t *loop, double seconds, coroutine_t **ret_coroutine);

/* Makes a coroutine that awaits the future, and ends as the future does.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: future.__await__() */
BOUCLE_API int coroutine_await(loop_t *loop, future_t *future, coroutine_t **ret_coroutine);

/* ---- tasks with a stack of their own ----
 *
 * The stack's size is that of loop_options_set_stack_size, or of the task's own options. Below it is a guard page: a
 * body that needs more stack dies by SIGSEGV, and overwrites nothing. The stacks of tasks that have ended are used
 * again; of those with another size than the loop's, only the last few.
 *
 * A pending task that nothing can wake any more is destroyed with its stack, and so is one that is pending when its
 * loop is destroyed: the body does not continue, and what only its local variables refer to is leaked; the task's
 * `destroy` runs. Cancel a task to let its body clean up, as loop_run and loop_shutdown do.
 *
 * Between two turns the loop may move to another thread, and its bodies with it: do not keep the address of a
 * thread-local variable across an await. Do not throw, nor longjmp, out of a body. Call await_... functions in the
 * body and the functions that it calls, not in a `destroy` or a handler that is called meanwhile.
 *
 * If the library was built without the feature `coroutines`, all of these fail with LOOP_ENOTSUPPORTED. ---- */

/* Makes a task that runs fn on a stack of its own, and schedules it. If the task is cancelled before it starts, fn
 * is never called.
 *   Ownership: takes the triple: destroy runs when the task ends or is destroyed; *ret_task (ret_task may be NULL)
 *       is a new reference
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM, also where the system has too many
 *       mappings (before Linux 6.13 each stack takes two of vm.max_map_count); LOOP_ENOTSUPPORTED the library was
 *       built without coroutines
 *   asyncio: loop.create_task() */
BOUCLE_API int loop_create_task(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy, task_t **ret_task);

/* Makes options of a task, all at their defaults. So far they concern only tasks with a stack of their own.
 *   Thread: any
 *   Errors: -EINVAL ret_options is NULL; -ENOMEM
 *   Since: 0.4 */
BOUCLE_API int task_options_new(task_options_t **ret_options);

/* task_options_ref adds an owner of the options; task_options_unref removes one. A task does not need its options
 * once it is made.
 *   Thread: any
 *   Errors: none; NULL is fine
 *   Since: 0.4 */
BOUCLE_API task_options_t *task_options_ref(task_options_t *options);
BOUCLE_API void task_options_unref(task_options_t *options);

/* Sets the size of the task's stack, in bytes. It is rounded up to whole pages, and is at least two. Default: 0, the
 * size that the loop's options have.
 *   Thread: any, one at a time
 *   Errors: -EINVAL options is NULL, or size is above SIZE_MAX / 4
 *   Since: 0.4 */
BOUCLE_API int task_options_set_stack_size(task_options_t *options, size_t size);

/* Does what loop_create_task does, with options. options may be NULL: all defaults. To make such a task a member of
 * a task group, call task_group_add.
 *   Ownership: takes the triple: destroy runs when the task ends or is destroyed; *ret_task (ret_task may be NULL)
 *       is a new reference
 *   Errors: -EINVAL loop or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM, also where the system has no room
 *       for the stack, or too many mappings; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: loop.create_task()
 *   Since: 0.4 */
BOUCLE_API int loop_create_task_with(loop_t *loop, const task_options_t *options, coroutine_fn fn, void *userdata,
                                     destroy_fn destroy, task_t **ret_task);

/* Suspends the task until the future is done, and gets its result. ret_value may be NULL. If the future is already
 * done, this returns at once, and nothing else runs meanwhile.
 *   Ownership: borrows future, which keeps the task until it is done
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL future is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; LOOP_EEXCEPTION it
 *       failed; LOOP_ECANCELLED it or this task was cancelled, see await_exception; LOOP_ENOTSUPPORTED the library
 *       was built without coroutines
 *   asyncio: await future */
BOUCLE_API int await_future(future_t *future, value_t **ret_value);

/* Runs the coroutine inside this task, and gets its result. ret_value may be NULL.
 *   Ownership: keeps coroutine until it ends
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL coroutine is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; LOOP_EBUSY it was
 *       awaited before; LOOP_EEXCEPTION it failed; LOOP_ECANCELLED it or this task was cancelled, see
 *       await_exception; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await coroutine */
BOUCLE_API int await_coroutine(coroutine_t *coroutine, value_t **ret_value);

/* Does what await_coroutine does, and gives up the caller's reference to the coroutine, even if it fails:
 *     coroutine_t *exit = NULL;
 *     int status = task_group_exit(group, NULL, &exit);
 *     return status ? status : await_take(exit, NULL);
 *   Ownership: takes over the reference to coroutine; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL coroutine is NULL; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP; LOOP_EBUSY it was
 *       awaited before; LOOP_EEXCEPTION it failed; LOOP_ECANCELLED it or this task was cancelled, see
 *       await_exception; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await coroutine
 *   Since: 0.4 */
BOUCLE_API int await_take(coroutine_t *coroutine, value_t **ret_value);

/* Suspends the task for `seconds`; 0 or less: for one turn of the loop. This needs no memory.
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL seconds is NaN; LOOP_ENOTASK this is not inside a body; LOOP_ECANCELLED this task was cancelled,
 *       see await_exception; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await asyncio.sleep() */
BOUCLE_API int await_sleep(double seconds);

/* Gets the exception of the last await_... call of this task that failed, or of its last await_raise. If none has
 * failed, *ret_exception is NULL.
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL ret_exception is NULL; LOOP_ENOTASK this is not inside a body; LOOP_ENOTSUPPORTED the library
 *       was built without coroutines
 *   asyncio: except BaseException as exception */
BOUCLE_API int await_exception(exception_t **ret_exception);

/* Returns 1 if an `except kind` clause catches the exception that await_exception gets, else 0. See
 * exception_matches.
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: none; 0 if kind is NULL, nothing has failed, or this is this is not inside a body
 *   asyncio: except kind
 *   Since: 0.4 */
BOUCLE_API int await_exception_matches(const char *kind);

/* Makes `exception` the one that await_exception gets, and returns LOOP_EEXCEPTION. `return await_raise(exception)`
 * ends the body with that exception.
 *   Ownership: keeps exception
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: LOOP_EEXCEPTION on success; -EINVAL exception is NULL; LOOP_ENOTASK this is not inside a body;
 *       LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: raise exception */
BOUCLE_API int await_raise(exception_t *exception);

BOUCLE_END_DECLS

#endif
