/* Exceptions: making them with asyncio's texts, printing them, and noting those that are reported. */
#ifndef RUNNER_ERRORS_H
#define RUNNER_ERRORS_H

#include <boucle/boucle.h>

#include "val.h"

struct env;

/* Kind(message), or Kind[member,...] for a group. */
void exception_print(struct buffer *buffer, const exception_t *exception);
struct val exception_text(const exception_t *exception);
/* Whether `except kind` takes it: the scenario's rule, exactly that class but for the two base classes. */
bool exception_is_caught(const exception_t *exception, const char *kind);

/* None of these fails: short of memory, they hand out the environment's MemoryError. */
exception_t *error_new(struct env *env, const char *kind, const char *message);
exception_t *error_from_status(struct env *env, int status);
/* Why a future that is done has no result. */
exception_t *error_of_future(struct env *env, future_t *future);

/* The loop's exception handler: logs `loop handler ...`. */
void error_reported(loop_t *loop, const report_t *report, void *userdata);

#endif
