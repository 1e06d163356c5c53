/* Tasks: asyncio.Task. A task is a future that is completed by its step functions.
 *
 * The loop calls step(task, userdata) to start the task. Before a step returns, it calls one of these functions,
 * once:
 *   task_await, task_await_coroutine, task_await_take, task_sleep, or one of them with _catch: the task waits, and the
 *       loop then calls `next`, which is the next step;
 *   task_return, task_raise: the task is done.
 * A step that calls none of them returns nil. If what was awaited failed, the task fails with the same exception and
 * `next` is not called, as an `await` without `except`. The _catch forms call `next` in any case; it then calls
 * task_awaited.
 *
 * What will wake a task keeps it alive, so the program need not hold a reference. A pending task that nothing can
 * wake any more is destroyed and reported. */
#ifndef BOUCLE_TASK_H
#define BOUCLE_TASK_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* A step of a task. The task is lent; userdata is what the task was made with. */
typedef void (*task_step_fn)(task_t *task, void *userdata);

/* Makes a task, and schedules its first step. The step runs in a later turn, in a copy of the present context.
 *   Ownership: takes the triple: destroy runs when the task ends or is destroyed; *ret_task (ret_task may be NULL)
 *       is a new reference
 *   Errors: -EINVAL loop or step is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.create_task(), asyncio.ensure_future() */
BOUCLE_API int loop_ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                  task_t **ret_task);

/* Makes a task that awaits the coroutine, and ends as the coroutine does.
 *   Ownership: keeps coroutine; *ret_task (ret_task may be NULL) is a new reference
 *   Errors: -EINVAL loop or coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; LOOP_EBUSY it was
 *       awaited before; -ENOMEM
 *   asyncio: loop.create_task(coroutine), asyncio.ensure_future(coroutine) */
BOUCLE_API int loop_ensure_coroutine(loop_t *loop, coroutine_t *coroutine, task_t **ret_task);

/* Makes a loop, runs in it a task that starts with step, and gets the task's result. Then it cancels all tasks that
 * are left, runs the loop until they are done, and closes it.
 *
 * As the one exception to convention 4, *ret_exception is written if the status is LOOP_EEXCEPTION, LOOP_ECANCELLED
 * or LOOP_EEXIT: it is the exception that ended the task or the run. ret_value and ret_exception may be NULL.
 *   Ownership: *ret_value or *ret_exception is a new reference
 *   Thread: any
 *   Errors: -EINVAL step is NULL; LOOP_ERUNNING this thread runs a loop; LOOP_EFORKED; LOOP_ENOPOLLER the poller is
 *       "auto", and BOUCLE_POLLER names none; -ENOMEM; -EMFILE, -ENFILE and what else epoll_create1(2), eventfd(2)
 *       and epoll_ctl(2) say, of the descriptors that a loop needs. Once it ran: LOOP_EEXCEPTION or LOOP_ECANCELLED
 *       the task failed or was cancelled; LOOP_ESTOPPED loop_stop was called before the task was done;
 *       LOOP_EDEADLOCK the clock is virtual, and nothing could wake the task; LOOP_EEXIT SystemExit or
 *       KeyboardInterrupt ended the run; LOOP_ERECURSION tasks that are left wait for each other in a circle: these
 *       are destroyed
 *   asyncio: asyncio.run() */
BOUCLE_API int loop_run(const loop_options_t *options, task_step_fn step, void *userdata, destroy_fn destroy,
                        value_t **ret_value, exception_t **ret_exception);

/* task_ref adds an owner of the task; task_unref removes one. They are those of the future that the task is.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API task_t *task_ref(task_t *task);
BOUCLE_API void task_unref(task_t *task);

/* Returns the task as a future.
 *   Ownership: lends the future, which is the task itself and has no reference of its own
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: a Task is a Future */
BOUCLE_API future_t *task_as_future(task_t *task);

/* Returns the task's loop, or NULL once the loop has no owner.
 *   Ownership: lends the loop
 *   Errors: none; NULL for NULL
 *   asyncio: task.get_loop()
 *   Since: 0.4 */
BOUCLE_API loop_t *task_get_loop(const task_t *task);

