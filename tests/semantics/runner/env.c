#include "env.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "body_task.h"
#include "errors.h"

int env_open(struct env *env, const struct scenario *scenario, enum mode mode) {
  *env = (struct env){.scenario = scenario, .mode = mode};
  runner_allocates++; /* what reports a lack of memory must be there */
  int status = exception_new("MemoryError", NULL, &env->memory_error);
  runner_allocates--;
  if (status == 0) status = env_new_loop(env);
  return status;
}

static void release_variables(struct env *env) {
  while (env->variable_count > 0) val_release(env->variables[--env->variable_count].val);
}

void env_close(struct env *env) {
  env->finished = true;
  release_variables(env);
  body_tasks_release(env);
  for (size_t i = 0; i < env->loop_count; i++) loop_close(env->loops[i]);
  release_variables(env);
  for (size_t i = 0; i < env->loop_count; i++) loop_unref(env->loops[i]);
  for (size_t i = 0; i < env->context_variable_count; i++) context_var_unref(env->context_variables[i].var);
  for (size_t i = 0; i < env->done_callback_count; i++) free(env->done_callbacks[i]);
  exception_unref(env->memory_error);
  free(env->loops);
  free(env->variables);
  free(env->context_variables);
  free(env->done_callbacks);
  free(env->labels);
  buffer_free(&env->trace);
}

/* ---- loops and time ---- */

static int make_loop(loop_t **ret_loop) {
  loop_options_t *options = NULL;
  int status = loop_options_new(&options);
  if (status == 0) status = loop_options_set_clock(options, LOOP_CLOCK_VIRTUAL);
  if (status == 0) status = loop_new(options, ret_loop);
  loop_options_unref(options);
  return status;
}

/* Context variables belong to the thread in Python: what main has set goes on in the next loop. */
static int inherit_context(loop_t *loop, loop_t *from) {
  context_t *context = NULL;
  int status = context_copy(from, &context);
  if (status == 0) status = context_switch(loop, context, NULL);
  context_unref(context);
  return status;
}

int env_new_loop(struct env *env) {
  loop_t *loop = NULL;
  int status = make_loop(&loop);
  if (status == 0) status = loop_set_exception_handler(loop, error_reported, env, NULL);
  if (status == 0 && env->loop != NULL) status = inherit_context(loop, env->loop);
  if (status != 0) {
    loop_unref(loop);
    return status;
  }
  int64_t now = env->loop != NULL ? env_now(env) : 0;
  env->loops = xrealloc(env->loops, sizeof(loop_t *) * (env->loop_count + 1));
  env->loops[env->loop_count++] = env->loop = loop;
  env->time_base = now - llround(loop_time(loop) * 1000);
  return 0;
}

int64_t env_milliseconds(const struct env *env, double seconds) { return env->time_base + llround(seconds * 1000); }

double env_seconds(const struct env *env, int64_t milliseconds) {
  return (double)(milliseconds - env->time_base) / 1000.0;
}

int64_t env_now(const struct env *env) { return env_milliseconds(env, loop_time(env->loop)); }

/* ---- the trace ---- */

void env_log(struct env *env, const char *label, const char *text) {
  if (env->finished) return;
  buffer_add_int(&env->trace, env_now(env));
  buffer_add(&env->trace, " ");
  buffer_add(&env->trace, label);
  buffer_add(&env->trace, " ");
  buffer_add(&env->trace, text);
  buffer_add(&env->trace, "\n");
}

