/* Boucle: one event loop for every language, with asyncio's semantics.
 *
 * Conventions of the whole API
 *
 *  1. Names are noun_verb. Every function of the library is listed in these headers and nowhere else. The symbol behind
 *     each is boucle_noun_verb, so that other libraries of the program may have the short names; the declarations say so
 *     to the compiler. loop_..., task_... and future_... are exported under their short names as well, for dlsym(3).
 *     <boucle/prefixed.h> declares the same with boucle_ in front of everything, for files in which the short words mean
 *     something else, and for FFIs.
 *  2. Handles (loop_t, future_t, task_t, handle_t, value_t, exception_t, coroutine_t, ...) are opaque and
 *     reference-counted: x_ref returns its argument, x_unref gives one reference up; both accept NULL. What a function
 *     hands out through a `ret_...` parameter is a new reference, which the caller owes an unref; what it takes is
 *     borrowed. The exceptions are those whose name ends in _take or _take_catch: they give up the caller's reference,
 *     whatever happens. The few getters that lend say so. Freeing anything inside any callback is legal.
 *  3. A function that can fail returns int: 0 (or a number above it, where its comment says so), or a negative status
 *     (see boucle/status.h): -errno for what the system said, LOOP_E... for what Boucle says. There is no last error.
 *  4. A failing call changes nothing and writes no output.
 *  5. Callbacks are triples `fn, userdata, destroy`. `destroy(userdata)` runs exactly once, when the callback
 *     will not be called any more, on the loop's side; also when the call that took the triple fails (then
 *     before that call returns). `destroy` may be NULL. What a value or an exception carries is destroyed with its
 *     last reference, wherever that is. A `destroy` that is due inside of twenty others runs right after the innermost.
 *     A `destroy`, an exception handler and a comparison function return before anything else happens: in them,
 *     await_... fails with LOOP_ENOTASK.
 *  6. No structs with fields, no macros, no inline functions, no varargs: any FFI can call everything.
 *  7. Text is UTF-8 `const char *`, terminated by NUL; bytes are `const void *data, size_t size`. Time is in
 *     seconds, as double, on the loop's clock; NaN is refused with -EINVAL.
 *  8. A loop belongs to the thread that is running it. While a thread runs the loop, every other thread may call only
 *     functions ending in _threadsafe, ref/unref, and what says "Thread: any". All else that returns a status refuses
 *     with LOOP_EWRONGTHREAD (what runs a loop: LOOP_ERUNNING); getters cannot refuse, and must not be called. A loop
 *     that nobody is running, with all of its objects, belongs to whoever synchronises the access: their last unref
 *     included.
 *  9. No process-global state that was not asked for. The running loop of a thread, and its current loop where one was
 *     set (loop_set_current), are the only thread-locals.
 *     After fork(), the child has neither, and may make and run loops of its own. Of a loop that was made before,
 *     it may take and drop references, read what does not change, and call loop_close: none of this touches what the parent
 *     shares with it. All else that returns a status refuses with LOOP_EFORKED, wherever LOOP_EWRONGTHREAD is
 *     listed. A callback that forks and returns in the child ends the child's copy of the run, with LOOP_EFORKED. A loop
 *     that another thread was running stays in the child as it was: it cannot be closed, and its memory is not given
 *     back. Signals with a handler in the loop have their former action in the child.
 * 10. Each function's comment says what it does, and then, in this order, in slots, what is not the default:
 *       Ownership: what becomes of references. Default: conventions 2 and 5, that is: arguments are borrowed (used during
 *           the call only), a triple is taken, `ret_...` gets a new reference. "keeps x": a reference of its own, for as
 *           long as it needs x; "lends": the caller gets no reference, and the thing is there for as long as what it was
 *           asked of.
 *       Thread: default: the loop's, which is convention 8. "any", at any time; "any, also signal handlers".
 *       Errors: every status that it can return, with its condition, separated by semicolons. LOOP_ECLOSED,
 *           LOOP_EWRONGTHREAD, LOOP_EFORKED, LOOP_EWRONGLOOP and -ENOMEM mean what boucle/status.h says, and stand
 *           alone. "what else epoll_ctl(2) says": any -errno. "none": it cannot fail; then it says what NULL gives.
 *       asyncio: its counterpart there. Default: none.
 *       Since: the first version that has it. Default: 0.3, the first of all. Until 1.0 a release may change the ABI.
 *     Errors is always there. A pair x_ref, x_unref shares one comment; no other two functions do, and no slot refers to
 *     another comment. A test checks all this, and whatever the C suites see a function return is checked against its
 *     slot Errors. The manual pages (`man loop_call_soon`) are made of the same comments, with the defaults filled in.
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
/* What a loop is made with. */
typedef struct boucle_loop_options loop_options_t;
/* A scheduled callback that can be cancelled: asyncio.Handle and asyncio.TimerHandle. */
typedef struct boucle_handle handle_t;
/* The outcome of something that may not have happened yet: asyncio.Future. */
typedef struct boucle_future future_t;
/* A future that drives a stepper: asyncio.Task. */
typedef struct boucle_task task_t;
/* Something that a task awaits once and that runs inside that task: a coroutine object. */
typedef struct boucle_coroutine coroutine_t;
/* What a task is made with. */
typedef struct boucle_task_options task_options_t;
/* An immutable value, from any thread. NULL is nil, Python's None: no error, wherever a value_t is taken. */
typedef struct boucle_value value_t;
/* An immutable exception object, from any thread. */
typedef struct boucle_exception exception_t;
/* What an exception handler is told: asyncio's context dict. Lent for the duration of the call. */
typedef struct boucle_report report_t;

/* Ends the life of a callback's userdata, once. It may call the API, and free what it likes. */
typedef void (*destroy_fn)(void *userdata);

BOUCLE_END_DECLS

#endif
