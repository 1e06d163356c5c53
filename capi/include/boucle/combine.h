/* Combinators: waiting for several futures, and waiting for a limited time. */
#ifndef BOUCLE_COMBINE_H
#define BOUCLE_COMBINE_H

#include <boucle/base.h>
#include <boucle/coroutine.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* A block of code that must end in time: `async with asyncio.timeout(...)`. */
typedef struct boucle_timeout timeout_t;
/* A block of code that waits, at its end, for the tasks made in it: `async with asyncio.TaskGroup()`. */
typedef struct boucle_task_group task_group_t;
/* An iteration over futures in the order in which they are done: the iterator of asyncio.as_completed(). */
typedef struct boucle_completion completion_t;

/* When loop_wait ends: once one future is done; once one has failed or all are done; once all are done. */
typedef enum boucle_wait_mode {
  WAIT_FIRST_COMPLETED = 0,
  WAIT_FIRST_EXCEPTION = 1,
  WAIT_ALL_COMPLETED = 2
} wait_mode_t;

/* ---- several futures: `futures` may be NULL if count is 0; it may contain a future twice ---- */

/* Makes a future whose result is the list of the futures' results, in the order given. The first exception becomes
 * its exception at once; but with return_exceptions, exceptions are items of the list. Cancelling it cancels the
 * futures. If count is 0, it is done.
 *   Ownership: keeps each future; *ret_future is a new reference, and each pending future keeps it too
 *   Errors: -EINVAL loop, ret_future or one of the futures is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP;
 *       -ENOMEM
 *   asyncio: asyncio.gather() */
BOUCLE_API int loop_gather(loop_t *loop, future_t *const *futures, size_t count, int return_exceptions,
                           future_t **ret_future);

/* Makes a future that ends as `future` does, but whose cancellation does not reach it. If `future` is done already,
 * this returns that very future.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_future is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.shield() */
BOUCLE_API int loop_shield(loop_t *loop, future_t *future, future_t **ret_future);

/* Makes a coroutine that waits until the futures satisfy the mode, at most `timeout` seconds from its start
 * (negative or infinity mean no limit). Its result is nil: look at the futures, which it does not cancel.
 *   Ownership: keeps each future
 *   Errors: -EINVAL loop, ret_coroutine or one of the futures is NULL, count is 0, the mode is not listed, or timeout
 *       is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.wait() */
BOUCLE_API int loop_wait(loop_t *loop, future_t *const *futures, size_t count, wait_mode_t mode, double timeout,
                         coroutine_t **ret_coroutine);

/* Makes a coroutine that waits for the future, at most `timeout` seconds from its start (infinity means no limit;
 * with 0 or less it does not wait). It ends as the future does, or with TimeoutError if the future is late. In that
 * case, and if the coroutine is cancelled, it cancels the future.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_coroutine is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD;
 *       LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.wait_for() */
BOUCLE_API int loop_wait_for(loop_t *loop, future_t *future, double timeout, coroutine_t **ret_coroutine);

/* Waits for the future, at most `timeout` seconds (infinity means no limit; with 0 or less it does not wait), and
 * gets its result. If the future is late, or this task is cancelled meanwhile, it cancels the future. It is
 * loop_wait_for and await_take in one, for bodies of loop_create_task.
 *   Ownership: keeps future until this returns; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or a function that it calls
 *   Errors: -EINVAL future is NULL, or timeout is NaN; LOOP_ENOTASK this is not inside a body; LOOP_EWRONGLOOP;
 *       -ENOMEM; LOOP_EEXCEPTION it failed, or was late: await_exception_matches("TimeoutError"); LOOP_ECANCELLED it
 *       or this task was cancelled; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: await asyncio.wait_for()
 *   Since: 0.4 */
BOUCLE_API int await_wait_for(future_t *future, double timeout, value_t **ret_value);

/* Makes a coroutine that awaits another one, at most `timeout` seconds from its start (infinity means no limit; with
 * 0 or less it does not wait). It ends as the other one does, or with TimeoutError if that is late. The other one
 * runs inside the task that awaits; if the timeout is 0 or less, in a task of its own, which is cancelled at once.
 *   Ownership: keeps coroutine
 *   Errors: -EINVAL loop, coroutine or ret_coroutine is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD;
 *       LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited before; -ENOMEM
 *   asyncio: asyncio.wait_for(coroutine) */
BOUCLE_API int loop_wait_for_coroutine(loop_t *loop, coroutine_t *coroutine, double timeout,
                                       coroutine_t **ret_coroutine);

/* Makes an iteration over the futures, in the order in which they are done. It starts at once, with a timer of
 * `timeout` seconds (negative or infinity mean no limit). completion_next gets the next one.
 *   Ownership: keeps each future that is done until completion_next is called for it; *ret_completion is a new
 *       reference, and each pending future keeps it too
 *   Errors: -EINVAL loop, ret_completion or one of the futures is NULL, or timeout is NaN; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.as_completed() */
BOUCLE_API int loop_as_completed(loop_t *loop, future_t *const *futures, size_t count, double timeout,
                                 completion_t **ret_completion);

/* completion_ref adds an owner of the iteration; completion_unref removes one. Removing the last one cancels no
 * future.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API completion_t *completion_ref(completion_t *completion);
BOUCLE_API void completion_unref(completion_t *completion);

/* Makes a coroutine that waits for the next future that is done, and ends as that does; or with TimeoutError if none
 * is done in time.
 *   Ownership: keeps completion
 *   Errors: -EINVAL completion or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it was
 *       called once for each of the futures already; -ENOMEM
 *   asyncio: next(asyncio.as_completed()) */
BOUCLE_API int completion_next(completion_t *completion, coroutine_t **ret_coroutine);

