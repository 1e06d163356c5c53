/* Reading the result of a task; reading it too early; and where an exception goes: to the code that awaits the task, to the
 * code that reads it from the task, or, if there is none, to the loop's exception handler. */
#include <stdio.h>

#include "course.h"

static void print_exception(const char *before, const exception_t *exception) {
  printf("%s: %s: %s\n", before, exception_kind(exception), exception_message(exception));
}

/* boom(n) awaits boom(n - 1); boom(0) raises. The userdata of each level points to its number. */
static int levels[] = {0, 1, 2, 3, 4};

static void boom_end(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  printf("never printed: what was awaited failed, so the task did likewise\n");
}

static void boom(task_t *task, void *userdata) {
  int *level = userdata;
  printf("boom(%d)\n", *level);
  if (*level > 0) {
    task_t *deeper;
    CHECK(loop_ensure_future(loop_get_running(), boom, level - 1, NULL, &deeper));
    CHECK(task_await(task, task_as_future(deeper), boom_end));
    task_unref(deeper);
  } else {
    exception_t *exception;
    CHECK(exception_new("ValueError", "boom!", &exception));
    CHECK(task_raise(task, exception));
    exception_unref(exception);
  }
}

static void show_report(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)userdata;
  print_exception(report_message(report), report_exception(report));
}

static void result_read_too_early(loop_t *loop) {
  task_t *task = sequence(loop, "task", 0.1);
  value_t *result;
  int status = task_result(task, &result);
  printf("too early: %s\n", status == LOOP_EINVALIDSTATE ? "InvalidStateError" : loop_status_name(status));

  CHECK(loop_run_until_complete(loop, task_as_future(task), NULL));
  CHECK(task_result(task, &result));
  printf("in time: %g\n", take_double(result));
  task_unref(task);
}

static void exception_read_from_the_task(loop_t *loop) {
  task_t *task;
  exception_t *exception;
  CHECK(loop_ensure_future(loop, boom, &levels[4], NULL, &task));
  if (loop_run_until_complete(loop, task_as_future(task), NULL) == LOOP_EEXCEPTION) printf("the run failed\n");
  CHECK(task_exception(task, &exception));
  print_exception("read from the task", exception);
  exception_unref(exception);
  task_unref(task);
}

static void exception_read_by_nobody(loop_t *loop) {
  task_t *other = sequence(loop, "other", 0.1);
  CHECK(loop_set_exception_handler(loop, show_report, NULL, NULL));
  CHECK(loop_ensure_future(loop, boom, &levels[0], NULL, NULL));
  CHECK(loop_run_until_complete(loop, task_as_future(other), NULL));
  task_unref(other);
}

int main(void) {
  loop_t *loop;
  CHECK(loop_new(NULL, &loop));
  start_timer();
  result_read_too_early(loop);
  exception_read_from_the_task(loop);
  exception_read_by_nobody(loop);
  loop_unref(loop);
  return 0;
}
