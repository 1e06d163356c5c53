/* The operations of the scenario language: one function each. */
#ifndef RUNNER_OPERATIONS_H
#define RUNNER_OPERATIONS_H

#include "frame.h"

/* Sets *ret_val, or the frame's signal. An asynchronous one prepares frame->awaiting instead of a value. */
typedef void (*operation_fn)(struct frame *frame, const struct node *node, struct val *ret_val);

struct operation {
  const char *name;
  operation_fn run;
  size_t least_words;
  bool is_async; /* it may suspend: in bodies only */
};

/* NULL if there is none of that name. */
const struct operation *operation_find(const char *name);

/* The tables, one for each file; each ends with a NULL name. */
extern const struct operation value_operations[];
extern const struct operation future_operations[];
extern const struct operation loop_operations[];
extern const struct operation sync_operations[];
extern const struct operation await_operations[];

/* Runs a statement up to its end, or until it must wait (then frame->awaiting says for what). */
void statement_begin(struct frame *frame, const struct node *node);
/* What is left to do when its value is there, which it takes over: show, assign. */
void statement_finish(struct frame *frame, const struct node *node, struct val val);
/* Ends the wait: what was awaited has that value (lent), or failed with that exception (taken over).
 * Returns the operation's value; after a failure the frame has raised. */
struct val statement_awaited(struct frame *frame, value_t *value, exception_t *exception);

#endif
