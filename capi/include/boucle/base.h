/* Boucle: one event loop for every language, with asyncio's semantics.
 *
 * Conventions of the whole API
 *
 *  1. Names are noun_verb. These headers declare every function of the library. The symbol of noun_verb is
 *     boucle_noun_verb, and the declarations tell the compiler so: other libraries in the program may use the short
 *     names. loop_..., task_... and future_... are exported under their short names as well, for dlsym(3).
 *     <boucle/prefixed.h> declares the same functions and types with boucle_ in front of every name. It is for files
 *     in which the short names mean something else, and for FFIs.
 *  2. Handles (loop_t, future_t, task_t, handle_t, value_t, exception_t, coroutine_t, ...) are opaque and
 *     reference-counted. x_ref adds a reference and returns its argument; x_unref gives a reference up; both accept
 *     NULL. A parameter `ret_...` gets a new reference, which the caller must give up. Other arguments are borrowed.
 *     Functions whose name ends in _take or _take_catch are the exception: they give up the caller's reference, even
 *     if they fail. A few getters lend what they return, and their comments say so. Any reference may be given up in
 *     any callback.
 *  3. A function that can fail returns int: 0 (or a positive number, where its comment says so), or a negative
 *     status (see boucle/status.h): -errno for an error of the system, LOOP_E... for one of Boucle. There is no last
 *     error.
 *  4. A call that fails changes nothing and writes no output.
 *  5. Callbacks are triples `fn, userdata, destroy`. `destroy(userdata)` runs exactly once, when the callback will
 *     not be called any more, on the loop's side. If the call that takes the triple fails, it runs before that call
 *     returns. `destroy` may be NULL. The `destroy` of a value or an exception runs when its last reference is given
 *     up, on that thread. If a `destroy` comes due inside of twenty others, it runs right after the innermost of
 *     these.
 *     While a `destroy`, an exception handler or a comparison function runs, nothing else does: in them, await_...
 *     fails with LOOP_ENOTASK.
 *  6. There are no structs with fields, no macros, no inline functions and no varargs: any FFI can call everything.
 *  7. Text is UTF-8 `const char *`, terminated by NUL; bytes are `const void *data, size_t size`. Times are in
 *     seconds, as double, on the loop's clock; NaN is refused with -EINVAL.
 *  8. A loop belongs to the thread that is running it. Meanwhile other threads may call only functions ending in
 *     _threadsafe, _ref or _unref, and those whose comment says "Thread: any". All other functions that return a
 *     status fail with LOOP_EWRONGTHREAD (those that run a loop, with LOOP_ERUNNING). Getters that return no status
 *     must not be called. A loop that no thread is running, and its objects, may be used by any one thread at a
 *     time; this includes giving up the last reference.
 *  9. There is no global state that the program did not ask for. The only thread-locals are the running loop of a
 *     thread, and its current loop if the program set one (loop_set_current).
 *     After fork() the child has neither, and may make and run loops of its own. With a loop that was made before,
 *     the child may take and give up references, read what does not change, and call loop_close: none of this
 *     touches what parent and child share. All other functions that return a status fail with LOOP_EFORKED, wherever
 *     LOOP_EWRONGTHREAD is listed. If a callback forks and returns in the child, the child's copy of the run ends,
 *     with LOOP_EFORKED. A loop that another thread was running stays in the child as it was: it cannot be closed,
 *     and its memory is not freed. In the child, signals that have a handler in the loop have their former action
 *     again.
 * 10. The comment of a function says what it does. Then slots follow, in this order; one with its default is left
 *     out:
 *       Ownership: what becomes of references. Default: conventions 2 and 5: arguments are borrowed (used only
 *           during the call), a triple is taken, `ret_...` gets a new reference. "keeps x": the library takes a
 *           reference of its own, for as long as it needs x. "lends x": the caller gets no reference, and may use x
 *           as long as the object that it was got from exists.
 *       Thread: default: the loop's, which is convention 8. "any": any thread, at any time; "any, also signal
 *           handlers".
 *       Errors: every status that the function can return, with its condition, separated by semicolons.
 *           LOOP_ECLOSED, LOOP_EWRONGTHREAD, LOOP_EFORKED, LOOP_EWRONGLOOP and -ENOMEM mean what boucle/status.h
 *           says, and have no condition. "what else epoll_ctl(2) says": any -errno. "none": it cannot fail; then
 *           follows what it returns for NULL.
 *       asyncio: its counterpart there. Default: none.
 *       Since: the first version that has it. Default: 0.3, the first version. Until 1.0 a release may change the
 *           ABI.
 *     Errors is never left out. x_ref and x_unref may share a comment; no other functions do, and no slot refers to
 *     another comment. A test checks this, and the C suites check every status that they see against the slot
 *     Errors. The manual pages (`man loop_call_soon`) are made of these comments, with the defaults filled in.
 */
#ifndef BOUCLE_BASE_H
#define BOUCLE_BASE_H

#include <stddef.h>
#include <stdint.h>

#include <boucle/config.h>

#ifdef __cplusplus
#define BOUCLE_BEGIN_DECLS extern "C" {
#define BOUCLE_END_DECLS }
#else
#define BOUCLE_BEGIN_DECLS
#define BOUCLE_END_DECLS
#endif

#if defined(__GNUC__) && !defined(SWIG)
#define BOUCLE_API __attribute__((visibility("default")))
/* The symbol behind a function. The build puts it at the end of each declaration. */
#define BOUCLE_SYMBOL(name) __asm__("boucle_" #name)
#else
#define BOUCLE_API
#define BOUCLE_SYMBOL(name)
#endif

BOUCLE_BEGIN_DECLS

/* An event loop: asyncio.AbstractEventLoop. */
typedef struct boucle_loop loop_t;
/* The options of a new loop. */
typedef struct boucle_loop_options loop_options_t;
/* A scheduled callback that can be cancelled: asyncio.Handle and asyncio.TimerHandle. */
typedef struct boucle_handle handle_t;
/* A result that may not be there yet: asyncio.Future. */
typedef struct boucle_future future_t;
/* A future that code completes step by step: asyncio.Task. */
typedef struct boucle_task task_t;
/* A coroutine object: a task awaits it once, and it runs inside that task. */
typedef struct boucle_coroutine coroutine_t;
/* The options of a new task. */
typedef struct boucle_task_options task_options_t;
/* A value, which never changes and may be used on any thread. NULL is nil, which is Python's None: it is valid wherever
 * a function takes a value_t. */
typedef struct boucle_value value_t;
/* An exception, which never changes and may be used on any thread. */
typedef struct boucle_exception exception_t;
/* The argument of an exception handler: asyncio's context dict. It is lent for the duration of the call. */
typedef struct boucle_report report_t;

/* Destroys a callback's userdata. It may call the API, and give up any reference. */
typedef void (*destroy_fn)(void *userdata);

BOUCLE_END_DECLS

#endif
