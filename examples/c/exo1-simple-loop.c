/* gather of two tickers, which main, an ordinary function, runs to completion. */
#include <stdio.h>

#include "course.h"

struct ticker {
  const char *name;
  int ticks;
  double interval;
  int done;
};

static void tick(task_t *task, void *userdata) {
  struct ticker *self = userdata;
  char line[80];
  snprintf(line, sizeof line, "%s: tick %d of %d", self->name, ++self->done, self->ticks);
  show_timer(line);
  if (self->done < self->ticks) CHECK(task_sleep(task, self->interval, tick));
}

static void ticker_start(task_t *task, void *userdata) {
  const struct ticker *self = userdata;
  CHECK(task_sleep(task, self->interval, tick));
}

int main(void) {
  struct ticker slow = {"slow", 3, 0.100, 0};
  struct ticker fast = {"fast", 6, 0.050, 0};
  loop_t *loop;
  task_t *tasks[2];
  future_t *both;

  CHECK(loop_new(NULL, &loop));
  CHECK(loop_ensure_future(loop, ticker_start, &slow, NULL, &tasks[0]));
  CHECK(loop_ensure_future(loop, ticker_start, &fast, NULL, &tasks[1]));
  CHECK(loop_gather(loop, (future_t *[]){task_as_future(tasks[0]), task_as_future(tasks[1])}, 2, 0, &both));

  start_timer();
  CHECK(loop_run_until_complete(loop, both, NULL));
  printf("both are done\n");

  future_unref(both);
  task_unref(tasks[1]);
  task_unref(tasks[0]);
  loop_unref(loop);
  return 0;
}