/* ---- timeout blocks: enter; await things; exit ---- */

/* Makes a timeout at `when`, in seconds on the loop's clock (infinity means never). It has no effect before
 * timeout_enter.
 *   Errors: -EINVAL loop or ret_timeout is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.timeout_at(), asyncio.timeout() */
BOUCLE_API int timeout_new(loop_t *loop, double when, timeout_t **ret_timeout);

/* timeout_ref adds an owner of the timeout; timeout_unref removes one. Once it is entered, it keeps its task.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API timeout_t *timeout_ref(timeout_t *timeout);
BOUCLE_API void timeout_unref(timeout_t *timeout);

/* Begins the block in the running task, which is cancelled at `when` if the block has not ended by then.
 *   Ownership: borrows timeout, which keeps the task
 *   Errors: -EINVAL timeout is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_ENOTASK no task is running;
 *       LOOP_EINVALIDSTATE it was entered before
 *   asyncio: timeout.__aenter__() */
BOUCLE_API int timeout_enter(timeout_t *timeout);

/* Ends the block, and gets the exception that the block ends with. `exception` is what the code in the block ended
 * with, or NULL. *ret_exception is a TimeoutError if `exception` is the CancelledError that the timeout caused; else
 * it is `exception`.
 *   Errors: -EINVAL timeout or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EEXPIRED it was not entered, or is over
 *   asyncio: timeout.__aexit__() */
BOUCLE_API int timeout_exit(timeout_t *timeout, exception_t *exception, exception_t **ret_exception);

/* Moves the deadline to `when`, in seconds on the loop's clock (infinity means never).
 *   Errors: -EINVAL timeout is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EEXPIRED it was not entered,
 *       is expiring, or is over
 *   asyncio: timeout.reschedule() */
BOUCLE_API int timeout_reschedule(timeout_t *timeout, double when);

/* Returns the deadline, in seconds on the loop's clock; infinity for never.
 *   Errors: none; infinity for NULL
 *   asyncio: timeout.when() */
BOUCLE_API double timeout_when(const timeout_t *timeout);

/* Returns 1 once the deadline has passed inside the block, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: timeout.expired() */
BOUCLE_API int timeout_expired(const timeout_t *timeout);

/* Returns "created", "active", "expiring", "expired" or "finished".
 *   Ownership: lends static text
 *   Errors: none; "" for NULL
 *   asyncio: repr(timeout) */
BOUCLE_API const char *timeout_state(const timeout_t *timeout);

/* ---- task groups: enter; make tasks; await the exit coroutine ---- */

/* Makes a task group, which is not entered yet.
 *   Errors: -EINVAL loop or ret_group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.TaskGroup() */
BOUCLE_API int task_group_new(loop_t *loop, task_group_t **ret_group);

/* task_group_ref adds an owner of the group; task_group_unref removes one. The group keeps its parent, and its
 * members until they are done.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API task_group_t *task_group_ref(task_group_t *group);
BOUCLE_API void task_group_unref(task_group_t *group);

/* Begins the block. The running task becomes the group's parent; the first member that fails cancels it.
 *   Ownership: borrows group, which keeps the task
 *   Errors: -EINVAL group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_ENOTASK no task is running; LOOP_EINVALIDSTATE
 *       it was entered before
 *   asyncio: group.__aenter__() */
BOUCLE_API int task_group_enter(task_group_t *group);

/* Adds a task, which must have been made right before, to the group. Call task_group_check before you make the task.
 *   Ownership: borrows group, which keeps task until it is done
 *   Errors: -EINVAL group or task is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not
 *       entered; LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: group.create_task() */
BOUCLE_API int task_group_add(task_group_t *group, task_t *task);

/* Returns 0 if the group takes tasks now, else the error that task_group_add would return.
 *   Errors: -EINVAL group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not entered;
 *       LOOP_ESHUTTINGDOWN it is cancelling its members, or finished */
BOUCLE_API int task_group_check(const task_group_t *group);

/* Returns "finished", "shutting down", or "" if it is neither.
 *   Ownership: lends static text
 *   Errors: none; "" for NULL
 *   asyncio: repr(group) */
BOUCLE_API const char *task_group_state(const task_group_t *group);

/* Makes a task of steps that is a member of the group. It is loop_ensure_future and task_group_add in one, but makes
 * no task if the group refuses it.
 *   Ownership: borrows group, which keeps the task until it is done; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL group or step is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not
 *       entered; LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; -ENOMEM
 *   asyncio: group.create_task() */
BOUCLE_API int task_group_ensure_future(task_group_t *group, task_step_fn step, void *userdata, destroy_fn destroy,
                                        task_t **ret_task);

/* Makes a task with a stack that is a member of the group. It is loop_create_task and task_group_add in one, but
 * makes no task if the group refuses it.
 *   Ownership: borrows group, which keeps the task until it is done; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL group or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not
 *       entered; LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; -ENOMEM, also where the system has
 *       too many mappings; LOOP_ENOTSUPPORTED the library was built without coroutines
 *   asyncio: group.create_task()
 *   Since: 0.4 */
BOUCLE_API int task_group_create_task(task_group_t *group, coroutine_fn fn, void *userdata, destroy_fn destroy,
                                      task_t **ret_task);

/* Makes a coroutine that ends the block: it waits for the members. `exception` is what the code in the block ended
 * with, or NULL. The coroutine ends as the block does: with nil, with an ExceptionGroup, or with the CancelledError
 * that ends the parent.
 *   Ownership: keeps group and exception
 *   Errors: -EINVAL group or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was
 *       not entered, or is being ended already; -ENOMEM
 *   asyncio: group.__aexit__() */
BOUCLE_API int task_group_exit(task_group_t *group, exception_t *exception, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
