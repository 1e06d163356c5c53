/* A task that is unfinished after run_until_complete continues in a later run_forever. */
#include <stdio.h>

#include "course.h"

static void stop(future_t *future, void *userdata) {
  (void)userdata;
  CHECK(loop_stop(future_get_loop(future)));
}

int main(void) {
  loop_t *loop;
  task_t *brief, *lengthy;
  value_t *result;

  CHECK(loop_new(NULL, &loop));
  start_timer();
  lengthy = sequence(loop, "lengthy", 0.3);
  brief = sequence(loop, "brief", 0.1);

  CHECK(loop_run_until_complete(loop, task_as_future(brief), &result));
  printf("brief returned %g\n", take_double(result));
  printf("lengthy is %s\n", task_done(lengthy) ? "done" : "not done");

  CHECK(future_add_done_callback(task_as_future(lengthy), stop, NULL, NULL));
  CHECK(loop_run_forever(loop));
  CHECK(task_result(lengthy, &result));
  printf("lengthy returned %g\n", take_double(result));

  task_unref(brief);
  task_unref(lengthy);
  loop_unref(loop);
  return 0;
}