void env_print(struct env *env, struct buffer *buffer, struct val val) {
  switch (val.kind) {
    case VAL_NONE: buffer_add(buffer, "None"); break;
    case VAL_BOOL: buffer_add(buffer, val.of.integer ? "True" : "False"); break;
    case VAL_INT: buffer_add_int(buffer, val.of.integer); break;
    case VAL_TEXT: buffer_add(buffer, val.of.text->text); break;
    case VAL_FUTURE: buffer_add(buffer, env_label(env, val.of.object)); break;
    case VAL_LIST:
      buffer_add(buffer, "[");
      for (size_t i = 0; i < val.of.list->count; i++) {
        buffer_add(buffer, i > 0 ? "," : "");
        env_print(env, buffer, val.of.list->items[i]);
      }
      buffer_add(buffer, "]");
      break;
    default:
      buffer_add(buffer, "<");
      buffer_add(buffer, val_kind_name(val.kind));
      buffer_add(buffer, ">");
  }
}

/* ---- variables ---- */

struct val *env_find(struct env *env, const char *name) {
  for (size_t i = 0; i < env->variable_count; i++)
    if (strcmp(env->variables[i].name, name) == 0) return &env->variables[i].val;
  return NULL;
}

void env_assign(struct env *env, const char *name, struct val val) {
  struct val *found = env_find(env, name);
  if (found != NULL) {
    val_replace(found, val);
    return;
  }
  if (env->variable_count == env->variable_capacity) {
    env->variable_capacity = 2 * env->variable_capacity + 16;
    env->variables = xrealloc(env->variables, sizeof *env->variables * env->variable_capacity);
  }
  env->variables[env->variable_count++] = (struct variable){name, val};
}

void env_drop(struct env *env, const char *name) {
  for (size_t i = 0; i < env->variable_count; i++) {
    struct val val = env->variables[i].val;
    if (strcmp(env->variables[i].name, name) != 0) continue;
    env->variables[i] = env->variables[--env->variable_count];
    val_release(val);
    return;
  }
}

context_var_t *env_context_var(struct env *env, const char *name) {
  context_var_t *var = NULL;
  for (size_t i = 0; i < env->context_variable_count; i++)
    if (strcmp(env->context_variables[i].name, name) == 0) return env->context_variables[i].var;
  if (context_var_new(name, NULL, &var) != 0) return NULL;
  env->context_variables =
      xrealloc(env->context_variables, sizeof *env->context_variables * (env->context_variable_count + 1));
  env->context_variables[env->context_variable_count++] = (struct context_variable){name, var};
  return var;
}

/* ---- labels ---- */

static struct label *label_slot(struct label *labels, size_t capacity, const future_t *future) {
  size_t i = (size_t)(((uintptr_t)future >> 4) * 0x9E3779B97F4A7C15u) % capacity;
  while (labels[i].future != NULL && labels[i].future != future) i = (i + 1) % capacity;
  return &labels[i];
}

static void grow_labels(struct env *env) {
  size_t capacity = 2 * env->label_capacity + 64;
  struct label *labels = xcalloc(capacity, sizeof *labels);
  for (size_t i = 0; i < env->label_capacity; i++)
    if (env->labels[i].future != NULL) *label_slot(labels, capacity, env->labels[i].future) = env->labels[i];
  free(env->labels);
  env->labels = labels;
  env->label_capacity = capacity;
}

void env_set_label(struct env *env, const future_t *future, const char *label) {
  if (2 * env->label_count >= env->label_capacity) grow_labels(env);
  struct label *slot = label_slot(env->labels, env->label_capacity, future);
  env->label_count += slot->future == NULL;
  *slot = (struct label){future, label};
}

const char *env_label(const struct env *env, const future_t *future) {
  if (env->label_count == 0) return "future";
  const struct label *slot = label_slot(env->labels, env->label_capacity, future);
  return slot->future != NULL ? slot->text : "future";
}

struct call *env_done_callback(struct env *env, const struct definition *definition) {
  for (size_t i = 0; i < env->done_callback_count; i++)
    if (env->done_callbacks[i]->definition == definition) return env->done_callbacks[i];
  struct call *call = xcalloc(1, sizeof *call);
  call->env = env;
  call->definition = definition;
  env->done_callbacks = xrealloc(env->done_callbacks, sizeof(struct call *) * (env->done_callback_count + 1));
  return env->done_callbacks[env->done_callback_count++] = call;
}
