#include "course.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double timer_start;

void check(int status, const char *call) {
  if (status >= 0) return;
  fprintf(stderr, "%s: %s (%s)\n", call, loop_status_message(status), loop_status_name(status));
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void start_timer(void) { timer_start = now(); }

void show_timer(const char *message) {
  printf("%.2fs %s\n", now() - timer_start, message);
  fflush(stdout);
}

struct sequence {
  const char *name;
  double delay;
};

static void show_sequence(const struct sequence *self, const char *moment) {
  char line[80];
  snprintf(line, sizeof line, "%s %s", self->name, moment);
  show_timer(line);
}

static void sequence_after(task_t *task, void *userdata) {
  const struct sequence *self = userdata;
  value_t *result;
  show_sequence(self, "after");
  CHECK(value_new_double(10 * self->delay, &result));
  CHECK(task_return(task, result));
  value_unref(result);
}

static void sequence_before(task_t *task, void *userdata) {
  const struct sequence *self = userdata;
  show_sequence(self, "before");
  CHECK(task_sleep(task, self->delay, sequence_after));
}

task_t *sequence(loop_t *loop, const char *name, double delay) {
  struct sequence *self = malloc(sizeof *self);
  task_t *task;
  if (!self) abort();
  *self = (struct sequence){name, delay};
  CHECK(loop_ensure_future(loop, sequence_before, self, free, &task));
  return task;
}

void await_sequence(task_t *task, const char *name, double delay, task_step_fn next) {
  task_t *awaited = sequence(loop_get_running(), name, delay);
  CHECK(task_await(task, task_as_future(awaited), next));
  task_unref(awaited);
}

double take_double(value_t *value) {
  double number;
  CHECK(value_get_double(value, &number));
  value_unref(value);
  return number;
}
