/* Tasks: a future plus a step function.
 *
 * The loop calls step(task, userdata) to start the task. Before a step returns it says what comes next, once:
 *   task_await, task_await_catch, task_await_coroutine, task_await_coroutine_catch, task_sleep, task_yield: suspend;
 *       later `next` is called in the step's place;
 *   task_return, task_raise: the task is done.
 * Saying nothing returns nil. If what was awaited failed, the task fails likewise, without `next` being called, as an
 * exception that nobody handles; after the _catch forms `next` is always called, and reads task_awaited. */
#ifndef BOUCLE_TASK_H
#define BOUCLE_TASK_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

typedef void (*task_step_fn)(task_t *task, void *userdata);

/* Schedules a task that starts with step. ret_task may be NULL: the loop keeps what it can still wake.
 * Errors: -EINVAL, LOOP_ECLOSED, LOOP_EWRONGTHREAD, -ENOMEM. asyncio: loop.create_task(), ensure_future() */
BOUCLE_API int loop_ensure_future(loop_t *loop, task_step_fn step, void *userdata, destroy_fn destroy,
                                  task_t **ret_task);
/* A task that awaits the coroutine: asyncio.ensure_future(coroutine). */
BOUCLE_API int loop_ensure_coroutine(loop_t *loop, coroutine_t *coroutine, task_t **ret_task);
/* asyncio.run(): a new loop, the task, cancelling what is left over, closing. Errors: those of loop_new,
 * loop_run_until_complete. *ret_exception (may be NULL) is written, as the one exception to convention 4, when the
 * status is LOOP_EEXCEPTION, LOOP_ECANCELLED or LOOP_EEXIT. */
BOUCLE_API int loop_run(const loop_options_t *options, task_step_fn step, void *userdata, destroy_fn destroy,
                        value_t **ret_value, exception_t **ret_exception);

BOUCLE_API task_t *task_ref(task_t *task);
BOUCLE_API void task_unref(task_t *task);
/* Lends the future that the task is. */
BOUCLE_API future_t *task_as_future(task_t *task);

/* ---- inside a step. Errors of all: LOOP_EBUSY the step has already said what comes next; LOOP_ENOTASK the task is not
 * being stepped, or has a stack of its own; LOOP_EWRONGLOOP; -EINVAL; -ENOMEM. ---- */
BOUCLE_API int task_await(task_t *task, future_t *future, task_step_fn next);
BOUCLE_API int task_await_catch(task_t *task, future_t *future, task_step_fn next);
/* LOOP_EBUSY too if the coroutine was awaited before. */
BOUCLE_API int task_await_coroutine(task_t *task, coroutine_t *coroutine, task_step_fn next);
BOUCLE_API int task_await_coroutine_catch(task_t *task, coroutine_t *coroutine, task_step_fn next);
/* asyncio.sleep(seconds). */
BOUCLE_API int task_sleep(task_t *task, double seconds, task_step_fn next);
BOUCLE_API int task_sleep_catch(task_t *task, double seconds, task_step_fn next);
/* Ends the task with a result; value may be NULL (nil). */
BOUCLE_API int task_return(task_t *task, value_t *value);
BOUCLE_API int task_raise(task_t *task, exception_t *exception);
/* The outcome of what was awaited last: its result (ret_value may be NULL), or LOOP_EEXCEPTION, LOOP_ECANCELLED, whose
 * exception task_awaited_exception hands out. LOOP_EINVALIDSTATE if nothing has been awaited. */
BOUCLE_API int task_awaited(task_t *task, value_t **ret_value);
/* NULL, with 0, if it had a result. */
BOUCLE_API int task_awaited_exception(task_t *task, exception_t **ret_exception);

/* ---- from outside: as for futures ---- */
BOUCLE_API int task_done(const task_t *task);
BOUCLE_API int task_cancelled(const task_t *task);
BOUCLE_API int task_result(task_t *task, value_t **ret_value);
BOUCLE_API int task_exception(task_t *task, exception_t **ret_exception);
BOUCLE_API int task_cancel(task_t *task, const char *message, int *ret_cancelled);
/* How many cancellations were asked for and not taken back; 0 for NULL. */
BOUCLE_API unsigned task_cancelling(const task_t *task);
/* Takes one back; *ret_cancelling (may be NULL): how many are left. */
BOUCLE_API int task_uncancel(task_t *task, unsigned *ret_cancelling);
/* Whether the loop reports that the task was destroyed while pending. Default: yes. gather() and loop_run switch it off
 * for tasks that they make. */
BOUCLE_API int task_set_log_destroy_pending(task_t *task, int log);
/* The userdata it was made with, lent. */
BOUCLE_API void *task_get_userdata(const task_t *task);
/* A name for people; copied. Errors: -EINVAL, -ENOMEM. */
BOUCLE_API int task_set_name(task_t *task, const char *name);
/* Lends the name; "" if it has none. */
BOUCLE_API const char *task_get_name(const task_t *task);
/* The task that is being stepped on this loop: lent, or NULL. asyncio: current_task() */
BOUCLE_API task_t *task_get_current(const loop_t *loop);

BOUCLE_END_DECLS

#endif
