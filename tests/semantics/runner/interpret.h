/* The interpreter that uses C's own stack: for main, for callbacks, and for bodies on stacks of their own. */
#ifndef RUNNER_INTERPRET_H
#define RUNNER_INTERPRET_H

#include "frame.h"

/* Runs the block; why it ended is in frame->signal. */
void interpret_block(struct frame *frame, const struct block *block);
void interpret_node(struct frame *frame, const struct node *node);
/* Runs main, statement by statement, and logs what they raise. */
void interpret_main(struct env *env);

/* Callbacks of the loop and of futures; userdata is a struct call. */
void call_on_loop(loop_t *loop, void *userdata);
void call_when_done(future_t *future, void *userdata);

/* coroutine_task.c: waits for frame->awaiting; the outcome is the value, or the frame has raised. */
struct val await_here(struct frame *frame);

#endif
