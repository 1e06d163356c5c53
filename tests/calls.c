#include "calls.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void note(struct calls *calls, const char *text, int status) {
  if (calls->count < COUNT(calls->of)) calls->of[calls->count] = (struct call){text, status};
  calls->count++;
}

void assert_all(int expected, const struct calls *calls) {
  int wrong = 0;
  assert_true(calls->count > 0 && calls->count <= COUNT(calls->of));
  for (size_t i = 0; i < calls->count; i++) {
    if (calls->of[i].status == expected) continue;
    print_error("%s\n  is %s\n", calls->of[i].text, loop_status_name(calls->of[i].status));
    wrong++;
  }
  if (wrong) fail_msg("%d of %zu calls are not %s", wrong, calls->count, loop_status_name(expected));
}

void assert_untouched(const struct outputs *o) {
  static const struct outputs nothing;
  assert_memory_equal(&nothing, o, sizeof nothing);
}

void never_done(future_t *future, void *userdata) {
  (void)future, (void)userdata;
  fail_msg("a done-callback was called that should not be");
}

int never_work(void *userdata, value_t **ret_value) { return userdata && ret_value ? -EDOM : -ERANGE; }

int never_true(void *userdata) { return userdata == NULL; }

void make_zoo(struct zoo *zoo, loop_t *loop) {
  struct outputs *of = &zoo->of;
  memset(zoo, 0, sizeof *zoo);
  zoo->loop = loop;
  of->future = new_future(loop);
  assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, &of->handle));
  assert_ok(coroutine_sleep(loop, 0, &of->coroutine));
  assert_ok(loop_as_completed(loop, &of->future, 1, -1, &of->completion));
  assert_ok(timeout_new(loop, INFINITY, &of->timeout));
  assert_ok(task_group_new(loop, &of->group));
  assert_ok(lock_new(loop, &of->lock));
  assert_ok(event_new(loop, &of->event));
  assert_ok(condition_new(loop, of->lock, &of->condition));
  assert_ok(semaphore_new_bounded(loop, 2, &of->semaphore));
  assert_ok(barrier_new(loop, 2, &of->barrier));
  assert_ok(queue_new(loop, 0, &of->queue));
  assert_ok(context_var_new("var", NULL, &of->var));
  of->exception = new_exception("ValueError", "boom");
}

void free_zoo(struct zoo *zoo) {
  struct outputs *of = &zoo->of;
  exception_unref(of->exception);
  context_var_unref(of->var);
  queue_unref(of->queue);
  barrier_unref(of->barrier);
  semaphore_unref(of->semaphore);
  condition_unref(of->condition);
  event_unref(of->event);
  lock_unref(of->lock);
  task_group_unref(of->group);
  timeout_unref(of->timeout);
  completion_unref(of->completion);
  coroutine_unref(of->coroutine);
  task_unref(of->task);
  handle_unref(of->handle);
  future_unref(of->future);
  loop_unref(zoo->loop);
}

void assert_fresh(struct zoo *zoo) {
  struct outputs *of = &zoo->of;
  assert_false(future_done(of->future) || future_cancelled(of->future));
  assert_false(handle_cancelled(of->handle));
  assert_string_equal("created", timeout_state(of->timeout));
  assert_string_equal("", task_group_state(of->group));
  assert_false(lock_locked(of->lock) || event_is_set(of->event) || semaphore_locked(of->semaphore));
  assert_false(barrier_broken(of->barrier) || barrier_n_waiting(of->barrier));
  assert_int_equal(0, queue_size(of->queue));
  assert_false(loop_get_debug(zoo->loop));
}
