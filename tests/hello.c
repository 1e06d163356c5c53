#include <boucle/boucle.h>
#include <stdio.h>

static void wake(task_t *task, void *name) {
  (void)task;
  printf("hello, %s\n", (const char *)name);
}

static void start(task_t *task, void *name) {
  (void)name;
  task_sleep(task, 0.1, wake);
}

int main(void) {
  int status = loop_run(NULL, start, "world", NULL, NULL, NULL);
  if (status) fprintf(stderr, "%s\n", loop_status_message(status));
  return status != 0;
}