/* ---- inside a step: what comes next ---- */

/* Suspends the task until the future is done, and then calls next. If the future failed or was cancelled, the task
 * ends in the same way, and next is not called. If the future is already done, next is called right after this step,
 * before anything else runs.
 *   Ownership: keeps future until this step is over; after that a pending future keeps the task
 *   Errors: -EINVAL task, future or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next;
 *       LOOP_EWRONGLOOP
 *   asyncio: await future */
BOUCLE_API int task_await(task_t *task, future_t *future, task_step_fn next);

/* Does what task_await does, but calls next in any case; next then calls task_awaited.
 *   Ownership: keeps future until this step is over; after that a pending future keeps the task
 *   Errors: -EINVAL task, future or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next;
 *       LOOP_EWRONGLOOP
 *   asyncio: try: await future */
BOUCLE_API int task_await_catch(task_t *task, future_t *future, task_step_fn next);

/* Runs the coroutine inside this task, right after this step, and calls next when it has returned. If the coroutine
 * failed or was cancelled, the task ends in the same way, and next is not called.
 *   Ownership: keeps coroutine until it ends
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next, or the
 *       coroutine was awaited before; LOOP_EWRONGLOOP
 *   asyncio: await coroutine */
BOUCLE_API int task_await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* Does what task_await_coroutine does, but calls next in any case; next then calls task_awaited.
 *   Ownership: keeps coroutine until it ends
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next, or the
 *       coroutine was awaited before; LOOP_EWRONGLOOP
 *   asyncio: try: await coroutine */
