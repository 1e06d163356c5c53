/* One run of one scenario: its variables, its loops, its trace. */
#ifndef RUNNER_ENV_H
#define RUNNER_ENV_H

#include <boucle/boucle.h>

#include "parse.h"
#include "val.h"

enum mode { MODE_CALLBACKS, MODE_COROUTINES };

struct variable {
  const char *name;
  struct val val;
};

struct context_variable {
  const char *name;
  context_var_t *var;
};

struct label {
  const future_t *future;
  const char *text;
};

/* A callback and its arguments: the userdata of handles and of done-callbacks. */
struct call {
  struct env *env;
  const struct definition *definition;
  size_t count;
  struct val arguments[];
};

struct env {
  const struct scenario *scenario;
  enum mode mode;
  bool finished; /* nothing is logged from here on */
  struct buffer trace;

  loop_t *loop;      /* the present one: lent by `loops` */
  int64_t time_base; /* when it was made, in ms: the clock goes on from loop to loop */
  loop_t **loops;
  size_t loop_count;

  struct variable *variables;
  size_t variable_count, variable_capacity;
  struct context_variable *context_variables;
  size_t context_variable_count;
  struct call **done_callbacks; /* one for each callback that was used as such: its identity */
  size_t done_callback_count;

  /* Labels by the address of the future. An entry goes stale with its future, and is overwritten when another future
   * at that address is named. A hash table with linear probing; never removed from. */
  struct label *labels;
  size_t label_count, label_capacity;

  struct body_task *tasks; /* all that were not destroyed yet */
  exception_t *memory_error;
};

/* Returns a status. */
int env_open(struct env *env, const struct scenario *scenario, enum mode mode);
/* Releases everything, silently. */
void env_close(struct env *env);
/* Replaces the loop. Returns a status. */
int env_new_loop(struct env *env);

int64_t env_now(const struct env *env);
/* The scenario's milliseconds as seconds on the loop's clock. */
double env_seconds(const struct env *env, int64_t milliseconds);
int64_t env_milliseconds(const struct env *env, double seconds);

void env_log(struct env *env, const char *label, const char *text);
void env_print(struct env *env, struct buffer *buffer, struct val val);

/* Lends the global variable, or NULL. */
struct val *env_find(struct env *env, const char *name);
/* Takes the value over. */
void env_assign(struct env *env, const char *name, struct val val);
void env_drop(struct env *env, const char *name);
/* The context variable of that name, made at need; NULL if out of memory. */
context_var_t *env_context_var(struct env *env, const char *name);

void env_set_label(struct env *env, const future_t *future, const char *label);
const char *env_label(const struct env *env, const future_t *future);

/* The one call of that callback without arguments that done-callbacks are registered with. */
struct call *env_done_callback(struct env *env, const struct definition *definition);

#endif
