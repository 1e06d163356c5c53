/* Reports: errors that nobody took, and the handler that hears of them. */
#ifndef BOUCLE_REPORT_H
#define BOUCLE_REPORT_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Told of an error that nobody took. The report is lent for the duration of the call. */
typedef void (*loop_exception_handler_fn)(loop_t *loop, const report_t *report, void *userdata);

/* Who hears of errors that nobody took. fn NULL: the default again, which prints to standard error.
 *   Ownership: the former one's destroy runs now
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_exception_handler() */
BOUCLE_API int loop_set_exception_handler(loop_t *loop, loop_exception_handler_fn fn, void *userdata,
                                          destroy_fn destroy);

/* What the default handler does with a report: for handlers that add to it.
 *   Errors: none; nothing happens if the report is NULL
 *   asyncio: loop.default_exception_handler() */
BOUCLE_API void loop_default_exception_handler(loop_t *loop, const report_t *report);

/* Reports something of the host's own to the exception handler, now. exception and future may be NULL.
 *   Errors: -EINVAL loop or message is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.call_exception_handler() */
BOUCLE_API int loop_call_exception_handler(loop_t *loop, const char *message, exception_t *exception,
                                           future_t *future);

/* What happened: "Exception in callback".
 *   Ownership: lends the text for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["message"] */
BOUCLE_API const char *report_message(const report_t *report);

/* The exception, or NULL if it is about none.
 *   Ownership: lends the exception for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["exception"] */
BOUCLE_API exception_t *report_exception(const report_t *report);

/* The future, or the task as a future, or NULL if it is about neither. Whoever takes a reference keeps it alive.
 *   Ownership: lends the future for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["future"] */
BOUCLE_API future_t *report_future(const report_t *report);

/* The task, or NULL if it is about none.
 *   Ownership: lends the task for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["task"] */
BOUCLE_API task_t *report_task(const report_t *report);

/* For "Exception in callback": that callback's userdata. Else NULL.
 *   Ownership: lends the userdata for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["handle"] */
BOUCLE_API void *report_userdata(const report_t *report);

BOUCLE_END_DECLS

#endif
