/* Hosts: for languages that cannot be called from C, or only at a price (Go). Such a language calls: one function, again
 * and again, that takes what it has to say and tells what is due. Bindings use this; programs need not.
 *
 * Tasks and callbacks of a host have integers for names (ids), which the host chooses: indices of a table of its own, the
 * smallest that is free, above 0. Everything else in the API works with them as with all others: they are tasks, handles
 * and done-callbacks like those of C, in the same queues, in the same order.
 *
 *     host_run_begin(host, future);
 *     while ((events = host_pump(host, answers, count)) > 0) { ... run each event's code, collect the answers ... }
 *     status = host_run_end(host);
 *
 * From begin to end the loop is running, but in no thread except during a call: the host may change threads from call to
 * call. A loop that has a host is run by its host only; loop_run_forever and the like say LOOP_ENOTSUPPORTED.
 *
 * EVENTS are int64_t[4], beginning at host_events(host): what, id, kind, payload. They are valid until the next pump.
 *     HOST_STEP         the task id goes on (or starts). kind, payload: the value of what it awaited
 *     HOST_STEP_FAILED  the same; payload: the exception_t *, lent until the step is answered
 *     HOST_CALL         the callback id is due
 *     HOST_DONE_CALL    the done-callback id is due; payload: the future_t *, lent until the event is answered
 *     HOST_REPORT       the exception handler is to hear of something: call host_take_report until there is none
 * A value is a value_kind and a payload: nothing, a boolean, an integer, the bits of a double; for all other kinds the
 * value_t *, in an event lent until it is answered, in an answer given away.
 *
 * ANSWERS are int64_t[4] too: what, id, kind, payload. Each event but a report gets one that ends it, in the order of the
 * events; before that, in any number, those that do not. (`-`: anything)
 *     HOST_BEGIN    -   -  -         none: makes the event the present one (see below)
 *     HOST_RETURN   -   kind payload ends the task with a value
 *     HOST_RAISE    -   -  exception ends the task with an exception, given away; or is the exception of the callback
 *     HOST_SLEEP    -   -  seconds   suspends the task: asyncio.sleep(); the bits of a double
 *     HOST_AWAIT_TASK id - -         suspends the task until the host's task id is done. Only for one that is not done
 *     HOST_END      -   -  -         ends the callback
 *     HOST_SPAWN    id  -  -         does not end the event: makes and schedules the task id
 *     HOST_CALL_SOON id -  -         does not end the event: schedules the callback id
 *     HOST_FORGET   id  -  -         does not end the event: see host_forget
 *
 * ORDER. Only the first event of a batch is begun when the pump returns: the running task, the present context and so on
 * are its own. Each other begins when its first answer is applied. So before the code of an event calls any function of
 * this API whose effect is seen elsewhere, it submits its pending answers, with HOST_BEGIN if it has no other:
 * host_submit. After HOST_RAISE it submits at once, and looks at host_state for reports and for the end of the run.
 * An event that was not begun may be changed by a cancellation, or by handle_again: *host_withdrawn then moves, and the
 * host drops what is left of its batch and pumps again.
 *
 * AWAITING what is done does not yield: so what may be done already is awaited by host_await, host_await_coroutine, which
 * tell whether the task goes on at once. */
#ifndef BOUCLE_HOST_H
#define BOUCLE_HOST_H

#include <boucle/base.h>
#include <boucle/coroutine.h>
#include <boucle/future.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* What stands between a loop and a language that drives it. */
typedef struct boucle_host host_t;

typedef enum boucle_host_event {
  HOST_STEP = 1,
  HOST_STEP_FAILED = 2,
  HOST_CALL = 3,
  HOST_DONE_CALL = 4,
  HOST_REPORT = 5
} host_event_t;

typedef enum boucle_host_answer {
  HOST_BEGIN = 0,
  HOST_RETURN = 1,
  HOST_RAISE = 2,
  HOST_SLEEP = 3,
  HOST_AWAIT_TASK = 4,
  HOST_END = 5,
  HOST_SPAWN = 6,
  HOST_CALL_SOON = 7,
  HOST_FORGET = 8
} host_answer_t;

/* Indices into host_state. */
typedef enum boucle_host_state_word {
  HOST_STATE_EVENTS = 0,        /* the number of events */
  HOST_STATE_DROPPED_COUNT = 1, /* how many ids are not in use any more */
  HOST_STATE_DROPPED = 2,       /* their array: the address of an int64_t */
  HOST_STATE_REPORTS = 3,       /* how many reports wait for host_take_report */
  HOST_STATE_LEFT = 4           /* 1: SystemExit or KeyboardInterrupt ends the run; what is left of the batch is not due */
} host_state_word_t;

