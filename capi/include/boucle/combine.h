/* Combinators: several futures at once, and futures against time. */
#ifndef BOUCLE_COMBINE_H
#define BOUCLE_COMBINE_H

#include <boucle/base.h>
#include <boucle/coroutine.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* A block that must be over in time: `async with asyncio.timeout(...)`. */
typedef struct boucle_timeout timeout_t;
/* A block that waits for the tasks made in it: `async with asyncio.TaskGroup()`. */
typedef struct boucle_task_group task_group_t;
/* What as_completed() iterates. */
typedef struct boucle_completion completion_t;

/* When loop_wait is satisfied: once one future is done; once one has failed, or all are done; once all are done. */
typedef enum boucle_wait_mode {
  WAIT_FIRST_COMPLETED = 0,
  WAIT_FIRST_EXCEPTION = 1,
  WAIT_ALL_COMPLETED = 2
} wait_mode_t;

/* ---- several futures: `futures` may be NULL if count is 0; one future may be given twice ---- */

/* A future for the list of the results, in the order given. The first exception goes on at once, unless
 * return_exceptions: then exceptions are items of the list. Cancelling it cancels the futures. Of none, it is done.
 *   Ownership: keeps each future; *ret_future is a new reference, and each pending future keeps it too
 *   Errors: -EINVAL loop, ret_future or one of the futures is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP;
 *       -ENOMEM
 *   asyncio: asyncio.gather() */
BOUCLE_API int loop_gather(loop_t *loop, future_t *const *futures, size_t count, int return_exceptions,
                           future_t **ret_future);

/* A future that follows `future`, but whose cancellation does not reach it. If it is done: that very future.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_future is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.shield() */
BOUCLE_API int loop_shield(loop_t *loop, future_t *future, future_t **ret_future);

/* A coroutine that waits until the mode is satisfied, or `timeout` seconds from its start have passed (negative or
 * infinity: no limit). Its result is nil: ask the futures, which it does not cancel.
 *   Ownership: keeps each future
 *   Errors: -EINVAL loop, ret_coroutine or one of the futures is NULL, count is 0, the mode is not listed, or timeout
 *       is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.wait() */
BOUCLE_API int loop_wait(loop_t *loop, future_t *const *futures, size_t count, wait_mode_t mode, double timeout,
                         coroutine_t **ret_coroutine);

/* A coroutine for the future's outcome, or TimeoutError if `timeout` seconds from its start pass first (infinity: no
 * limit; 0 or less: now). In that case, and if it is cancelled itself, it cancels the future.
 *   Ownership: keeps future
 *   Errors: -EINVAL loop, future or ret_coroutine is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD;
 *       LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.wait_for() */
BOUCLE_API int loop_wait_for(loop_t *loop, future_t *future, double timeout, coroutine_t **ret_coroutine);

/* loop_wait_for and await_take in one, for bodies of loop_create_task: hands out the future's result, if it comes
 * within `timeout` seconds (infinity: no limit; 0 or less: now). If not, and if this task is cancelled meanwhile, it
 * cancels the future.
 *   Ownership: keeps future until then; *ret_value (ret_value may be NULL) is a new reference
 *   Thread: the loop's, inside a body or what it calls
 *   Errors: -EINVAL future is NULL, or timeout is NaN; LOOP_ENOTASK not inside a body; LOOP_EWRONGLOOP; -ENOMEM;
 *       LOOP_EEXCEPTION it failed, or was late: await_exception_matches("TimeoutError"); LOOP_ECANCELLED it or this
 *       task was cancelled; LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: await asyncio.wait_for()
 *   Since: 0.4 */
BOUCLE_API int await_wait_for(future_t *future, double timeout, value_t **ret_value);

/* A coroutine for the outcome of another, or TimeoutError if `timeout` seconds from its start pass first (infinity: no
 * limit; 0 or less: now). That other one runs inside the task that awaits (with a timeout of 0 or less: in a task of
 * its own, which is cancelled at once).
 *   Ownership: keeps coroutine
 *   Errors: -EINVAL loop, coroutine or ret_coroutine is NULL, or timeout is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD;
 *       LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited before; -ENOMEM
 *   asyncio: asyncio.wait_for(coroutine) */
BOUCLE_API int loop_wait_for_coroutine(loop_t *loop, coroutine_t *coroutine, double timeout,
                                       coroutine_t **ret_coroutine);

/* Subscribes to the futures, and starts a timer of `timeout` seconds, at once (negative or infinity: no limit).
 *   Ownership: keeps futures that are done until they are asked for; *ret_completion is a new reference, and each
 *       pending future keeps it too
 *   Errors: -EINVAL loop, ret_completion or one of the futures is NULL, or timeout is NaN; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: asyncio.as_completed() */
BOUCLE_API int loop_as_completed(loop_t *loop, future_t *const *futures, size_t count, double timeout,
                                 completion_t **ret_completion);

/* One more owner of the iteration, and one less. Dropping it cancels nothing.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API completion_t *completion_ref(completion_t *completion);
BOUCLE_API void completion_unref(completion_t *completion);

/* A coroutine for the outcome of the next future that is done, or TimeoutError.
 *   Ownership: keeps completion
 *   Errors: -EINVAL completion or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE each of
 *       the futures has been asked for; -ENOMEM
 *   asyncio: next(asyncio.as_completed()) */
BOUCLE_API int completion_next(completion_t *completion, coroutine_t **ret_coroutine);

/* ---- timeout blocks: enter; await things; exit ---- */