BOUCLE_API int task_await_coroutine_catch(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* Does what task_await_coroutine does, and gives up the caller's reference to the coroutine, even if it fails. It is
 * for a coroutine that was made right before.
 *   Ownership: takes over the reference to coroutine
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next, or the
 *       coroutine was awaited before; LOOP_EWRONGLOOP
 *   asyncio: await coroutine
 *   Since: 0.4 */
BOUCLE_API int task_await_take(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* Does what task_await_coroutine_catch does, and gives up the caller's reference to the coroutine, even if it fails.
 * It is for a coroutine that was made right before.
 *   Ownership: takes over the reference to coroutine
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is
 *       running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next, or the
 *       coroutine was awaited before; LOOP_EWRONGLOOP
 *   asyncio: try: await coroutine
 *   Since: 0.4 */
BOUCLE_API int task_await_take_catch(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* Suspends the task for `seconds`, and then calls next; 0 or less: for one turn of the loop. If the task is
 * cancelled meanwhile, it ends, and next is not called. This needs no memory.
 *   Errors: -EINVAL task or next is NULL, or seconds is NaN; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's
 *       steps is running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next
 *   asyncio: await asyncio.sleep() */
BOUCLE_API int task_sleep(task_t *task, double seconds, task_step_fn next);

/* Does what task_sleep does, but calls next in any case; next then calls task_awaited.
 *   Errors: -EINVAL task or next is NULL, or seconds is NaN; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's
 *       steps is running, or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next
 *   asyncio: try: await asyncio.sleep() */
BOUCLE_API int task_sleep_catch(task_t *task, double seconds, task_step_fn next);

/* Ends the task with a result, after this step. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is running, or it has a
 *       stack of its own; LOOP_EBUSY the step has already chosen what comes next
 *   asyncio: return value */
BOUCLE_API int task_return(task_t *task, value_t *value);

/* Ends the task with an exception, after this step. With a CancelledError the task is cancelled; SystemExit and
 * KeyboardInterrupt also end the run.
 *   Ownership: keeps exception
 *   Errors: -EINVAL task or exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK none of the task's steps is running,
 *       or it has a stack of its own; LOOP_EBUSY the step has already chosen what comes next
 *   asyncio: raise exception */
BOUCLE_API int task_raise(task_t *task, exception_t *exception);

/* ---- inside a step: the outcome of what was awaited last ---- */

/* Gets the result of what was awaited last. ret_value may be NULL.
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK it has a stack of its own; LOOP_EINVALIDSTATE none
 *       of its steps is running, or it has awaited nothing yet; LOOP_EEXCEPTION or LOOP_ECANCELLED that failed or
 *       was cancelled, see task_awaited_exception
 *   asyncio: what `await` returns, or raises */
BOUCLE_API int task_awaited(task_t *task, value_t **ret_value);

/* Gets the exception of what was awaited last, which may be a CancelledError. If that had a result, *ret_exception
 * is NULL.
 *   Errors: -EINVAL task or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK it has a stack of its own;
 *       LOOP_EINVALIDSTATE none of its steps is running, or it has awaited nothing yet
 *   asyncio: except BaseException as exception */
BOUCLE_API int task_awaited_exception(task_t *task, exception_t **ret_exception);

/* ---- from outside: as for futures ---- */

/* Returns 1 once the task has ended, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: task.done() */
BOUCLE_API int task_done(const task_t *task);

/* Returns 1 once the task has ended by a cancellation, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: task.cancelled() */
BOUCLE_API int task_cancelled(const task_t *task);

/* Gets the task's result, as future_result does.
 *   Ownership: *ret_value (ret_value may be NULL) is a new reference
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is not done yet; LOOP_EEXCEPTION it
 *       failed, see task_exception; LOOP_ECANCELLED it was cancelled, see future_cancelled_error
 *   asyncio: task.result() */
BOUCLE_API int task_result(task_t *task, value_t **ret_value);

/* Gets the task's exception, as future_exception does.
 *   Ownership: *ret_exception is a new reference, or NULL if there is a result
 *   Errors: -EINVAL task or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is not done yet;
 *       LOOP_ECANCELLED it was cancelled, see future_cancelled_error
 *   asyncio: task.exception() */
BOUCLE_API int task_exception(task_t *task, exception_t **ret_exception);

/* Asks the task to stop. A CancelledError with that message (which may be NULL) ends what the task waits for, or
 * else reaches its next step. The task may catch it and continue. *ret_cancelled (ret_cancelled may be NULL) is 0 if
 * the task was done already, else 1.
 *   Ownership: copies message
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED it has begun, and the loop is closed;
 *       LOOP_ERECURSION it waits for itself, directly or through other tasks; -ENOMEM for the message
 *   asyncio: task.cancel() */
BOUCLE_API int task_cancel(task_t *task, const char *message, int *ret_cancelled);

/* Returns how many cancellations were requested and not taken back.
 *   Errors: none; 0 for NULL
 *   asyncio: task.cancelling() */
BOUCLE_API unsigned task_cancelling(const task_t *task);

/* Takes one cancellation back, if there is one. This changes the count only. *ret_cancelling (ret_cancelling may be
 * NULL) is how many are left.
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD
 *   asyncio: task.uncancel() */
BOUCLE_API int task_uncancel(task_t *task, unsigned *ret_cancelling);

/* Sets whether the loop reports it if the task is destroyed while it is pending. Default: yes, but loop_run turns it
 * off for its own task.
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD
 *   asyncio: task._log_destroy_pending */
BOUCLE_API int task_set_log_destroy_pending(task_t *task, int log);

/* Returns the userdata that the task was made with, or NULL once the task has ended: then it is destroyed.
 *   Ownership: lends the userdata, until the task ends
 *   Errors: none; NULL for NULL
 *   asyncio: task.get_coro() */
BOUCLE_API void *task_get_userdata(const task_t *task);

/* Sets the task's name, for people.
 *   Ownership: copies name
 *   Errors: -EINVAL task or name is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: task.set_name() */
BOUCLE_API int task_set_name(task_t *task, const char *name);

/* Returns the task's name, or "" if it has none.
 *   Ownership: lends the text, until the next task_set_name
 *   Errors: none; "" for NULL
 *   asyncio: task.get_name() */
BOUCLE_API const char *task_get_name(const task_t *task);

/* Returns the task whose step is running on this loop, or NULL.
 *   Ownership: lends the task, until the step is over
 *   Errors: none; NULL for NULL
 *   asyncio: asyncio.current_task() */
BOUCLE_API task_t *task_get_current(const loop_t *loop);

BOUCLE_END_DECLS

#endif
