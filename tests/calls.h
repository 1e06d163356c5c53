/* Tables of calls that must all fail in the same way, and one object of each kind to call them with.
 *
 * A call that fails writes no output and changes no object: assert_untouched and assert_fresh check this. */
#ifndef BOUCLE_TESTS_CALLS_H
#define BOUCLE_TESTS_CALLS_H

#include "support.h"

struct call {
  const char *text;
  int status;
};
struct calls {
  size_t count;
  struct call of[160];
};

/* Notes a call and its status. Asserts nothing: the calls may be made in another thread. */
void note(struct calls *calls, const char *text, int status);
#define NOTE(call) note(calls, #call, call)

/* Fails unless every call that was noted returned the expected status; prints those that did not. */
void assert_all(int expected, const struct calls *calls);

/* What calls write. A failing call leaves it as it is: all zero. */
struct outputs {
  loop_t *loop;
  loop_options_t *options;
  handle_t *handle;
  future_t *future;
  task_t *task;
  coroutine_t *coroutine;
  value_t *value;
  exception_t *exception;
  completion_t *completion;
  timeout_t *timeout;
  task_group_t *group;
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *queue;
  context_t *context;
  context_var_t *var;
  concurrent_t *concurrent;
  void *userdata;
  size_t size;
  int number;
  unsigned count;
};

void assert_untouched(const struct outputs *outputs);

/* One object of each kind. */
struct zoo {
  loop_t *loop;
  struct outputs of;
};

void make_zoo(struct zoo *zoo, loop_t *loop);
void free_zoo(struct zoo *zoo);
/* Fails if something has happened to any of them. */
void assert_fresh(struct zoo *zoo);

/* Callbacks that must not be called, and two that the calls only name. */
void never_done(future_t *future, void *userdata);
int never_work(void *userdata, value_t **ret_value);
int never_true(void *userdata);

#endif
