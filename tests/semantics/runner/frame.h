/* One invocation of a body or a callback (or main), the blocks that are open in it, and how a block ends.
 *
 *  - Across an await, everything that an invocation owns is in its frame or in one of its scopes, never only on the C
 *    stack: a task that is destroyed while it waits releases it through its userdata.
 *  - frame->signal is why control leaves the present block: nothing, a return, or an exception. */
#ifndef RUNNER_FRAME_H
#define RUNNER_FRAME_H

#include "env.h"

enum signal_kind { SIGNAL_NONE, SIGNAL_RETURN, SIGNAL_RAISE };

struct signal {
  enum signal_kind kind;
  struct val value;
  exception_t *exception;
};

/* Where an explicit-stack interpreter is inside a block's node. */
enum phase { PHASE_BODY, PHASE_HANDLER, PHASE_ELSE, PHASE_FINALLY };

struct scope {
  struct scope *outer;
  const struct node *node; /* NULL: the body itself */
  const struct block *block;
  size_t position;
  enum phase phase;
  int64_t remaining;   /* rounds of a loop */
  struct val object;   /* the lock, the timeout, the group of the block */
  struct signal held;  /* what goes on after the finally clause, or the group's exit */
  exception_t *caught; /* in an except clause */
};

struct frame;
typedef void (*finish_fn)(struct frame *frame, value_t *value, struct val *ret_val);

enum await_kind { AWAIT_NOTHING, AWAIT_SLEEP, AWAIT_FUTURE, AWAIT_COROUTINE, AWAIT_CALL };

/* What the invocation is about to wait for, or is waiting for. */
struct awaiting {
  enum await_kind kind;
  double seconds;
  future_t *future;        /* lent by a variable: the task holds what it awaits weakly, as the library does */
  coroutine_t *coroutine;  /* owned */
  struct frame *callee;    /* owned until it runs */
  finish_fn finish;        /* makes the operation's value of the outcome; NULL: it is the value */
  struct val operand;      /* wait: the list of its futures; wait_until: what the variable must equal */
  const struct node *node; /* wait_until: the statement */
};

struct frame {
  struct env *env;
  struct body_task *task; /* NULL in main and in callbacks */
  struct frame *caller;   /* the invocation that awaits this one, inside the same task */
  const char *label, *target;
  const struct definition *definition;
  struct scope *scope; /* the innermost open one */
  struct signal signal;
  struct awaiting awaiting;
  struct val kept;    /* what the traceback of main's exception would keep alive */
  timeout_t *timeout; /* of the wait_for that surrounds this invocation */
  struct val locals[];
};

/* A frame for the definition (NULL: main); the locals are None. */
struct frame *frame_new(struct env *env, const struct definition *definition, const char *label);
void frame_free(struct frame *frame);

/* Lends the variable; NULL after raising NameError. */
struct val *frame_find(struct frame *frame, const char *name);
/* Takes the value over. */
void frame_assign(struct frame *frame, const char *name, struct val val);

static inline bool frame_raised(const struct frame *frame) { return frame->signal.kind == SIGNAL_RAISE; }
/* Each replaces the signal. Takes the exception over. */
void frame_raise(struct frame *frame, exception_t *exception);
void frame_raise_text(struct frame *frame, const char *kind, const char *message);
void frame_raise_status(struct frame *frame, int status);
/* Raises if the status is not 0; returns whether it did not. */
bool frame_check(struct frame *frame, int status);
void frame_return(struct frame *frame, struct val value);
/* Takes the signal out: the frame goes on. */
struct signal frame_take_signal(struct frame *frame);
void signal_release(struct signal signal);

void awaiting_release(struct awaiting *awaiting);

struct scope *scope_open(struct frame *frame, const struct node *node, const struct block *block);
void scope_close(struct frame *frame);

#endif
