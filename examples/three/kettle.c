/* The kettle, in C: a callback that completes a future, and a task that awaits one. */
#include <stdio.h>
#include <string.h>

#include "three.h"

static void say(const char *what) {
  printf("C:    %s\n", what);
  fflush(stdout);
}

static void unref(void *future) { future_unref(future); }
static void unref_timer(void *timer) { handle_unref(timer); }

static void boiled(loop_t *loop, void *water) {
  value_t *degrees = NULL;
  (void)loop;
  say("the water boils");
  value_new_int(100, &degrees);
  future_set_result(water, degrees);
  value_unref(degrees);
}

static void refused(loop_t *loop, void *water) {
  exception_t *problem = NULL;
  (void)loop;
  say("coffee?");
  exception_new("TeapotError", "I'm a teapot", &problem);
  future_set_exception(water, problem);
  exception_unref(problem);
}

static void ended(future_t *water, void *timer) {
  if (!future_cancelled(water)) return;
  say("CancelledError: the kettle is off");
  handle_cancel(timer);
}

future_t *kettle_boil(loop_t *loop, const char *what) {
  future_t *water = NULL;
  handle_t *timer = NULL;
  loop_callback_fn then = strcmp(what, "coffee") == 0 ? refused : boiled;
  if (loop_create_future(loop, &water) != 0) return NULL;
  if (loop_call_later(loop, 0.1, then, future_ref(water), unref, &timer) != 0 ||
      future_add_done_callback(water, ended, timer, unref_timer) != 0) {
    future_unref(water);
    return NULL;
  }
  return water;
}

/* ---- a task in C that awaits a future of another language ---- */

static void heard(task_t *task, void *review) {
  exception_t *problem = NULL;
  value_t *praise = NULL;
  (void)review;
  if (task_awaited(task, &praise) == 0) {
    task_return(task, praise);
  } else if (task_awaited_exception(task, &problem) == 0) {
    say(exception_message(problem));
    task_raise(task, problem);
  }
  value_unref(praise);
  exception_unref(problem);
}

static void hear(task_t *task, void *review) { task_await_catch(task, review, heard); }

future_t *reader_start(loop_t *loop, future_t *review) {
  task_t *task = NULL;
  loop_ensure_future(loop, hear, future_ref(review), unref, &task);
  return task_as_future(task);
}
