/* Hosts: for languages that cannot be called from C, or only at a high cost (Go). Such a language makes all calls itself.
 * It calls one function again and again, which applies the host's answers and returns the next events. Bindings use this;
 * programs do not need it.
 *
 * The host identifies its tasks and callbacks by integers (ids), which it chooses: indices of a table of its own, above
 * 0; it takes the smallest free one. The rest of the API treats them as all others: they are tasks, handles and
 * done-callbacks like those of C, in the same queues and in the same order.
 *
 *     host_run_begin(host, future);
 *     while ((events = host_pump(host, answers, count)) > 0) { ... run each event's code, collect the answers ... }
 *     status = host_run_end(host);
 *
 * Between host_run_begin and host_run_end the loop is running, but it is bound to a thread only during a call: the host
 * may make each call on another thread. If a loop has a host, only the host runs it; loop_run_forever and the like return
 * LOOP_ENOTSUPPORTED.
 *
 * EVENTS are int64_t[4], an array that begins at host_events(host). The words are: what, id, kind, payload. They are
 * valid until the next host_pump.
 *     HOST_STEP         the task id starts or resumes. kind, payload: the value of the future that it awaited
 *     HOST_STEP_FAILED  the same, with an exception. payload: the exception_t *, lent until the event is answered
 *     HOST_CALL         the callback id is due
 *     HOST_DONE_CALL    the done-callback id is due. payload: the future_t *, lent until the event is answered
 *     HOST_REPORT       there are reports for the exception handler: call host_take_report until there are no more
 * A value is a kind (value_kind_t) and a payload. Nil has no payload; that of a boolean is 0 or 1, that of an integer the
 * integer, that of a double its bits. The payload of any other value is a value_t *. In an event it is lent until the
 * event is answered; in an answer the host gives the reference away.
 *
 * ANSWERS are int64_t[4] too: what, id, kind, payload. One answer ends each event except for a report. The host gives
 * these answers in the order of the events. Before each of them, it may give any number of answers that do not end the
 * event. (`-`: the word is not used)
 *     HOST_BEGIN    -   -  -         does not end the event: makes it the present event (see ORDER)
 *     HOST_RETURN   -   kind payload ends the task with a value
 *     HOST_RAISE    -   -  exception ends the task with an exception, or the callback, which raised it. The reference is
 *                                    given away
 *     HOST_SLEEP    -   -  seconds   suspends the task, as asyncio.sleep() does. payload: the bits of a double
 *     HOST_AWAIT_TASK id - -         suspends the task until the host's task id is done. Only if that is not done yet
 *     HOST_END      -   -  -         ends the callback
 *     HOST_SPAWN    id  -  -         does not end the event: makes and schedules the task id
 *     HOST_CALL_SOON id -  -         does not end the event: schedules the callback id
 *     HOST_FORGET   id  -  -         does not end the event: see host_forget
 *
 * ORDER. When host_pump returns, only the first event of the batch has begun: it is the present event, which means that
 * the running task and the present context are its own. Each other event begins when its first answer is applied. So if
 * the code of an event calls a function of this API whose effect is seen elsewhere, the host first submits the answers
 * that it has collected (host_submit); if the event has none, it adds HOST_BEGIN. After HOST_RAISE the host submits at
 * once, and reads host_state: there may be reports, and the run may be over. A cancellation or handle_again may change an
 * event that has not begun. Then *host_withdrawn changes. The host drops what is left of its batch, and calls host_pump.
 *
 * A task that awaits a future which is done is not suspended. So if the future may be done already, the host calls
 * host_await or host_await_coroutine. They return whether the task continues at once. */
#ifndef BOUCLE_HOST_H
#define BOUCLE_HOST_H

#include <boucle/base.h>
#include <boucle/coroutine.h>
#include <boucle/future.h>
#include <boucle/task.h>

BOUCLE_BEGIN_DECLS

/* The connection between a loop and a language that runs it. */
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

/* Indices into the words of host_state. */
typedef enum boucle_host_state_word {
  HOST_STATE_EVENTS = 0,        /* the number of events */
  HOST_STATE_DROPPED_COUNT = 1, /* the number of ids that are not in use any more */
  HOST_STATE_DROPPED = 2,       /* the address of the array of these ids (int64_t *) */
  HOST_STATE_REPORTS = 3,       /* the number of reports that host_take_report has not returned yet */
  HOST_STATE_LEFT = 4           /* 1: SystemExit or KeyboardInterrupt ends the run; the host drops its batch */
} host_state_word_t;

/* Makes a host for the loop, with batches of at most `capacity` events (1 to 65536).
 *   Ownership: borrows loop, which keeps the host until the loop is freed
 *   Errors: -EINVAL loop or ret_host is NULL, or capacity is not from 1 to 65536; LOOP_EBUSY the loop has one;
 *       LOOP_ERUNNING it is running; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM */
BOUCLE_API int host_new(loop_t *loop, size_t capacity, host_t **ret_host);

