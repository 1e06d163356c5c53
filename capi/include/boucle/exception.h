/* Exceptions: why something failed. Immutable, reference-counted, usable from any thread.
 *
 * The kind is a class name. Kinds known to Boucle: BaseException, Exception, CancelledError, TimeoutError,
 * InvalidStateError, RuntimeError, ValueError, KeyError, TypeError, OSError, MemoryError, SystemExit,
 * KeyboardInterrupt, GeneratorExit, ExceptionGroup, BaseExceptionGroup, BrokenBarrierError, QueueEmpty, QueueFull,
 * QueueShutDown, IncompleteReadError, LimitOverrunError. Any other text is a kind of the host, below Exception. */
#ifndef BOUCLE_EXCEPTION_H
#define BOUCLE_EXCEPTION_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* One more owner of the exception, and one less.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API exception_t *exception_ref(exception_t *exception);
BOUCLE_API void exception_unref(exception_t *exception);

/* ---- making ---- */

/* An exception of that kind. message may be NULL: then it has none.
 *   Ownership: copies kind and message
 *   Thread: any
 *   Errors: -EINVAL kind or ret_exception is NULL; -ENOMEM
 *   asyncio: ValueError(message) */
BOUCLE_API int exception_new(const char *kind, const char *message, exception_t **ret_exception);

/* The exception that a status stands for, with CPython's words where CPython has one: LOOP_ECLOSED is
 * RuntimeError("Event loop is closed").
 *
 * -EINVAL is a ValueError, -ENOMEM a MemoryError, any other -errno an OSError, an unknown code a RuntimeError.
 *   Thread: any
 *   Errors: -EINVAL status is not negative, or ret_exception is NULL; -ENOMEM */
BOUCLE_API int exception_new_from_status(int status, exception_t **ret_exception);

/* An exception that carries a host's own error object, which exception_get_foreign hands back. message may be NULL; for
 * the tag see value_new_foreign.
 *   Ownership: copies kind and message; takes userdata: destroy runs with the last reference (to it or to a copy), on
 *       the thread that drops it
 *   Thread: any
 *   Errors: -EINVAL kind, tag or ret_exception is NULL; -ENOMEM */
BOUCLE_API int exception_new_foreign(const char *kind, const char *message, const void *tag, void *userdata,
                                     destroy_fn destroy, exception_t **ret_exception);

/* An ExceptionGroup, or a BaseExceptionGroup if a member is not an Exception. message may be NULL.
 *   Ownership: copies message; borrows the array, keeps each member
 *   Thread: any
 *   Errors: -EINVAL count is 0, or members, a member or ret_exception is NULL; -ENOMEM
 *   asyncio: BaseExceptionGroup(message, members) */
BOUCLE_API int exception_new_group(const char *message, exception_t *const *members, size_t count,
                                   exception_t **ret_exception);

/* A copy of the exception with that cause, or, for NULL, with none.
 *   Ownership: keeps cause
 *   Thread: any
 *   Errors: -EINVAL exception or ret_exception is NULL; -ENOMEM
 *   asyncio: raise exception from cause */
BOUCLE_API int exception_new_with_cause(exception_t *exception, exception_t *cause, exception_t **ret_exception);

/* A copy of the exception with one more note, after those that it has. Bindings put tracebacks here.
 *   Ownership: copies note
 *   Thread: any
 *   Errors: -EINVAL exception, note or ret_exception is NULL; -ENOMEM
 *   asyncio: exception.add_note() */
BOUCLE_API int exception_new_with_note(exception_t *exception, const char *note, exception_t **ret_exception);

/* ---- reading ---- */

/* The kind: "ValueError".
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: type(exception).__name__ */
BOUCLE_API const char *exception_kind(const exception_t *exception);

/* The message, or NULL if it has none.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: str(exception) */
BOUCLE_API const char *exception_message(const exception_t *exception);

/* The status that it was made from, or 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: exception.errno, for an OSError */
BOUCLE_API int exception_status(const exception_t *exception);

/* The cause, or NULL if it has none.
 *   Ownership: lends the cause
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: exception.__cause__ */
BOUCLE_API exception_t *exception_cause(const exception_t *exception);

/* The number of a group's members; 0 if it is no group.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: len(group.exceptions) */
BOUCLE_API size_t exception_member_count(const exception_t *exception);

/* A member of a group, or NULL past the end.
 *   Ownership: lends the member
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: group.exceptions[index] */
BOUCLE_API exception_t *exception_member(const exception_t *exception, size_t index);

/* The number of its notes.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: len(exception.__notes__) */
BOUCLE_API size_t exception_note_count(const exception_t *exception);

/* A note, or NULL past the end.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: exception.__notes__[index] */
BOUCLE_API const char *exception_note(const exception_t *exception, size_t index);

/* The host's error object.
 *   Ownership: lends *ret_userdata
 *   Thread: any
 *   Errors: -EINVAL exception or ret_userdata is NULL; LOOP_EKIND it carries none, or one of another tag */
BOUCLE_API int exception_get_foreign(const exception_t *exception, const void *tag, void **ret_userdata);

/* 1 if an `except kind` clause catches it, else 0: the same kind, or a base class of it, as "Exception",
 * "BaseException", "OSError" for TimeoutError, "RuntimeError" for BrokenBarrierError.
 *   Thread: any
 *   Errors: none; 0 if either is NULL
 *   asyncio: isinstance(exception, kind) */
BOUCLE_API int exception_matches(const exception_t *exception, const char *kind);

BOUCLE_END_DECLS

#endif
