/* Coroutines: things that a task awaits once and that run inside that task, and straight-line C on a stack of its own.
 *
 * A coroutine_t is asyncio's coroutine object: it has not started, it runs inside the task that awaits it, and it can be
 * awaited once. lock_acquire, queue_get, wait_for and others make one. A callback task awaits it by
 * task_await_coroutine, a stackful one by await_coroutine; loop_ensure_coroutine makes a task of it. */
#ifndef BOUCLE_COROUTINE_H
#define BOUCLE_COROUTINE_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* The body of a task on its own stack. It writes its result (a new reference; nil if it writes nothing) and returns 0;
 * or it returns a status to fail: that of an await_... function, whose exception then goes on unchanged, or any other,
 * which becomes exception_new_from_status; await_raise gives an exception of its own. */
typedef int (*coroutine_fn)(void *userdata, value_t **ret_value);

BOUCLE_API coroutine_t *coroutine_ref(coroutine_t *coroutine);
BOUCLE_API void coroutine_unref(coroutine_t *coroutine);

/* asyncio.sleep(seconds), as a coroutine. Errors of all that make one: -EINVAL, LOOP_ECLOSED, LOOP_EWRONGTHREAD,
 * -ENOMEM. */
BOUCLE_API int coroutine_sleep(loop_t *loop, double seconds, coroutine_t **ret_coroutine);
/* Awaits the future, as a coroutine. */
BOUCLE_API int coroutine_await(loop_t *loop, future_t *future, coroutine_t **ret_coroutine);

/* ---- stacks of their own (LOOP_ENOTSUPPORTED if built without the feature `coroutines`) ---- */
/* A task that runs fn on a stack of its own. ret_task may be NULL. asyncio: create_task() */
BOUCLE_API int loop_create_task(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy, task_t **ret_task);
/* Inside such a body: suspends the task until the future is done; hands out its result (ret_value may be NULL).
 * Errors: LOOP_EEXCEPTION or LOOP_ECANCELLED: it failed, or this task was cancelled; await_exception has the exception;
 * LOOP_ENOTASK not inside such a body; -EINVAL. asyncio: await future */
BOUCLE_API int await_future(future_t *future, value_t **ret_value);
BOUCLE_API int await_coroutine(coroutine_t *coroutine, value_t **ret_value);
BOUCLE_API int await_sleep(double seconds);
/* The exception of the last await_... of this task that failed; NULL, with 0, if it did not fail. */
BOUCLE_API int await_exception(exception_t **ret_exception);
/* `return await_raise(exception)` ends the body with that exception: keeps a reference, returns LOOP_EEXCEPTION. */
BOUCLE_API int await_raise(exception_t *exception);

BOUCLE_END_DECLS

#endif