/* Adds a reference to the host, and gives one up.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API host_t *host_ref(host_t *host);
BOUCLE_API void host_unref(host_t *host);

/* Returns the words of the state (host_state_word_t), which every call may change.
 *   Ownership: lends the words, for as long as the host lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_state(const host_t *host);

/* Returns the array of the events.
 *   Ownership: lends the words, for as long as the host lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_events(const host_t *host);

/* Returns a counter, which changes when events that have not begun may have changed.
 *   Ownership: lends the word, for as long as the loop lives
 *   Errors: none; NULL for NULL */
BOUCLE_API const int64_t *host_withdrawn(const host_t *host);

/* ---- running: on any thread, but on one at a time ---- */

/* Begins a run, which lasts until the future is done; with NULL, until loop_stop.
 *   Ownership: keeps future until the run ends
 *   Errors: -EINVAL host is NULL; LOOP_EWRONGLOOP; LOOP_ECLOSED; LOOP_ERUNNING this or another thread runs the loop,
 *       this thread runs another loop, or a run was begun; LOOP_EFORKED; -ENOMEM
 *   asyncio: the beginning of loop.run_until_complete() */
BOUCLE_API int host_run_begin(host_t *host, future_t *future);

/* Applies `count` answers, then runs the loop until events are due. Waits if necessary. Returns the number of events; 0
 * if the run is over.
 *
 * If an answer fails, the answers before it have been applied, and those after it have not.
 *   Ownership: takes the exceptions and values in all of the answers, unless host or answers is NULL
 *   Errors: -EINVAL host is NULL, answers is NULL and count is not 0, or an answer is not listed above, or has an
 *       id, a value, an exception or a time that is not valid; LOOP_EINVALIDSTATE no run was begun, or it is an answer
 *       to no event; LOOP_ERUNNING this thread runs a loop, the one of the host included; LOOP_EBUSY an event was not
 *       answered, or the id of HOST_SPAWN or HOST_CALL_SOON is in use; LOOP_ENOTASK it is a task's answer to a callback;
 *       LOOP_EFORKED; -ENOMEM
 *   asyncio: turns of loop.run_forever() */
BOUCLE_API int host_pump(host_t *host, const int64_t *answers, size_t count);

/* Applies answers, and does not run the loop. Outside of a run, and in code that the loop calls during host_pump (a
 * callback of C that calls the host's language), only answers are allowed that do not end an event, except for
 * HOST_BEGIN. They take effect at once.
 *
 * If an answer fails, the answers before it have been applied, and those after it have not.
 *   Ownership: takes the exceptions and values in all of the answers, unless host or answers is NULL
 *   Errors: -EINVAL host is NULL, answers is NULL and count is not 0, or an answer is not listed above, or has an
 *       id, a value, an exception or a time that is not valid; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EINVALIDSTATE it is
 *       an answer to no event; LOOP_EBUSY the id of HOST_SPAWN or HOST_CALL_SOON is in use; LOOP_ENOTASK it is a task's
 *       answer to a callback; -ENOMEM */
BOUCLE_API int host_submit(host_t *host, const int64_t *answers, size_t count);

/* Ends the run. Returns 0 if the future is done, or if the run had no future and the loop was stopped.
 *   Ownership: the future of the run is not kept any more
 *   Errors: -EINVAL host is NULL; LOOP_EINVALIDSTATE no run was begun; LOOP_EFORKED; LOOP_ERUNNING it is called
 *       during host_pump; LOOP_ESTOPPED loop_stop ended the run before the future was done; LOOP_EDEADLOCK the clock is
 *       virtual, nothing is ready, and no timer, descriptor or signal could change that; LOOP_EEXIT see loop_take_exit
 *   asyncio: the end of loop.run_until_complete() */
BOUCLE_API int host_run_end(host_t *host);

/* ---- in a step that has begun ---- */

/* Makes the task of the present event await the future. Returns 1 if the task continues at once; then ret_event (four
 * words) is the event with which it does. Returns 0 if the task is suspended; then the present event is answered.
 *   Ownership: keeps future while the task waits; ret_event lends its payload until the step is answered
 *   Errors: -EINVAL host, future or ret_event is NULL; LOOP_EINVALIDSTATE there is no present event; LOOP_ENOTASK it is
 *       that of a callback; LOOP_EWRONGLOOP
 *   asyncio: await future */
BOUCLE_API int host_await(host_t *host, future_t *future, int64_t *ret_event);

/* Makes the task of the present event await the coroutine. Returns 1 if the task continues at once; then ret_event (four
 * words) is the event with which it does. Returns 0 if the task is suspended; then the present event is answered.
 *   Ownership: keeps coroutine until it ends; ret_event lends its payload until the step is answered
 *   Errors: -EINVAL host, coroutine or ret_event is NULL; LOOP_EINVALIDSTATE there is no present event; LOOP_ENOTASK
 *       it is that of a callback; LOOP_EWRONGLOOP; LOOP_EBUSY it was awaited already
 *   asyncio: await coroutine */
