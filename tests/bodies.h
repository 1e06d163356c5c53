/* Bodies: functions that loop_create_task runs in a task with a stack of its own. */
#ifndef BOUCLE_TESTS_BODIES_H
#define BOUCLE_TESTS_BODIES_H

#include "support.h"

/* 0 if the library was built without stacks: then loop_create_task and await_... fail with LOOP_ENOTSUPPORTED. */
int has_stacks(void);

/* A task that runs fn. */
task_t *new_body(loop_t *loop, coroutine_fn fn, void *userdata);
/* Runs fn in a task to its end. Returns the status with which it ended. */
int run_body(loop_t *loop, coroutine_fn fn, void *userdata, value_t **ret_value);
/* Runs fn, which must fail, in a task to its end. Returns its exception. */
exception_t *run_failing(loop_t *loop, coroutine_fn fn, void *userdata);
/* Bodies: one fails the test if it runs, the other does nothing. */
int never_run(void *userdata, value_t **ret_value);
int return_nothing(void *userdata, value_t **ret_value);

/* A body's userdata: what it awaits, and what it saw. */
struct story {
  struct trace trace;
  loop_t *loop;
  future_t *future;
  coroutine_t *coroutine;
  exception_t *exception;
};

/* Awaits the story's future, notes the status, and returns what it got. */
int await_and_return(void *userdata, value_t **ret_value);

/* A body's userdata: one object of each kind, and what happened. `other` is a second loop. */
struct world {
  struct trace trace;
  loop_t *loop, *other;
  future_t *future;
  coroutine_t *coroutine;
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *queue;
  task_group_t *group;
  double timeout;
};

void make_world(struct world *world, loop_t *loop);
void free_world(struct world *world);
task_t *new_body_in(struct world *world, coroutine_fn fn);
/* Runs fn in a task to its end. Returns the status with which it ended. */
int end_of(struct world *world, coroutine_fn fn);
/* Appends the name of the status to the world's trace. */
void note_status(struct world *world, int status);

#endif
