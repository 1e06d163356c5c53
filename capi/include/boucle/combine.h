/* Combinators: several futures at once, and futures against time. */
#ifndef BOUCLE_COMBINE_H
#define BOUCLE_COMBINE_H

#include <boucle/base.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* `async with asyncio.timeout(...)` */
typedef struct timeout timeout_t;
/* `async with asyncio.TaskGroup()` */
typedef struct task_group task_group_t;
/* What as_completed() iterates. */
typedef struct completion completion_t;

typedef enum wait_mode {
  WAIT_FIRST_COMPLETED = 0,
  WAIT_FIRST_EXCEPTION = 1,
  WAIT_ALL_COMPLETED = 2
} wait_mode_t;

/* A future for the list of the results, in the order given; the first exception goes on at once (unless
 * return_exceptions: then they are items of the list). Cancelling it cancels the futures. One future may be given
 * twice. Errors of all here: -EINVAL, LOOP_EWRONGLOOP, LOOP_ECLOSED, LOOP_EWRONGTHREAD, -ENOMEM. asyncio.gather() */
BOUCLE_API int loop_gather(loop_t *loop, future_t *const *futures, size_t count, int return_exceptions,
                           future_t **ret_future);
/* A future that follows `future`, but whose cancellation does not reach it. If it is done: that very future. */
BOUCLE_API int loop_shield(loop_t *loop, future_t *future, future_t **ret_future);
/* A coroutine that waits until the mode is satisfied or `timeout` seconds passed (negative: no limit); its result is
 * nil: ask the futures. count >= 1. asyncio.wait() */
BOUCLE_API int loop_wait(loop_t *loop, future_t *const *futures, size_t count, wait_mode_t mode, double timeout,
                         coroutine_t **ret_coroutine);
/* A coroutine: the future's result, or TimeoutError after `timeout` seconds (infinity: no limit; 0 or less: now), in
 * which case the future is cancelled. asyncio.wait_for() */
BOUCLE_API int loop_wait_for(loop_t *loop, future_t *future, double timeout, coroutine_t **ret_coroutine);
/* The same for a coroutine, which runs inside the task that awaits. */
BOUCLE_API int loop_wait_for_coroutine(loop_t *loop, coroutine_t *coroutine, double timeout,
                                       coroutine_t **ret_coroutine);

/* Subscribes to the futures, and starts its timer, at once; negative timeout: no limit. asyncio.as_completed() */
BOUCLE_API int loop_as_completed(loop_t *loop, future_t *const *futures, size_t count, double timeout,
                                 completion_t **ret_completion);
BOUCLE_API completion_t *completion_ref(completion_t *completion);
BOUCLE_API void completion_unref(completion_t *completion);
/* A coroutine for the outcome of the next future that is done, or TimeoutError. LOOP_EINVALIDSTATE if each of the
 * futures has been asked for already. */
BOUCLE_API int completion_next(completion_t *completion, coroutine_t **ret_coroutine);

/* ---- timeout blocks: enter; await things; exit. `when` is on the loop's clock; infinity: never. ---- */
BOUCLE_API int timeout_new(loop_t *loop, double when, timeout_t **ret_timeout);
BOUCLE_API timeout_t *timeout_ref(timeout_t *timeout);
BOUCLE_API void timeout_unref(timeout_t *timeout);
/* Begins the block in the running task. Errors: LOOP_ENOTASK; LOOP_EINVALIDSTATE entered before. */
BOUCLE_API int timeout_enter(timeout_t *timeout);
/* Ends it. `exception` is what ends the block, or NULL; *ret_exception is what goes on from there: a TimeoutError in the
 * place of the CancelledError that the timeout caused, else the same exception, or NULL. Errors: LOOP_EEXPIRED. */
BOUCLE_API int timeout_exit(timeout_t *timeout, exception_t *exception, exception_t **ret_exception);
/* Errors: LOOP_EEXPIRED not entered, expiring or over. */
BOUCLE_API int timeout_reschedule(timeout_t *timeout, double when);
BOUCLE_API double timeout_when(const timeout_t *timeout);
BOUCLE_API int timeout_expired(const timeout_t *timeout);
/* "created", "active", "expiring", "expired" or "finished". */
BOUCLE_API const char *timeout_state(const timeout_t *timeout);

/* ---- task groups: enter; make tasks; await the exit coroutine. ---- */
BOUCLE_API int task_group_new(loop_t *loop, task_group_t **ret_group);
BOUCLE_API task_group_t *task_group_ref(task_group_t *group);
BOUCLE_API void task_group_unref(task_group_t *group);
/* Errors: LOOP_ENOTASK; LOOP_EINVALIDSTATE entered before. */
BOUCLE_API int task_group_enter(task_group_t *group);
/* Makes a member of a task that was just made. Errors: LOOP_EINVALIDSTATE the group was not entered; LOOP_ESHUTTINGDOWN.
 * Ask task_group_check before making the task. */
BOUCLE_API int task_group_add(task_group_t *group, task_t *task);
/* 0 if the group takes tasks now, else the error that task_group_add would give. */
BOUCLE_API int task_group_check(const task_group_t *group);
/* "finished" or "shutting down" or "" */
BOUCLE_API const char *task_group_state(const task_group_t *group);
/* loop_ensure_future and task_group_add in one; nothing is made if the group refuses. asyncio: group.create_task() */
BOUCLE_API int task_group_ensure_future(task_group_t *group, task_step_fn step, void *userdata, destroy_fn destroy,
                                        task_t **ret_task);
/* A coroutine that ends the block: `exception` is what ended its body, or NULL. It waits for the members; its outcome is
 * that of the block: nil, or an ExceptionGroup, or the CancelledError that goes on. */
BOUCLE_API int task_group_exit(task_group_t *group, exception_t *exception, coroutine_t **ret_coroutine);

BOUCLE_END_DECLS

#endif