BOUCLE_API int host_await_coroutine(host_t *host, coroutine_t *coroutine, int64_t *ret_event);

/* ---- ids: the library drops each id once, when it does not use it any more: the callback was called or cancelled, the
 * task is done or was freed. Dropped ids are in an array of the state. If a call with an id fails, the id is dropped too,
 * unless the error is LOOP_EBUSY or -EINVAL because of the id. host_pump first empties the array: the host reads the
 * array before and after each host_pump. ---- */

/* Returns the task of that id; NULL if there is none, or it was forgotten.
 *   Ownership: lends the task until it is forgotten
 *   Errors: none; NULL for NULL */
BOUCLE_API task_t *host_task(host_t *host, int64_t id);

/* Forgets the task of that id, if there is one. The host may use the id again after it is dropped, too.
 *   Ownership: gives up the host's reference to the task
 *   Errors: -EINVAL host is NULL */
BOUCLE_API int host_forget(host_t *host, int64_t id);

/* ---- callbacks by id, from 1 to INT32_MAX; ret_handle may be NULL ---- */

/* Schedules the callback id.
 *   Ownership: the loop uses the id until it drops it
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_soon() */
BOUCLE_API int host_call_soon(host_t *host, int64_t id, handle_t **ret_handle);

/* Schedules the callback id for after `delay` seconds; a negative delay is 0.
 *   Ownership: the loop uses the id until it drops it
 *   Errors: -EINVAL host is NULL, delay is NaN, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_later() */
BOUCLE_API int host_call_later(host_t *host, double delay, int64_t id, handle_t **ret_handle);

/* Schedules the callback id for the time `when`, in seconds, on the clock of loop_time.
 *   Ownership: the loop uses the id until it drops it
 *   Errors: -EINVAL host is NULL, when is NaN, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM
 *   asyncio: loop.call_at() */
BOUCLE_API int host_call_at(host_t *host, double when, int64_t id, handle_t **ret_handle);

/* Schedules one HOST_CALL with the id 0. This id is always in use, and is never dropped.
 *   Thread: any
 *   Errors: -EINVAL host is NULL; -ENOBUFS the posts that wait in the loop have reached the post limit; LOOP_ECLOSED;
 *       LOOP_EFORKED; -ENOMEM
 *   asyncio: loop.call_soon_threadsafe() */
BOUCLE_API int host_call_soon_threadsafe(host_t *host);

/* Schedules the done-callback id for when the future is done.
 *   Ownership: the future uses the id until it is dropped
 *   Errors: -EINVAL host or future is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use;
 *       LOOP_EWRONGTHREAD; LOOP_EWRONGLOOP; LOOP_ECLOSED it is done, and the loop is closed; -ENOMEM
 *   asyncio: future.add_done_callback() */
BOUCLE_API int host_add_done_callback(host_t *host, future_t *future, int64_t id);

/* Removes the done-callback id from a pending future. *ret_removed (may be NULL) is the number of callbacks removed.
 *   Ownership: drops the id
 *   Errors: -EINVAL host or future is NULL; LOOP_EWRONGTHREAD
 *   asyncio: future.remove_done_callback() */
BOUCLE_API int host_remove_done_callback(host_t *host, future_t *future, int64_t id, size_t *ret_removed);

/* Calls the callback id whenever the descriptor is readable, until loop_remove_reader.
 *   Ownership: the loop uses the id until it drops it
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use, or the library itself
 *       uses the descriptor; -EBADF no such descriptor; -EPERM it is a file or a directory, for which no loop can wait;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_reader() */
BOUCLE_API int host_add_reader(host_t *host, int fd, int64_t id);

/* Calls the callback id whenever the descriptor is writable, until loop_remove_writer.
 *   Ownership: the loop uses the id until it drops it
 *   Errors: -EINVAL host is NULL, or id is not from 1 to INT32_MAX; LOOP_EBUSY the id is in use, or the library itself
 *       uses the descriptor; -EBADF no such descriptor; -EPERM it is a file or a directory, for which no loop can wait;
 *       LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.add_writer() */
BOUCLE_API int host_add_writer(host_t *host, int fd, int64_t id);

/* ---- reports ---- */

/* Makes the host the loop's exception handler.
 *   Ownership: borrows host, which the loop keeps as its handler; calls the destroy function of the former handler
 *   Errors: -EINVAL host is NULL; LOOP_ECLOSED the loop is gone; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_exception_handler() */
BOUCLE_API int host_take_reports(host_t *host);

/* Takes the oldest report: its message; its exception and its future, which may be NULL; the id of the callback that the
 * report is about, or -1.
 *   Ownership: *ret_exception and *ret_future are new references; lends *ret_message until the next call
 *   Errors: -EINVAL host or an output is NULL; LOOP_EINVALIDSTATE there are no reports
 *   asyncio: the context of an exception handler */
BOUCLE_API int host_take_report(host_t *host, const char **ret_message, exception_t **ret_exception,
                                future_t **ret_future, int64_t *ret_id);

BOUCLE_END_DECLS

#endif
