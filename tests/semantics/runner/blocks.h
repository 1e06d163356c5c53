/* The blocks of the language, for both interpreters: each function works on the innermost open scope of the frame. If
 * something must be awaited, the function prepares frame->awaiting. */
#ifndef RUNNER_BLOCKS_H
#define RUNNER_BLOCKS_H

#include "frame.h"

/* The number of rounds; 0 too after raising. */
int64_t loop_rounds(struct frame *frame, const struct node *node);
/* The block to run; NULL after raising. */
const struct block *if_block(struct frame *frame, const struct node *node);

/* The clause that takes the frame's exception, which is logged and now handled; NULL if there is none. */
const struct block *try_catch(struct frame *frame);
/* The end of that clause. */
void try_caught(struct frame *frame);

/* Puts the signal aside while a finally clause (or a group's exit) runs; takes it up again, unless that one raised. */
void scope_hold(struct frame *frame);
void scope_resume(struct frame *frame);

void timeout_open(struct frame *frame, const struct node *node);
/* Turns the frame's signal into what leaves the block. */
void timeout_close(struct frame *frame);
/* The same for the timeout around the invocation of `callee`, of wait_for. */
bool timeout_begin(struct frame *frame, double when, timeout_t **ret_timeout);
void timeout_end(struct frame *frame, timeout_t *timeout);

void group_open(struct frame *frame, const struct node *node);
/* Awaits the members; afterwards group_close, unless the wait raised. */
void group_leave(struct frame *frame);

/* Awaits the acquisition. */
void with_open(struct frame *frame, const struct node *node);
void with_close(struct frame *frame);

/* frame->awaiting = acquiring that lock, condition or semaphore. */
void acquire_prepare(struct frame *frame, struct val object);
void release_object(struct frame *frame, struct val object);

#endif