/* Makes a host for the loop, with batches of at most `capacity` events (1 to 65536).
 *   Ownership: borrows loop, which keeps the host too, until it goes
 *   Errors: -EINVAL loop or ret_host is NULL, or capacity is not from 1 to 65536; LOOP_EBUSY the loop has one;
 *       LOOP_ERUNNING it is running; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM */
BOUCLE_API int host_new(loop_t *loop, size_t capacity, host_t **ret_host);

/* One more owner of the host, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API host_t *host_ref(host_t *host);
BOUCLE_API void host_unref(host_t *host);

/* The state's words, which change with every call.
 *   Ownership: lends the words, for as long as the host lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_state(const host_t *host);

/* The events' words.
 *   Ownership: lends the words, for as long as the host lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_events(const host_t *host);

/* A counter that moves when events that were not begun may have changed.
 *   Ownership: lends the word, for as long as the loop lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_withdrawn(const host_t *host);

/* ---- running: in any thread, but in one at a time ---- */

/* Begins a run: until the future is done, or for ever (NULL).
 *   Ownership: keeps future until the run ends
 *   Errors: -EINVAL host is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs the loop,
 *       this thread runs another loop, or a run was begun; LOOP_EFORKED; -ENOMEM
 *   asyncio: the beginning of loop.run_until_complete() */
BOUCLE_API int host_run_begin(host_t *host, future_t *future);

/* Applies `count` answers, then goes on with the loop, waiting if need be, until something is due. Returns the number of
 * events; 0: the run is over.
 *
 * If an answer fails, those before it have been applied, and those after it have not.
 *   Ownership: takes the exceptions and values in all of the answers, unless host or answers is NULL
 *   Errors: -EINVAL host is NULL, answers is while count is not 0, or an answer is not listed, or has an id, a value,
 *       an exception or a time that cannot be; LOOP_EINVALIDSTATE no run was begun, or it is an answer to no event;
 *       LOOP_ERUNNING this thread runs a loop, the one of the host included; LOOP_EBUSY an event was not answered, or
 *       the id of HOST_SPAWN or HOST_CALL_SOON is in use; LOOP_ENOTASK it is a task's answer to a callback;
 *       LOOP_EFORKED; -ENOMEM
 *   asyncio: turns of loop.run_forever() */
BOUCLE_API int host_pump(host_t *host, const int64_t *answers, size_t count);

/* Applies answers and no more. Outside of runs, and in code that the loop calls during a pump (a callback of C's that
 * calls the host after all), those that end no event and are not HOST_BEGIN; they take effect at once.
 *
 * If an answer fails, those before it have been applied, and those after it have not.
 *   Ownership: takes the exceptions and values in all of the answers, unless host or answers is NULL
 *   Errors: -EINVAL host is NULL, answers is while count is not 0, or an answer is not listed, or has an id, a value,
 *       an exception or a time that cannot be; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is an answer to
 *       no event; LOOP_EBUSY the id of HOST_SPAWN or HOST_CALL_SOON is in use; LOOP_ENOTASK it is a task's answer to a
 *       callback; -ENOMEM */
BOUCLE_API int host_submit(host_t *host, const int64_t *answers, size_t count);

/* Ends the run, and says how it went: 0 where the future is done, or the loop was stopped.
 *   Ownership: the future that the run kept is given up
 *   Errors: -EINVAL host is NULL; LOOP_EINVALIDSTATE no run was begun; LOOP_EFORKED; LOOP_ERUNNING it is called from
 *       inside of a pump; LOOP_ESTOPPED loop_stop came before the future was done; LOOP_EDEADLOCK the clock is virtual,
 *       nothing is ready, and no timer, descriptor or signal could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: the end of loop.run_until_complete() */
BOUCLE_API int host_run_end(host_t *host);

/* ---- inside a step, begun ---- */

/* The begun task awaits the future. Returns 1: it goes on at once, and ret_event (four words) says how; 0: it is
 * suspended, and the event answered.
 *   Ownership: keeps future; what ret_event lends, it lends until the step is answered
 *   Errors: -EINVAL host, future or ret_event is NULL; LOOP_EINVALIDSTATE no event is begun; LOOP_ENOTASK it is a
 *       callback; LOOP_EWRONGLOOP
 *   asyncio: await future */
BOUCLE_API int host_await(host_t *host, future_t *future, int64_t *ret_event);

/* The begun task awaits the coroutine. Returns 1: it goes on at once, and ret_event (four words) says how; 0: it is
 * suspended, and the event answered.
 *   Ownership: keeps coroutine until it ends; what ret_event lends, it lends until the step is answered
 *   Errors: -EINVAL host, coroutine or ret_event is NULL; LOOP_EINVALIDSTATE no event is begun; LOOP_ENOTASK it is a
 *       callback; LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited before
 *   asyncio: await coroutine */
