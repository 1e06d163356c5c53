/* Reports: errors that no code handled, and the exception handler, which is called with them. */
#ifndef BOUCLE_REPORT_H
#define BOUCLE_REPORT_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Called with an error that no code handled. The report is lent for the duration of the call. */
typedef void (*loop_exception_handler_fn)(loop_t *loop, const report_t *report, void *userdata);

/* Sets the function that is called with each report. fn NULL restores the default, which prints to standard error.
 *   Ownership: the former destroy runs now
 *   Errors: -EINVAL loop is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.set_exception_handler() */
BOUCLE_API int loop_set_exception_handler(loop_t *loop, loop_exception_handler_fn fn, void *userdata,
                                          destroy_fn destroy);

/* Does with a report what the default handler does: prints it. It is for handlers that do something more.
 *   Errors: none; it does nothing if the report is NULL
 *   asyncio: loop.default_exception_handler() */
BOUCLE_API void loop_default_exception_handler(loop_t *loop, const report_t *report);

/* Calls the exception handler now, with a report of the caller's own. exception and future may be NULL.
 *   Errors: -EINVAL loop or message is NULL; LOOP_EWRONGTHREAD
 *   asyncio: loop.call_exception_handler() */
BOUCLE_API int loop_call_exception_handler(loop_t *loop, const char *message, exception_t *exception,
                                           future_t *future);

/* Returns what happened, as "Exception in callback".
 *   Ownership: lends the text for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["message"] */
BOUCLE_API const char *report_message(const report_t *report);

/* Returns the exception, or NULL if the report has none.
 *   Ownership: lends the exception for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["exception"] */
BOUCLE_API exception_t *report_exception(const report_t *report);

/* Returns the future, or the task as a future; NULL if the report is about neither. To keep it, take a reference.
 *   Ownership: lends the future for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["future"] */
BOUCLE_API future_t *report_future(const report_t *report);

/* Returns the task, or NULL if the report is about none.
 *   Ownership: lends the task for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["task"] */
BOUCLE_API task_t *report_task(const report_t *report);

/* Returns the userdata of the callback, if the report is "Exception in callback"; else NULL.
 *   Ownership: lends the userdata for the duration of the handler
 *   Errors: none; NULL for NULL
 *   asyncio: context["handle"] */
BOUCLE_API void *report_userdata(const report_t *report);

BOUCLE_END_DECLS

#endif
