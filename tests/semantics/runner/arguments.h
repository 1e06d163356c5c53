/* Evaluates the words of a statement. A function that fails raises in the frame, and returns false or NULL. */
#ifndef RUNNER_ARGUMENTS_H
#define RUNNER_ARGUMENTS_H

#include "frame.h"

bool word_val(struct frame *frame, const struct word *word, struct val *ret_val);
bool word_int(struct frame *frame, const struct word *word, int64_t *ret_integer);
/* A delay in ms as seconds; None gives `none`. */
bool word_delay(struct frame *frame, const struct word *word, double none, double *ret_seconds);
/* The moment that is so much later than now, on the loop's clock; None: infinity. */
bool word_deadline(struct frame *frame, const struct word *word, double *ret_when);
/* Lends the object that the variable named by the word refers to; AttributeError if it is of another kind. */
void *word_object(struct frame *frame, const struct word *word, enum val_kind kind);
/* The variable of any kind, lent. */
struct val *word_variable(struct frame *frame, const struct word *word);
/* A new reference to the future in a variable, or to a new task that runs the CALL under that label (NULL: its name). */
future_t *word_operand(struct frame *frame, const struct word *word, const char *label);
/* The futures in the variables named by `count` words, as an array of lent pointers to be freed. */
future_t **word_futures(struct frame *frame, const struct word *words, size_t count);
/* A new invocation of the body that the CALL names; label NULL: its name. */
struct frame *word_invocation(struct frame *frame, const struct word *word, const char *label);
/* A new call of the callback that the CALL names. */
struct call *word_call(struct frame *frame, const struct word *word);
/* A new exception KIND [MSG]; NULL only after raising. */
exception_t *word_exception(struct frame *frame, const struct word *words, size_t count);

void call_free(void *call);

#endif