BOUCLE_API int host_await_coroutine(host_t *host, coroutine_t *coroutine, int64_t *ret_event);

/* ---- ids: each that was given for a task or callback comes back once in the state's array of dropped ids, when nothing
 * can come of it any more: it was called, it was cancelled, its task is done or gone. An id that a failing call was given
 * comes back there too, except for LOOP_EBUSY and where the id is refused. host_pump empties the array before it does
 * anything: the host looks at it before and after. ---- */

/* The task of that id; NULL if there is none, or it was forgotten.
 *   Ownership: lends the task, until it is forgotten
 *   Errors: none; NULL for NULL */
BOUCLE_API task_t *host_task(host_t *host, int64_t id);

/* Gives up the task of that id, if there is one. The id is free once it is dropped too.
 *   Ownership: the host's reference to the task is given up
 *   Errors: -EINVAL host is NULL */
BOUCLE_API int host_forget(host_t *host, int64_t id);

/* ---- callbacks by id, from 1 to INT32_MAX; ret_handle may be NULL ---- */

/* Schedules the callback id.
 *   Ownership: the loop has the id until it is dropped
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_soon() */
BOUCLE_API int host_call_soon(host_t *host, int64_t id, handle_t **ret_handle);

/* Schedules the callback id for after `delay` seconds; negative is 0.
 *   Ownership: the loop has the id until it is dropped
 *   Errors: -EINVAL host is NULL, delay is NaN, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_later() */
BOUCLE_API int host_call_later(host_t *host, double delay, int64_t id, handle_t **ret_handle);

/* Schedules the callback id for when loop_time reaches `when`, in seconds.
 *   Ownership: the loop has the id until it is dropped
 *   Errors: -EINVAL host is NULL, when is NaN, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_at() */
BOUCLE_API int host_call_at(host_t *host, double when, int64_t id, handle_t **ret_handle);

/* Schedules one event HOST_CALL of id 0, which is always in use.
 *   Thread: any
 *   Errors: -EINVAL host is NULL; -ENOBUFS what waits in the loop has reached the post limit; LOOP_ECLOSED;
 *       LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe() */
BOUCLE_API int host_call_soon_threadsafe(host_t *host);

/* Calls the done-callback id once the future is done.
 *   Ownership: the future has the id until it is dropped
 *   Errors: -EINVAL host or future is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; LOOP_ECLOSED it is done, and the loop is closed; -ENOMEM
 *   asyncio: future.add_done_callback() */
BOUCLE_API int host_add_done_callback(host_t *host, future_t *future, int64_t id);

/* Removes the done-callback id from a pending future; *ret_removed (may be NULL): how many there were.
 *   Ownership: the id is dropped
 *   Errors: -EINVAL host or future is NULL; LOOP_EWRONGTHREAD
 *   asyncio: future.remove_done_callback() */
BOUCLE_API int host_remove_done_callback(host_t *host, future_t *future, int64_t id, size_t *ret_removed);

/* Calls the callback id whenever the descriptor is readable, until loop_remove_reader.
 *   Ownership: the loop has the id until it is dropped
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use, or the
 *       library itself uses the descriptor; -EBADF no such descriptor; -EPERM a file or directory, for which one cannot
 *       wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_reader() */
BOUCLE_API int host_add_reader(host_t *host, int fd, int64_t id);

/* Calls the callback id whenever the descriptor is writable, until loop_remove_writer.
 *   Ownership: the loop has the id until it is dropped
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use, or the
 *       library itself uses the descriptor; -EBADF no such descriptor; -EPERM a file or directory, for which one cannot
 *       wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_writer() */
BOUCLE_API int host_add_writer(host_t *host, int fd, int64_t id);

/* ---- reports ---- */

/* Makes the host the loop's exception handler.
 *   Ownership: borrows host, which the loop keeps as its handler; the former handler's destroy runs now
 *   Errors: -EINVAL host is NULL; LOOP_ECLOSED the loop is gone; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_exception_handler() */
BOUCLE_API int host_take_reports(host_t *host);

/* Hands out the oldest report: its message; its exception and future, or NULL; the id of the callback that it is about,
 * or -1.
 *   Ownership: *ret_exception and *ret_future are new references; lends *ret_message, until the next call
 *   Errors: -EINVAL host or an output is NULL; LOOP_EINVALIDSTATE there is none
 *   asyncio: what an exception handler is told */
BOUCLE_API int host_take_report(host_t *host, const char **ret_message, exception_t **ret_exception,
                                future_t **ret_future, int64_t *ret_id);

BOUCLE_END_DECLS

#endif
