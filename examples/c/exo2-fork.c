/* c1 forks c2: it makes a task of it, and continues without waiting for it. The loop runs until Ctrl-C. */
#include <signal.h>
#include <stdio.h>

#include "course.h"

static void c2_end(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  show_timer("c2 ends");
}

static void c2(task_t *task, void *userdata) {
  (void)userdata;
  await_sequence(task, "c2: long", 0.3, c2_end);
}

static void c1_end(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  show_timer("c1 ends");
}

static void c1_fork(task_t *task, void *userdata) {
  (void)userdata;
  show_timer("c1 forks c2");
  CHECK(loop_ensure_future(loop_get_running(), c2, NULL, NULL, NULL));
  await_sequence(task, "c1: second", 0.1, c1_end);
}

static void c1(task_t *task, void *userdata) {
  (void)userdata;
  await_sequence(task, "c1: first", 0.1, c1_fork);
}

static void interrupted(loop_t *loop, void *userdata) {
  (void)userdata;
  CHECK(loop_stop(loop));
}

int main(void) {
  loop_t *loop;
  CHECK(loop_new(NULL, &loop));
  CHECK(loop_add_signal_handler(loop, SIGINT, interrupted, NULL, NULL));
  CHECK(loop_ensure_future(loop, c1, NULL, NULL, NULL));

  start_timer();
  CHECK(loop_run_forever(loop));
  printf("bye\n");

  loop_unref(loop);
  return 0;
}
