/* Tasks: a future plus a step function.
 *
 * The loop calls step(task, userdata) to start the task. Before a step returns it says what comes next, once:
 *   task_await, task_await_coroutine, task_await_take, task_sleep, and the same with _catch: suspend; later `next` is
 *       called in the step's place;
 *   task_return, task_raise: the task is done.
 * Saying nothing returns nil. If what was awaited failed, the task fails likewise, without `next` being called, as an
 * exception that nobody handles; after the _catch forms `next` is always called, and reads task_awaited.
 *
 * A task is kept alive by whatever will wake it: nobody needs to hold it. One that nothing can wake any more is
 * destroyed while pending, and reported. */
#ifndef BOUCLE_TASK_H
#define BOUCLE_TASK_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* One state of a task. The task is lent; userdata is what the task was made with. */
typedef void (*task_step_fn)(task_t *task, void *userdata);

/* Schedules a task that starts with step, in a later turn and in a copy of the present context.
 *   Ownership: takes the triple: destroy runs when the task ends, or goes; *ret_task (ret_task may be NULL) is a new
 *       reference
 *   Errors: -EINVAL loop or step is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.create_task(), asyncio.ensure_future() */
BOUCLE_API int loop_ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                  task_t **ret_task);

/* Schedules a task that awaits the coroutine, and ends as it does.
 *   Ownership: keeps coroutine; *ret_task (ret_task may be NULL) is a new reference
 *   Errors: -EINVAL loop or coroutine is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; LOOP_EBUSY it was
 *       awaited before; -ENOMEM
 *   asyncio: loop.create_task(coroutine), asyncio.ensure_future(coroutine) */
BOUCLE_API int loop_ensure_coroutine(loop_t *loop, coroutine_t *coroutine, task_t **ret_task);

/* Runs a task in a loop of its own, cancels what is left over, runs until that is done, and closes the loop. The result
 * is the task's.
 *
 * *ret_exception is written, as the one exception to convention 4, when the status is LOOP_EEXCEPTION, LOOP_ECANCELLED
 * or LOOP_EEXIT: the exception that ended the task, or left the loop. ret_value and ret_exception may be NULL.
 *   Ownership: *ret_value or *ret_exception is a new reference
 *   Thread: any
 *   Errors: -EINVAL step is NULL; LOOP_ERUNNING this thread runs a loop; LOOP_EFORKED; LOOP_ENOPOLLER the poller is
 *       "auto", and BOUCLE_POLLER is set to something that is none; -ENOMEM; -EMFILE, -ENFILE and what else
 *       epoll_create1(2), eventfd(2) and epoll_ctl(2) say, of the descriptors that a loop needs. Once it ran:
 *       LOOP_EEXCEPTION or LOOP_ECANCELLED the task ended so; LOOP_ESTOPPED loop_stop came before the task was done;
 *       LOOP_EDEADLOCK the clock is virtual, and nothing could wake the task; LOOP_EEXIT SystemExit or
 *       KeyboardInterrupt left the loop; LOOP_ERECURSION tasks that are left over wait for each other in a circle: they
 *       are dropped
 *   asyncio: asyncio.run() */
BOUCLE_API int loop_run(const loop_options_t *options, task_step_fn step, void *userdata, destroy_fn destroy,
                        value_t **ret_value, exception_t **ret_exception);

/* One more owner of the task, and one less: those of the future that it is.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API task_t *task_ref(task_t *task);
BOUCLE_API void task_unref(task_t *task);

/* The future that the task is.
 *   Ownership: lends the future, which is the task: no reference of its own
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: a Task is a Future */
BOUCLE_API future_t *task_as_future(task_t *task);

/* The loop; NULL once its last owner is gone.
 *   Ownership: lends the loop
 *   Errors: none; NULL for NULL
 *   asyncio: task.get_loop()
 *   Since: 0.4 */
BOUCLE_API loop_t *task_get_loop(const task_t *task);

/* ---- inside a step: what comes next ---- */

/* Suspends the task until the future is done; calls next if it has a result, else the task ends as it did. A future
 * that is done already calls next at once after this step, and nothing else runs meanwhile.
 *   Ownership: keeps future until this step is over. From then on a pending future keeps the task
 *   Errors: -EINVAL task, future or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or has
 *       a stack of its own; LOOP_EBUSY the step has said already what comes next; LOOP_EWRONGLOOP
 *   asyncio: await future */
