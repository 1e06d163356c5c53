/* Exceptions: why something failed. They never change, and may be used from any thread.
 *
 * The kind is the name of a class. Boucle knows these: BaseException, Exception, CancelledError, TimeoutError,
 * InvalidStateError, RuntimeError, RecursionError, ValueError, KeyError, IndexError, LookupError, TypeError, MemoryError,
 * SystemExit, KeyboardInterrupt, GeneratorExit, ExceptionGroup, BaseExceptionGroup, BrokenBarrierError, QueueEmpty,
 * QueueFull, QueueShutDown, EOFError, IncompleteReadError, LimitOverrunError; OSError and its subclasses, BlockingIOError,
 * ChildProcessError, ConnectionError (BrokenPipeError, ConnectionAbortedError, ConnectionRefusedError,
 * ConnectionResetError), FileExistsError, FileNotFoundError, InterruptedError, IsADirectoryError, NotADirectoryError,
 * PermissionError, ProcessLookupError, gaierror. Any other text is a kind of the host's, and a subclass of Exception. */
#ifndef BOUCLE_EXCEPTION_H
#define BOUCLE_EXCEPTION_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* exception_ref adds an owner of the exception; exception_unref removes one.
 *   Thread: any
 *   Errors: none; NULL is fine */
BOUCLE_API exception_t *exception_ref(exception_t *exception);
BOUCLE_API void exception_unref(exception_t *exception);

/* ---- making ---- */

/* Makes an exception of that kind. message may be NULL: then it has none.
 *   Ownership: copies kind and message
 *   Thread: any
 *   Errors: -EINVAL kind or ret_exception is NULL; -ENOMEM
 *   asyncio: ValueError(message) */
BOUCLE_API int exception_new(const char *kind, const char *message, exception_t **ret_exception);

/* Makes the exception that stands for a status, with CPython's message if CPython has one: LOOP_ECLOSED makes
 * RuntimeError("Event loop is closed").
 *
 * -EINVAL makes a ValueError, -ENOMEM a MemoryError, an unknown code a RuntimeError. Any other -errno makes the subclass
 * of OSError that Python chooses for it, with Python's message: -ECONNRESET makes
 * ConnectionResetError("[Errno 104] Connection reset by peer").
 *   Thread: any
 *   Errors: -EINVAL status is not negative, or ret_exception is NULL; -ENOMEM */
BOUCLE_API int exception_new_from_status(int status, exception_t **ret_exception);

/* Makes an exception that carries a host's own error object, which exception_get_foreign returns. message may be
 * NULL. For the tag see value_new_foreign.
 *   Ownership: copies kind and message; takes userdata: destroy runs when the last reference to the exception or a
 *       copy of it is given up, on that thread
 *   Thread: any
 *   Errors: -EINVAL kind, tag or ret_exception is NULL; -ENOMEM */
BOUCLE_API int exception_new_foreign(const char *kind, const char *message, const void *tag, void *userdata,
                                     destroy_fn destroy, exception_t **ret_exception);

/* Makes an ExceptionGroup, or a BaseExceptionGroup if a member is not an Exception. message may be NULL.
 *   Ownership: copies message; borrows the array, keeps each member
 *   Thread: any
 *   Errors: -EINVAL count is 0, or members, a member or ret_exception is NULL; -ENOMEM
 *   asyncio: BaseExceptionGroup(message, members) */
BOUCLE_API int exception_new_group(const char *message, exception_t *const *members, size_t count,
                                   exception_t **ret_exception);

/* Makes a copy of the exception with that cause. cause may be NULL: then the copy has none.
 *   Ownership: keeps cause
 *   Thread: any
 *   Errors: -EINVAL exception or ret_exception is NULL; -ENOMEM
 *   asyncio: raise exception from cause */
BOUCLE_API int exception_new_with_cause(exception_t *exception, exception_t *cause, exception_t **ret_exception);

/* Makes a copy of the exception with one more note, after those that it has. Bindings put tracebacks into notes.
 *   Ownership: copies note
 *   Thread: any
 *   Errors: -EINVAL exception, note or ret_exception is NULL; -ENOMEM
 *   asyncio: exception.add_note() */
BOUCLE_API int exception_new_with_note(exception_t *exception, const char *note, exception_t **ret_exception);

/* ---- reading ---- */

/* Returns the kind, as "ValueError".
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: type(exception).__name__ */
BOUCLE_API const char *exception_kind(const exception_t *exception);

/* Returns the message, or NULL if it has none.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: str(exception) */
BOUCLE_API const char *exception_message(const exception_t *exception);

/* Returns the status that the exception was made from, or 0.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: exception.errno, for an OSError */
BOUCLE_API int exception_status(const exception_t *exception);

/* Returns the value that it carries, or NULL: for a gaierror its code, such as EAI_NONAME, as an integer; for an exception
 * of exception_new_foreign the foreign value.
 *   Ownership: lends the value
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: exception.errno, for a socket.gaierror
 *   Since: 0.4 */
BOUCLE_API value_t *exception_value(const exception_t *exception);

/* Returns the cause, or NULL if it has none.
 *   Ownership: lends the cause
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: exception.__cause__ */
BOUCLE_API exception_t *exception_cause(const exception_t *exception);

/* Returns how many members a group has; 0 if it is not a group.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: len(group.exceptions) */
BOUCLE_API size_t exception_member_count(const exception_t *exception);

/* Returns a member of a group, or NULL if index is past the last.
 *   Ownership: lends the member
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: group.exceptions[index] */
BOUCLE_API exception_t *exception_member(const exception_t *exception, size_t index);

/* Returns how many notes the exception has.
 *   Thread: any
 *   Errors: none; 0 for NULL
 *   asyncio: len(exception.__notes__) */
BOUCLE_API size_t exception_note_count(const exception_t *exception);

/* Returns a note, or NULL if index is past the last.
 *   Ownership: lends the text
 *   Thread: any
 *   Errors: none; NULL for NULL
 *   asyncio: exception.__notes__[index] */
BOUCLE_API const char *exception_note(const exception_t *exception, size_t index);

/* Gets the host's error object.
 *   Ownership: lends *ret_userdata
 *   Thread: any
 *   Errors: -EINVAL exception or ret_userdata is NULL; LOOP_EKIND it carries none, or one of another tag */
BOUCLE_API int exception_get_foreign(const exception_t *exception, const void *tag, void **ret_userdata);

/* Returns 1 if an `except kind` clause catches the exception, else 0. It does if kind is the exception's kind or a
 * base class of that: "Exception", "BaseException", "OSError" for TimeoutError, "ConnectionError" for
 * ConnectionResetError, "RuntimeError" for BrokenBarrierError.
 *   Thread: any
 *   Errors: none; 0 if either is NULL
 *   asyncio: isinstance(exception, kind) */
BOUCLE_API int exception_matches(const exception_t *exception, const char *kind);

BOUCLE_END_DECLS

#endif