/* A timeout at `when`, in seconds on the loop's clock (infinity: never). Nothing happens before it is entered.
 *   Errors: -EINVAL loop or ret_timeout is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.timeout_at(), asyncio.timeout() */
BOUCLE_API int timeout_new(loop_t *loop, double when, timeout_t **ret_timeout);

/* One more owner of the timeout, and one less. Once entered, it keeps its task.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API timeout_t *timeout_ref(timeout_t *timeout);
BOUCLE_API void timeout_unref(timeout_t *timeout);

/* Begins the block, in the task that is running: at `when`, that task is cancelled.
 *   Ownership: borrows timeout, which keeps the task
 *   Errors: -EINVAL timeout is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_ENOTASK no task is running;
 *       LOOP_EINVALIDSTATE it was entered before
 *   asyncio: timeout.__aenter__() */
BOUCLE_API int timeout_enter(timeout_t *timeout);

/* Ends the block, which `exception` ended, or nothing if that is NULL. *ret_exception is what goes on from there: a
 * TimeoutError in the place of the CancelledError that the timeout caused, else the same exception, or NULL.
 *   Errors: -EINVAL timeout or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EEXPIRED it was not entered, or is over
 *   asyncio: timeout.__aexit__() */
BOUCLE_API int timeout_exit(timeout_t *timeout, exception_t *exception, exception_t **ret_exception);

/* Moves the deadline to `when`, in seconds on the loop's clock (infinity: never).
 *   Errors: -EINVAL timeout is NULL, or when is NaN; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EEXPIRED it was not entered,
 *       is expiring, or is over
 *   asyncio: timeout.reschedule() */
BOUCLE_API int timeout_reschedule(timeout_t *timeout, double when);

/* The deadline, in seconds on the loop's clock; infinity for never.
 *   Errors: none; infinity for NULL
 *   asyncio: timeout.when() */
BOUCLE_API double timeout_when(const timeout_t *timeout);

/* 1 once the deadline has passed inside the block, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: timeout.expired() */
BOUCLE_API int timeout_expired(const timeout_t *timeout);

/* "created", "active", "expiring", "expired" or "finished".
 *   Ownership: lends static text
 *   Errors: none; "" for NULL
 *   asyncio: repr(timeout) */
BOUCLE_API const char *timeout_state(const timeout_t *timeout);

/* ---- task groups: enter; make tasks; await the exit coroutine ---- */

/* A task group, not entered yet.
 *   Errors: -EINVAL loop or ret_group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: asyncio.TaskGroup() */
BOUCLE_API int task_group_new(loop_t *loop, task_group_t **ret_group);

/* One more owner of the group, and one less. The group keeps its parent, and its members until they are done.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API task_group_t *task_group_ref(task_group_t *group);
BOUCLE_API void task_group_unref(task_group_t *group);

/* Begins the block. The task that is running becomes the group's parent: the first member to fail cancels it.
 *   Ownership: borrows group, which keeps the task
 *   Errors: -EINVAL group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_ENOTASK no task is running; LOOP_EINVALIDSTATE
 *       it was entered before
 *   asyncio: group.__aenter__() */
BOUCLE_API int task_group_enter(task_group_t *group);

/* Makes a member of a task that was just made, so as task_group_check allowed it.
 *   Ownership: borrows group, which keeps task until it is done
 *   Errors: -EINVAL group or task is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not
 *       entered; LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; LOOP_EWRONGLOOP; -ENOMEM
 *   asyncio: group.create_task() */
BOUCLE_API int task_group_add(task_group_t *group, task_t *task);

/* 0 if the group takes tasks now, else the error that task_group_add would give.
 *   Errors: -EINVAL group is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not entered;
 *       LOOP_ESHUTTINGDOWN it is cancelling its members, or finished */
BOUCLE_API int task_group_check(const task_group_t *group);

/* "finished", "shutting down", or "" for neither.
 *   Ownership: lends static text
 *   Errors: none; "" for NULL
 *   asyncio: repr(group) */
BOUCLE_API const char *task_group_state(const task_group_t *group);

/* loop_ensure_future and task_group_add in one; no task is made if the group refuses.
 *   Ownership: borrows group, which keeps the task until it is done; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL group or step is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not
 *       entered; LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; -ENOMEM
 *   asyncio: group.create_task() */
BOUCLE_API int task_group_ensure_future(task_group_t *group, task_step_fn step, void *userdata, destroy_fn destroy,
                                        task_t **ret_task);

/* loop_create_task and task_group_add in one; no task is made if the group refuses.
 *   Ownership: borrows group, which keeps the task until it is done; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL group or fn is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was not entered;
 *       LOOP_ESHUTTINGDOWN it is cancelling its members, or finished; -ENOMEM, also where the system has too many
 *       mappings; LOOP_ENOTSUPPORTED built without coroutines
 *   asyncio: group.create_task()
 *   Since: 0.4 */
BOUCLE_API int task_group_create_task(task_group_t *group, coroutine_fn fn, void *userdata, destroy_fn destroy,
                                      task_t **ret_task);

/* A coroutine that ends the block, which `exception` ended, or nothing if that is NULL. It waits for the members; its
 * outcome is that of the block: nil, or an ExceptionGroup, or the CancelledError that goes on.
 *   Ownership: keeps group and exception
 *   Errors: -EINVAL group or ret_coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE the group was
 *       not entered, or is being ended already; -ENOMEM
 *   asyncio: group.__aexit__() */
BOUCLE_API int task_group_exit(task_group_t *group, exception_t *exception, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
