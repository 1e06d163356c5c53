#include <boucle/boucle.h>
#include <stdio.h>

static void wake(task_t *task, void *name) { printf("hello, %s\n", (const char *)name), (void)task; }
static void start(task_t *task, void *name) { task_sleep(task, 0.1, wake), (void)name; }

int main(void) {
  int status = loop_run(NULL, start, "world", NULL, NULL, NULL);
  if (status) fprintf(stderr, "%s\n", loop_status_message(status));
  return status != 0;
}
