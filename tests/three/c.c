#include <stdlib.h>
#include <string.h>

#include "world.h"

/* ---- the journal ---- */

static char journal[1 << 16], taken[1 << 16];

void note(const char *who, const char *what) {
  size_t used = strlen(journal);
  if (used + strlen(who) + strlen(what) + 4 > sizeof journal) abort();
  strcat(strcat(strcat(journal, who), " "), what);
  strcat(journal, "\n");
}

const char *take_notes(void) {
  memcpy(taken, journal, sizeof taken);
  journal[0] = '\0';
  return taken;
}

static void note_outcome(exception_t *problem) { note("C", problem != NULL ? exception_kind(problem) : "result"); }

static void unref(void *future) { future_unref(future); }
static void unref_timer(void *timer) { handle_unref(timer); }

/* ---- what others await ---- */

struct promise {
  future_t *future;
  exception_t *exception;
  value_t *value;
};

static void promise_destroy(void *userdata) {
  struct promise *promise = userdata;
  future_unref(promise->future);
  exception_unref(promise->exception);
  value_unref(promise->value);
  free(promise);
}

static void keep(loop_t *loop, void *userdata) {
  struct promise *promise = userdata;
  (void)loop;
  if (promise->exception != NULL)
    future_set_exception(promise->future, promise->exception);
  else
    future_set_result(promise->future, promise->value);
}

static void ended(future_t *future, void *timer) {
  exception_t *problem = NULL;
  if (!future_cancelled(future)) return;
  handle_cancel(timer);
  future_cancelled_error(future, &problem);
  note_outcome(problem);
  exception_unref(problem);
}

future_t *c_later(loop_t *loop, double delay, const char *kind, value_t *value) {
  future_t *future = NULL;
  handle_t *timer = NULL;
  struct promise *promise = calloc(1, sizeof *promise);
  if (loop_create_future(loop, &future) != 0) return free(promise), NULL;
  promise->future = future_ref(future);
  promise->value = value_ref(value);
  if (kind != NULL) exception_new(kind, "made in C", &promise->exception);
  loop_call_later(loop, delay, keep, promise, promise_destroy, &timer);
  future_add_done_callback(future, ended, timer, unref_timer);
  return future;
}

/* ---- what awaits others ---- */

static void go_on(task_t *task, void *future) {
  exception_t *problem = NULL;
  value_t *value = NULL;
  (void)future;
  task_awaited_exception(task, &problem);
  note_outcome(problem);
  if (problem != NULL)
    task_raise(task, problem);
  else if (task_awaited(task, &value) == 0)
    task_return(task, value);
  exception_unref(problem);
  value_unref(value);
}

static void begin(task_t *task, void *future) { task_await_catch(task, future, go_on); }

future_t *c_await(loop_t *loop, future_t *future) {
  task_t *task = NULL;
  loop_ensure_future(loop, begin, future_ref(future), unref, &task);
  return task_as_future(task);
}

static void watched(future_t *future, void *userdata) {
  exception_t *problem = NULL;
  (void)userdata;
  if (future_cancelled(future))
    future_cancelled_error(future, &problem);
  else
    future_exception(future, &problem);
  note_outcome(problem);
  exception_unref(problem);
}

int c_watch(future_t *future) { return future_add_done_callback(future, watched, NULL, NULL); }

static void cancel(loop_t *loop, void *future) {
  (void)loop;
  future_cancel(future, "by C", NULL);
}

int c_cancel_later(loop_t *loop, double delay, future_t *future) {
  return loop_call_later(loop, delay, cancel, future_ref(future), unref, NULL);
}