BOUCLE_API int task_await(task_t *task, future_t *future, task_step_fn next);

/* task_await, but next is always called, and reads task_awaited.
 *   Ownership: keeps future until this step is over. From then on a pending future keeps the task
 *   Errors: -EINVAL task, future or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or has
 *       a stack of its own; LOOP_EBUSY the step has said already what comes next; LOOP_EWRONGLOOP
 *   asyncio: try: await future */
BOUCLE_API int task_await_catch(task_t *task, future_t *future, task_step_fn next);

/* Runs the coroutine inside this task, at once after this step; calls next when it has returned, else the task ends as
 * it did.
 *   Ownership: keeps coroutine until it ends
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or
 *       has a stack of its own; LOOP_EBUSY the step has said already what comes next, or the coroutine was awaited
 *       before; LOOP_EWRONGLOOP
 *   asyncio: await coroutine */
BOUCLE_API int task_await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* task_await_coroutine, but next is always called, and reads task_awaited.
 *   Ownership: keeps coroutine until it ends
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or
 *       has a stack of its own; LOOP_EBUSY the step has said already what comes next, or the coroutine was awaited
 *       before; LOOP_EWRONGLOOP
 *   asyncio: try: await coroutine */
BOUCLE_API int task_await_coroutine_catch(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* task_await_coroutine, which gives up the caller's reference to the coroutine, also if it fails: for one that was made
 * right before.
 *   Ownership: takes over the reference to coroutine
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or
 *       has a stack of its own; LOOP_EBUSY the step has said already what comes next, or the coroutine was awaited
 *       before; LOOP_EWRONGLOOP
 *   asyncio: await coroutine
 *   Since: 0.4 */
BOUCLE_API int task_await_take(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* task_await_coroutine_catch, which gives up the caller's reference to the coroutine, also if it fails: for one that was made
 * right before.
 *   Ownership: takes over the reference to coroutine
 *   Errors: -EINVAL task, coroutine or next is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or
 *       has a stack of its own; LOOP_EBUSY the step has said already what comes next, or the coroutine was awaited
 *       before; LOOP_EWRONGLOOP
 *   asyncio: try: await coroutine
 *   Since: 0.4 */
BOUCLE_API int task_await_take_catch(task_t *task, coroutine_t *coroutine, task_step_fn next);

/* Suspends the task for that many seconds, then calls next; 0 or less: for one turn of the loop. If the task is
 * cancelled meanwhile, it ends so. Needs no memory.
 *   Errors: -EINVAL task or next is NULL, or seconds is NaN; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being
 *       stepped, or has a stack of its own; LOOP_EBUSY the step has said already what comes next
 *   asyncio: await asyncio.sleep() */
BOUCLE_API int task_sleep(task_t *task, double seconds, task_step_fn next);

/* task_sleep, but next is always called, and reads task_awaited.
 *   Errors: -EINVAL task or next is NULL, or seconds is NaN; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being
 *       stepped, or has a stack of its own; LOOP_EBUSY the step has said already what comes next
 *   asyncio: try: await asyncio.sleep() */
BOUCLE_API int task_sleep_catch(task_t *task, double seconds, task_step_fn next);

/* Ends the task with a result, after this step. value may be NULL (nil).
 *   Ownership: keeps value
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or has a stack of its
 *       own; LOOP_EBUSY the step has said already what comes next
 *   asyncio: return value */
BOUCLE_API int task_return(task_t *task, value_t *value);

/* Ends the task with an exception, after this step: a CancelledError makes it cancelled; SystemExit and
 * KeyboardInterrupt leave the loop too.
 *   Ownership: keeps exception
 *   Errors: -EINVAL task or exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK the task is not being stepped, or has a
 *       stack of its own; LOOP_EBUSY the step has said already what comes next
 *   asyncio: raise exception */
BOUCLE_API int task_raise(task_t *task, exception_t *exception);

/* ---- inside a step: what was awaited last ---- */

/* Its result (ret_value may be NULL).
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK it has a stack of its own; LOOP_EINVALIDSTATE it is
 *       not being stepped, or has awaited nothing yet; LOOP_EEXCEPTION or LOOP_ECANCELLED it ended so, see
 *       task_awaited_exception
 *   asyncio: what `await` returns, or raises */
BOUCLE_API int task_awaited(task_t *task, value_t **ret_value);

/* Its exception, a CancelledError too; NULL, with 0, if it had a result.
 *   Errors: -EINVAL task or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_ENOTASK it has a stack of its own;
 *       LOOP_EINVALIDSTATE it is not being stepped, or has awaited nothing yet
 *   asyncio: except BaseException as exception */
BOUCLE_API int task_awaited_exception(task_t *task, exception_t **ret_exception);

/* ---- from outside: as for futures ---- */

/* 1 once the task has ended, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: task.done() */
BOUCLE_API int task_done(const task_t *task);

/* 1 once the task has ended by a cancellation, else 0.
 *   Errors: none; 0 for NULL
 *   asyncio: task.cancelled() */
BOUCLE_API int task_cancelled(const task_t *task);

/* future_result of the task.
 *   Ownership: *ret_value (ret_value may be NULL) is a new reference
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE not done yet; LOOP_EEXCEPTION it failed, see
 *       task_exception; LOOP_ECANCELLED it was cancelled, see future_cancelled_error
 *   asyncio: task.result() */
BOUCLE_API int task_result(task_t *task, value_t **ret_value);

/* future_exception of the task.
 *   Ownership: *ret_exception is a new reference, or NULL if there is a result
 *   Errors: -EINVAL task or ret_exception is NULL; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE not done yet; LOOP_ECANCELLED
 *       it was cancelled, see future_cancelled_error
 *   asyncio: task.exception() */
BOUCLE_API int task_exception(task_t *task, exception_t **ret_exception);

/* Asks the task to stop: a CancelledError with that message (which may be NULL) ends what it waits for, or else its
 * next step. It may catch it and go on. *ret_cancelled (may be NULL): 0 if it was done already, else 1.
 *   Ownership: copies message
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD; LOOP_ECLOSED it has begun, and the loop is closed; LOOP_ERECURSION
 *       it waits for itself, as does a task that awaits a task that awaits it; -ENOMEM for the message
 *   asyncio: task.cancel() */
BOUCLE_API int task_cancel(task_t *task, const char *message, int *ret_cancelled);

/* How many cancellations were asked for and not taken back.
 *   Errors: none; 0 for NULL
 *   asyncio: task.cancelling() */
BOUCLE_API unsigned task_cancelling(const task_t *task);

/* Takes one cancellation back, if there is one, in the count only; *ret_cancelling (may be NULL): how many are left.
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD
 *   asyncio: task.uncancel() */
BOUCLE_API int task_uncancel(task_t *task, unsigned *ret_cancelling);

/* Whether the loop reports that the task was destroyed while pending. Default: yes. loop_run switches it off for the
 * task that it makes.
 *   Errors: -EINVAL task is NULL; LOOP_EWRONGTHREAD
 *   asyncio: task._log_destroy_pending */
BOUCLE_API int task_set_log_destroy_pending(task_t *task, int log);

/* The userdata that it was made with; NULL once it has ended, for then that is destroyed.
 *   Ownership: lends the userdata, until the task ends
 *   Errors: none; NULL for NULL
 *   asyncio: task.get_coro() */
BOUCLE_API void *task_get_userdata(const task_t *task);

/* Gives it a name, for people.
 *   Ownership: copies name
 *   Errors: -EINVAL task or name is NULL; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: task.set_name() */
BOUCLE_API int task_set_name(task_t *task, const char *name);

/* Its name; "" if it was given none.
 *   Ownership: lends the text, until the next task_set_name
 *   Errors: none; "" for NULL
 *   asyncio: task.get_name() */
BOUCLE_API const char *task_get_name(const task_t *task);

/* The task that is being stepped on this loop, or NULL.
 *   Ownership: lends the task, until the step is over
 *   Errors: none; NULL for NULL
 *   asyncio: asyncio.current_task() */
BOUCLE_API task_t *task_get_current(const loop_t *loop);

BOUCLE_END_DECLS

#endif
