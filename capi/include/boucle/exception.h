/* Exceptions: why something failed. Immutable, reference-counted, usable from any thread.
 *
 * The kind is a class name. Kinds known to Boucle: BaseException, Exception, CancelledError, TimeoutError,
 * InvalidStateError, RuntimeError, ValueError, KeyError, TypeError, OSError, MemoryError, SystemExit,
 * KeyboardInterrupt, ExceptionGroup, BaseExceptionGroup, BrokenBarrierError, QueueEmpty, QueueFull, QueueShutDown,
 * IncompleteReadError, LimitOverrunError. Any other text is a kind of the host's own, below Exception. */
#ifndef BOUCLE_EXCEPTION_H
#define BOUCLE_EXCEPTION_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

BOUCLE_API exception_t *exception_ref(exception_t *exception);
BOUCLE_API void exception_unref(exception_t *exception);

/* message may be NULL (no message). Errors of all constructors: -EINVAL kind or ret_exception is NULL; -ENOMEM. */
BOUCLE_API int exception_new(const char *kind, const char *message, exception_t **ret_exception);
/* The exception that a status stands for, with the status' message: LOOP_ECLOSED is a RuntimeError, and so on. */
BOUCLE_API int exception_new_from_status(int status, exception_t **ret_exception);
/* An exception that carries a host's own error object, which exception_get_foreign hands back. */
BOUCLE_API int exception_new_foreign(const char *kind, const char *message, const void *tag, void *userdata,
                                     destroy_fn destroy, exception_t **ret_exception);
/* An ExceptionGroup (a BaseExceptionGroup if a member is not an Exception) of count >= 1 members. */
BOUCLE_API int exception_new_group(const char *message, exception_t *const *members, size_t count,
                                   exception_t **ret_exception);
/* A copy of the exception with that cause: `raise ... from cause`. */
BOUCLE_API int exception_new_with_cause(exception_t *exception, exception_t *cause, exception_t **ret_exception);
/* A copy of the exception with one more note: add_note(). Bindings put tracebacks here. */
BOUCLE_API int exception_new_with_note(exception_t *exception, const char *note, exception_t **ret_exception);

/* Lends the kind, "ValueError". */
BOUCLE_API const char *exception_kind(const exception_t *exception);
/* Lends the message, or NULL. */
BOUCLE_API const char *exception_message(const exception_t *exception);
/* The status it was made from, or 0. */
BOUCLE_API int exception_status(const exception_t *exception);
/* Lends the cause, or NULL. */
BOUCLE_API exception_t *exception_cause(const exception_t *exception);
/* The number of a group's members; 0 if it is no group. */
BOUCLE_API size_t exception_member_count(const exception_t *exception);
/* Lends a member, or NULL past the end. */
BOUCLE_API exception_t *exception_member(const exception_t *exception, size_t index);
BOUCLE_API size_t exception_note_count(const exception_t *exception);
/* Lends a note, or NULL past the end. */
BOUCLE_API const char *exception_note(const exception_t *exception, size_t index);
/* Lends the host's error object; LOOP_EKIND if there is none of that tag. */
BOUCLE_API int exception_get_foreign(const exception_t *exception, const void *tag, void **ret_userdata);
/* 1 if an `except kind` clause catches it: the same kind, or a base class of it ("Exception", "BaseException",
 * "OSError" for TimeoutError, "RuntimeError" for BrokenBarrierError), else 0. */
BOUCLE_API int exception_matches(const exception_t *exception, const char *kind);

BOUCLE_END_DECLS

#endif
