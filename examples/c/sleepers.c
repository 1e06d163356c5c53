/* A million tasks that each sleep for 1 to 3 seconds on the real clock, and what a task costs in memory.
 *
 *   sleepers [HOW MANY] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "course.h"

static long count;
static long awake;

static void wake(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  if (++awake == count) CHECK(loop_stop(loop_get_running()));
}

static void fall_asleep(task_t *task, void *userdata) {
  (void)userdata;
  CHECK(task_sleep(task, 1 + 2 * (rand() / (double)RAND_MAX), wake));
}

/* Returns the number in a line of /proc/self/status, such as "VmHWM:  1234 kB". */
static long kilobytes(const char *field) {
  char line[256];
  long found = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, strlen(field)) == 0) found = strtol(line + strlen(field) + 1, NULL, 10);
  if (file) fclose(file);
  return found;
}

int main(int argc, char **argv) {
  long before;
  loop_t *loop;
  count = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
  if (count < 1) return EXIT_FAILURE;

  CHECK(loop_new(NULL, &loop));
  before = kilobytes("VmRSS");
  start_timer();
  for (long made = 1; made <= count; made++) {
    CHECK(loop_ensure_future(loop, fall_asleep, NULL, NULL, NULL));
    if (made % 1000 == 0) CHECK(loop_run_once(loop, 0)); /* a thousand at a time begin to sleep */
  }
  show_timer("all tasks are made");
  CHECK(loop_run_forever(loop));
  show_timer("all tasks are done");
  printf("%ld tasks, %.0f bytes each\n", count, (double)(kilobytes("VmHWM") - before) * 1024 / (double)count);

  loop_unref(loop);
  return 0;
}
