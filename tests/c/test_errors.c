/* The errors that the headers promise, function by function: NULL, a closed loop, the wrong thread. Each call fails
 * alike, runs its destroy once, writes no output, and changes nothing. The errors of a subject's own are in its suite;
 * those of loop_create_task and await_... in test_coroutine.c. */
#include "support.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* ---- a table of calls ---- */

struct call {
  const char *text;
  int status;
};
struct calls {
  size_t count;
  struct call of[160];
};

/* Asserts nothing: the calls may be made in another thread. */
static void note(struct calls *calls, const char *text, int status) {
  if (calls->count < COUNT(calls->of)) calls->of[calls->count] = (struct call){text, status};
  calls->count++;
}
#define NOTE(call) note(calls, #call, call)

static void assert_all(int expected, const struct calls *calls) {
  int wrong = 0;
  assert_true(calls->count > 0 && calls->count <= COUNT(calls->of));
  for (size_t i = 0; i < calls->count; i++) {
    if (calls->of[i].status == expected) continue;
    print_error("%s\n  is %s\n", calls->of[i].text, loop_status_name(calls->of[i].status));
    wrong++;
  }
  if (wrong) fail_msg("%d of %zu calls are not %s", wrong, calls->count, loop_status_name(expected));
}

/* What failing calls must leave as it is: all zero. */
struct outputs {
  loop_t *loop;
  loop_options_t *options;
  handle_t *handle;
  future_t *future;
  task_t *task;
  coroutine_t *coroutine;
  value_t *value;
  exception_t *exception;
  completion_t *completion;
  timeout_t *timeout;
  task_group_t *group;
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *queue;
  context_t *context;
  context_var_t *var;
  concurrent_t *concurrent;
  void *userdata;
  size_t size;
  int number;
  unsigned count;
};

static void assert_untouched(const struct outputs *o) {
  static const struct outputs nothing;
  assert_memory_equal(&nothing, o, sizeof nothing);
}

static void never_done(future_t *future, void *userdata) {
  (void)future, (void)userdata;
  fail_msg("a done-callback was called that should not be");
}

static int never_work(void *userdata, value_t **ret_value) { return userdata && ret_value ? -EDOM : -ERANGE; }

static int never_true(void *userdata) { return userdata == NULL; }

/* ---- one object of each kind ---- */

struct zoo {
  loop_t *loop;
  struct outputs of;
};

static void make_zoo(struct zoo *zoo, loop_t *loop) {
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

static void free_zoo(struct zoo *zoo) {
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

/* Nothing has happened to any of them. */
static void assert_fresh(struct zoo *zoo) {
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

/* ---- everything that schedules, or makes what can be waited for ---- */

static void note_scheduling(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  NOTE(loop_call_soon(loop, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_call_later(loop, 1, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_call_at(loop, 1, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_add_reader(loop, 0, never_call, destroyed, count_destroy));
  NOTE(loop_add_writer(loop, 1, never_call, destroyed, count_destroy));
  NOTE(loop_add_signal_handler(loop, SIGUSR1, never_call, destroyed, count_destroy));
  NOTE(loop_ensure_future(loop, never_step, destroyed, count_destroy, &o->task));
  NOTE(task_group_ensure_future(of->group, never_step, destroyed, count_destroy, &o->task));
  NOTE(condition_wait_for(of->condition, never_true, destroyed, count_destroy, &o->coroutine));
  NOTE(queue_new_priority(loop, 0, NULL, destroyed, count_destroy, &o->queue));
  NOTE(loop_run_in_executor(loop, never_work, destroyed, count_destroy, &o->future));
  NOTE(loop_remove_reader(loop, 0, &o->number));
  NOTE(loop_remove_writer(loop, 1, &o->number));
  NOTE(loop_remove_signal_handler(loop, SIGUSR1, &o->number));
  NOTE(loop_ensure_coroutine(loop, of->coroutine, &o->task));
  NOTE(coroutine_sleep(loop, 1, &o->coroutine));
  NOTE(coroutine_await(loop, of->future, &o->coroutine));
  NOTE(loop_gather(loop, &of->future, 1, 0, &o->future));
  NOTE(loop_shield(loop, of->future, &o->future));
  NOTE(loop_wait(loop, &of->future, 1, WAIT_ALL_COMPLETED, -1, &o->coroutine));
  NOTE(loop_wait_for(loop, of->future, 1, &o->coroutine));
  NOTE(loop_wait_for_coroutine(loop, of->coroutine, 1, &o->coroutine));
  NOTE(loop_as_completed(loop, &of->future, 1, -1, &o->completion));
  NOTE(completion_next(of->completion, &o->coroutine));
  NOTE(timeout_new(loop, 1, &o->timeout));
  NOTE(timeout_enter(of->timeout));
  NOTE(timeout_reschedule(of->timeout, 1));
  NOTE(task_group_new(loop, &o->group));
  NOTE(task_group_enter(of->group));
  NOTE(task_group_check(of->group));
  NOTE(task_group_exit(of->group, NULL, &o->coroutine));
  NOTE(lock_new(loop, &o->lock));
  NOTE(lock_acquire(of->lock, &o->coroutine));
  NOTE(event_new(loop, &o->event));
  NOTE(event_wait(of->event, &o->coroutine));
  NOTE(condition_new(loop, of->lock, &o->condition));
  NOTE(condition_wait(of->condition, &o->coroutine));
  NOTE(semaphore_new(loop, 1, &o->semaphore));
  NOTE(semaphore_new_bounded(loop, 1, &o->semaphore));
  NOTE(semaphore_acquire(of->semaphore, &o->coroutine));
  NOTE(barrier_new(loop, 1, &o->barrier));
  NOTE(barrier_wait(of->barrier, &o->coroutine));
  NOTE(barrier_reset(of->barrier, &o->coroutine));
  NOTE(barrier_abort(of->barrier, &o->coroutine));
  NOTE(queue_new(loop, 0, &o->queue));
  NOTE(queue_new_lifo(loop, 0, &o->queue));
  NOTE(queue_put(of->queue, NULL, &o->coroutine));
  NOTE(queue_get(of->queue, &o->coroutine));
  NOTE(queue_join(of->queue, &o->coroutine));
}
enum { SCHEDULING_TRIPLES = 11 };

static void closed_loop_refuses_all_that_schedules(void **state) {
  struct calls calls = {0};
  struct outputs o = {0};
  struct zoo zoo;
  int destroyed = 0;
  (void)state;
  make_zoo(&zoo, new_virtual_loop());
  assert_ok(loop_close(zoo.loop));
  note_scheduling(&calls, &zoo, &o, &destroyed);
  note(&calls, "call_soon_threadsafe",
       loop_call_soon_threadsafe(zoo.loop, never_call, &destroyed, count_destroy, &o.handle));
  note(&calls, "ensure_future_threadsafe",
       loop_ensure_future_threadsafe(zoo.loop, never_step, &destroyed, count_destroy, &o.concurrent));
  note(&calls, "run_until_complete", loop_run_until_complete(zoo.loop, zoo.of.future, &o.value));
  note(&calls, "run_forever", loop_run_forever(zoo.loop));
  note(&calls, "run_once", loop_run_once(zoo.loop, 0));
  note(&calls, "shutdown", loop_shutdown(zoo.loop));
  assert_all(LOOP_ECLOSED, &calls);
  assert_int_equal(SCHEDULING_TRIPLES + 2, destroyed);
  assert_untouched(&o);
  assert_fresh(&zoo);
  free_zoo(&zoo);
}

static void closed_loop_refuses_to_end_what_is_waited_for(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  exception_t *exception = new_exception("ValueError", "boom");
  int destroyed = 0, cancelled = 7;
  (void)state;
  assert_ok(future_add_done_callback(future, never_done, &destroyed, count_destroy));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, future_set_result(future, NULL));
  assert_status(LOOP_ECLOSED, future_set_exception(future, exception));
  assert_status(LOOP_ECLOSED, future_cancel(future, NULL, &cancelled));
  assert_int_equal(7, cancelled);
  assert_int_equal(0, destroyed);
  assert_false(future_done(future));
  exception_unref(exception);
  future_unref(future);
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

/* ---- another thread runs the loop ---- */

struct intruder {
  struct zoo zoo;
  struct calls refused, running;
  struct outputs o;
  int destroyed;
};

static void note_futures_and_tasks(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  struct outputs *of = &zoo->of;
  NOTE(loop_create_future(zoo->loop, &o->future));
  NOTE(future_set_result(of->future, NULL));
  NOTE(future_set_exception(of->future, of->exception));
  NOTE(future_result(of->future, &o->value));
  NOTE(future_exception(of->future, &o->exception));
  NOTE(future_cancelled_error(of->future, &o->exception));
  NOTE(future_cancel(of->future, NULL, &o->number));
  NOTE(future_add_done_callback(of->future, never_done, destroyed, count_destroy));
  NOTE(future_remove_done_callback(of->future, never_done, NULL, &o->size));
  NOTE(task_await(of->task, of->future, never_step));
  NOTE(task_await_coroutine(of->task, of->coroutine, never_step));
  NOTE(task_sleep(of->task, 1, never_step));
  NOTE(task_return(of->task, NULL));
  NOTE(task_raise(of->task, of->exception));
  NOTE(task_awaited(of->task, &o->value));
  NOTE(task_awaited_exception(of->task, &o->exception));
  NOTE(task_result(of->task, &o->value));
  NOTE(task_exception(of->task, &o->exception));
  NOTE(task_cancel(of->task, NULL, &o->number));
  NOTE(task_uncancel(of->task, &o->count));
  NOTE(task_set_log_destroy_pending(of->task, 0));
  NOTE(task_set_name(of->task, "intruder"));
  NOTE(task_group_add(of->group, of->task));
}

static void note_others(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  NOTE(loop_close(loop));
  NOTE(loop_stop(loop));
  NOTE(loop_take_exit(loop, &o->exception));
  NOTE(loop_raise(loop, of->exception));
  NOTE(handle_cancel(of->handle));
  NOTE(loop_set_exception_handler(loop, NULL, destroyed, count_destroy));
  NOTE(loop_call_exception_handler(loop, "intruder", NULL, NULL));
  NOTE(loop_set_debug(loop, 1));
  NOTE(loop_set_slow_callback_duration(loop, 0));
  NOTE(loop_all_tasks(loop, NULL, 0, &o->size));
  NOTE(timeout_exit(of->timeout, NULL, &o->exception));
  NOTE(lock_release(of->lock));
  NOTE(event_set(of->event));
  NOTE(event_clear(of->event));
  NOTE(condition_notify(of->condition, 1));
  NOTE(condition_notify_all(of->condition));
  NOTE(semaphore_release(of->semaphore));
  NOTE(queue_put_nowait(of->queue, NULL));
  NOTE(queue_get_nowait(of->queue, &o->value));
  NOTE(queue_task_done(of->queue));
  NOTE(queue_shutdown(of->queue, 1));
  NOTE(context_var_get(of->var, loop, &o->value));
  NOTE(context_var_set(of->var, loop, NULL));
  NOTE(context_copy(loop, &o->context));
  NOTE(context_switch(loop, NULL, &o->context));
}

static void *intrude(void *userdata) {
  struct intruder *intruder = userdata;
  struct calls *calls = &intruder->running;
  loop_t *loop = intruder->zoo.loop;
  note_scheduling(&intruder->refused, &intruder->zoo, &intruder->o, &intruder->destroyed);
  note_futures_and_tasks(&intruder->refused, &intruder->zoo, &intruder->o, &intruder->destroyed);
  note_others(&intruder->refused, &intruder->zoo, &intruder->o, &intruder->destroyed);
  NOTE(loop_run_until_complete(loop, intruder->zoo.of.future, &intruder->o.value));
  NOTE(loop_run_forever(loop));
  NOTE(loop_run_once(loop, 0));
  NOTE(loop_shutdown(loop));
  return NULL;
}

/* A step, so that the task which is asked is being stepped. */
static void let_intrude(task_t *task, void *userdata) {
  struct intruder *intruder = userdata;
  pthread_t thread;
  intruder->zoo.of.task = task_ref(task);
  assert_int_equal(0, pthread_create(&thread, NULL, intrude, intruder));
  pthread_join(thread, NULL);
}

static void wrong_thread_is_refused_in_every_family(void **state) {
  struct intruder intruder;
  task_t *task;
  (void)state;
  memset(&intruder, 0, sizeof intruder);
  make_zoo(&intruder.zoo, new_loop());
  task = new_task(intruder.zoo.loop, let_intrude, &intruder);
  assert_ok(loop_run_until_complete(intruder.zoo.loop, task_as_future(task), NULL));
  assert_all(LOOP_EWRONGTHREAD, &intruder.refused);
  assert_all(LOOP_ERUNNING, &intruder.running);
  assert_int_equal(SCHEDULING_TRIPLES + 2, intruder.destroyed);
  assert_untouched(&intruder.o);
  assert_fresh(&intruder.zoo);
  assert_string_equal("", task_get_name(task));
  assert_int_equal(0, task_cancelling(task));
  assert_false(loop_is_closed(intruder.zoo.loop));
  task_unref(task);
  free_zoo(&intruder.zoo);
}

/* ---- NULL: of a kind that nothing is missing but the handle ---- */

static void note_null_of_loop(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  struct outputs *of = &zoo->of;
  NOTE(loop_options_set_clock(NULL, LOOP_CLOCK_VIRTUAL));
  NOTE(loop_options_set_poller(NULL, LOOP_POLLER_AUTO));
  NOTE(loop_options_set_debug(NULL, 1));
  NOTE(loop_options_set_stack_size(NULL, 65536));
  NOTE(loop_options_set_spin(NULL, 0));
  NOTE(loop_close(NULL));
  NOTE(loop_run_until_complete(NULL, of->future, &o->value));
  NOTE(loop_run_until_complete(zoo->loop, NULL, &o->value));
  NOTE(loop_run_forever(NULL));
  NOTE(loop_stop(NULL));
  NOTE(loop_stop_threadsafe(NULL));
  NOTE(loop_shutdown(NULL));
  NOTE(loop_run_once(NULL, 0));
  NOTE(loop_run_once(zoo->loop, NAN));
  NOTE(loop_take_exit(NULL, &o->exception));
  NOTE(loop_call_soon(NULL, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_call_soon_threadsafe(NULL, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_call_later(NULL, 1, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_call_at(NULL, 1, never_call, destroyed, count_destroy, &o->handle));
  NOTE(loop_add_reader(NULL, 0, never_call, destroyed, count_destroy));
  NOTE(loop_add_writer(NULL, 0, never_call, destroyed, count_destroy));
  NOTE(loop_add_signal_handler(NULL, SIGUSR1, never_call, destroyed, count_destroy));
  NOTE(loop_set_exception_handler(NULL, NULL, destroyed, count_destroy));
  NOTE(loop_raise(NULL, of->exception));
  NOTE(loop_raise(zoo->loop, NULL));
  NOTE(handle_cancel(NULL));
  NOTE(loop_remove_reader(NULL, 0, &o->number));
  NOTE(loop_remove_writer(NULL, 0, &o->number));
  NOTE(loop_remove_signal_handler(NULL, SIGUSR1, &o->number));
  NOTE(loop_call_exception_handler(NULL, "message", NULL, NULL));
  NOTE(loop_call_exception_handler(zoo->loop, NULL, NULL, NULL));
  NOTE(loop_set_debug(NULL, 1));
  NOTE(loop_set_slow_callback_duration(NULL, 1));
  NOTE(loop_all_tasks(NULL, NULL, 0, &o->size));
  NOTE(context_var_get(NULL, zoo->loop, &o->value));
  NOTE(context_var_get(of->var, NULL, &o->value));
  NOTE(context_var_set(NULL, zoo->loop, NULL));
  NOTE(context_var_set(of->var, NULL, NULL));
  NOTE(context_copy(NULL, &o->context));
  NOTE(context_switch(NULL, NULL, &o->context));
}
enum { NULL_LOOP_TRIPLES = 8 };

static void note_null_of_tasks(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  NOTE(loop_ensure_future(NULL, never_step, destroyed, count_destroy, &o->task));
  NOTE(future_add_done_callback(NULL, never_done, destroyed, count_destroy));
  NOTE(loop_ensure_future_threadsafe(NULL, never_step, destroyed, count_destroy, &o->concurrent));
  NOTE(loop_ensure_future_threadsafe(loop, NULL, destroyed, count_destroy, &o->concurrent));
  NOTE(loop_run_in_executor(NULL, never_work, destroyed, count_destroy, &o->future));
  NOTE(loop_run_in_executor(loop, NULL, destroyed, count_destroy, &o->future));
  NOTE(loop_options_set_executor_threads(NULL, 1));
  NOTE(concurrent_result(NULL, 0, &o->value));
  NOTE(concurrent_exception(NULL, 0, &o->exception));
  NOTE(concurrent_cancel(NULL, &o->number));
  NOTE(loop_create_future(NULL, &o->future));
  NOTE(future_set_result(NULL, NULL));
  NOTE(future_set_exception(NULL, of->exception));
  NOTE(future_result(NULL, &o->value));
  NOTE(future_exception(NULL, &o->exception));
  NOTE(future_cancelled_error(NULL, &o->exception));
  NOTE(future_cancel(NULL, NULL, &o->number));
  NOTE(future_remove_done_callback(NULL, never_done, NULL, &o->size));
  NOTE(future_remove_done_callback(of->future, NULL, NULL, &o->size));
  NOTE(loop_ensure_coroutine(NULL, of->coroutine, &o->task));
  NOTE(loop_ensure_coroutine(loop, NULL, &o->task));
  NOTE(task_await(NULL, of->future, never_step));
  NOTE(task_await_catch(NULL, of->future, never_step));
  NOTE(task_await_coroutine(NULL, of->coroutine, never_step));
  NOTE(task_await_coroutine_catch(NULL, of->coroutine, never_step));
  NOTE(task_sleep(NULL, 1, never_step));
  NOTE(task_sleep_catch(NULL, 1, never_step));
  NOTE(task_return(NULL, NULL));
  NOTE(task_raise(NULL, of->exception));
  NOTE(task_awaited(NULL, &o->value));
  NOTE(task_awaited_exception(NULL, &o->exception));
  NOTE(task_result(NULL, &o->value));
  NOTE(task_exception(NULL, &o->exception));
  NOTE(task_cancel(NULL, NULL, &o->number));
  NOTE(task_uncancel(NULL, &o->count));
  NOTE(task_set_log_destroy_pending(NULL, 0));
  NOTE(task_set_name(NULL, "name"));
  NOTE(coroutine_sleep(NULL, 1, &o->coroutine));
  NOTE(coroutine_sleep(loop, NAN, &o->coroutine));
  NOTE(coroutine_await(NULL, of->future, &o->coroutine));
  NOTE(coroutine_await(loop, NULL, &o->coroutine));
}
enum { NULL_TASK_TRIPLES = 6 };

static void note_null_of_combinators(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  NOTE(task_group_ensure_future(NULL, never_step, destroyed, count_destroy, &o->task));
  NOTE(task_group_ensure_future(of->group, NULL, destroyed, count_destroy, &o->task));
  NOTE(loop_gather(NULL, &of->future, 1, 0, &o->future));
  NOTE(loop_gather(loop, &o->future, 1, 0, &o->future));
  NOTE(loop_shield(NULL, of->future, &o->future));
  NOTE(loop_shield(loop, NULL, &o->future));
  NOTE(loop_wait(NULL, &of->future, 1, WAIT_ALL_COMPLETED, -1, &o->coroutine));
  NOTE(loop_wait(loop, &o->future, 1, WAIT_ALL_COMPLETED, -1, &o->coroutine));
  NOTE(loop_wait(loop, NULL, 0, WAIT_ALL_COMPLETED, -1, &o->coroutine));
  NOTE(loop_wait(loop, &of->future, 1, (wait_mode_t)-1, -1, &o->coroutine));
  NOTE(loop_wait(loop, &of->future, 1, (wait_mode_t)(WAIT_ALL_COMPLETED + 1), -1, &o->coroutine));
  NOTE(loop_wait(loop, &of->future, 1, (wait_mode_t)3, -1, &o->coroutine));
  NOTE(loop_wait(loop, &of->future, 1, WAIT_ALL_COMPLETED, NAN, &o->coroutine));
  NOTE(loop_wait_for(NULL, of->future, 1, &o->coroutine));
  NOTE(loop_wait_for(loop, NULL, 1, &o->coroutine));
  NOTE(loop_wait_for(loop, of->future, NAN, &o->coroutine));
  NOTE(loop_wait_for_coroutine(NULL, of->coroutine, 1, &o->coroutine));
  NOTE(loop_wait_for_coroutine(loop, NULL, 1, &o->coroutine));
  NOTE(loop_as_completed(NULL, &of->future, 1, -1, &o->completion));
  NOTE(loop_as_completed(loop, &o->future, 1, -1, &o->completion));
  NOTE(loop_as_completed(loop, &of->future, 1, NAN, &o->completion));
  NOTE(completion_next(NULL, &o->coroutine));
  NOTE(timeout_new(NULL, 1, &o->timeout));
  NOTE(timeout_new(loop, NAN, &o->timeout));
  NOTE(timeout_enter(NULL));
  NOTE(timeout_exit(NULL, NULL, &o->exception));
  NOTE(timeout_reschedule(NULL, 1));
  NOTE(timeout_reschedule(of->timeout, NAN));
  NOTE(task_group_new(NULL, &o->group));
  NOTE(task_group_enter(NULL));
  NOTE(task_group_add(NULL, o->task));
  NOTE(task_group_add(of->group, NULL));
  NOTE(task_group_check(NULL));
  NOTE(task_group_exit(NULL, NULL, &o->coroutine));
}
enum { NULL_COMBINATOR_TRIPLES = 2 };

static void note_null_of_sync(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  NOTE(condition_wait_for(NULL, never_true, destroyed, count_destroy, &o->coroutine));
  NOTE(condition_wait_for(of->condition, NULL, destroyed, count_destroy, &o->coroutine));
  NOTE(queue_new_priority(NULL, 0, NULL, destroyed, count_destroy, &o->queue));
  NOTE(lock_new(NULL, &o->lock));
  NOTE(lock_acquire(NULL, &o->coroutine));
  NOTE(lock_release(NULL));
  NOTE(event_new(NULL, &o->event));
  NOTE(event_set(NULL));
  NOTE(event_clear(NULL));
  NOTE(event_wait(NULL, &o->coroutine));
  NOTE(condition_new(NULL, of->lock, &o->condition));
  NOTE(condition_wait(NULL, &o->coroutine));
  NOTE(condition_notify(NULL, 1));
  NOTE(condition_notify_all(NULL));
  NOTE(semaphore_new(NULL, 1, &o->semaphore));
  NOTE(semaphore_new(loop, -1, &o->semaphore));
  NOTE(semaphore_new_bounded(NULL, 1, &o->semaphore));
  NOTE(semaphore_new_bounded(loop, -1, &o->semaphore));
  NOTE(semaphore_acquire(NULL, &o->coroutine));
  NOTE(semaphore_release(NULL));
  NOTE(barrier_new(NULL, 1, &o->barrier));
  NOTE(barrier_new(loop, 0, &o->barrier));
  NOTE(barrier_wait(NULL, &o->coroutine));
  NOTE(barrier_reset(NULL, &o->coroutine));
  NOTE(barrier_abort(NULL, &o->coroutine));
  NOTE(queue_new(NULL, 0, &o->queue));
  NOTE(queue_new_lifo(NULL, 0, &o->queue));
  NOTE(queue_put(NULL, NULL, &o->coroutine));
  NOTE(queue_put_nowait(NULL, NULL));
  NOTE(queue_get(NULL, &o->coroutine));
  NOTE(queue_get_nowait(NULL, &o->value));
  NOTE(queue_task_done(NULL));
  NOTE(queue_join(NULL, &o->coroutine));
  NOTE(queue_shutdown(NULL, 0));
}
enum { NULL_SYNC_TRIPLES = 3 };

static void note_null_of_data(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  static const char tag;
  struct outputs *of = &zoo->of;
  NOTE(exception_new_foreign(NULL, NULL, &tag, destroyed, count_destroy, &o->exception));
  NOTE(exception_new_foreign("ValueError", NULL, NULL, destroyed, count_destroy, &o->exception));
  NOTE(value_new_foreign(NULL, destroyed, count_destroy, &o->value));
  NOTE(exception_new(NULL, "message", &o->exception));
  NOTE(exception_new_from_status(0, &o->exception));
  NOTE(exception_new_group(NULL, NULL, 1, &o->exception));
  NOTE(exception_new_group(NULL, &of->exception, 0, &o->exception));
  NOTE(exception_new_group(NULL, &o->exception, 1, &o->exception));
  NOTE(exception_new_with_cause(NULL, of->exception, &o->exception));
  NOTE(exception_new_with_note(NULL, "note", &o->exception));
  NOTE(exception_new_with_note(of->exception, NULL, &o->exception));
  NOTE(exception_get_foreign(NULL, &tag, &o->userdata));
  NOTE(exception_get_foreign(of->exception, &tag, NULL));
  NOTE(value_new_text(NULL, &o->value));
  NOTE(value_new_text_sized(NULL, 1, &o->value));
  NOTE(value_new_bytes(NULL, 1, &o->value));
  NOTE(value_new_list(NULL, 1, &o->value));
  NOTE(value_new_exception(NULL, &o->value));
  NOTE(context_var_new(NULL, NULL, &o->var));
}
enum { NULL_DATA_TRIPLES = 3 };

static void note_null_outputs(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed) {
  loop_t *loop = zoo->loop;
  struct outputs *of = &zoo->of;
  (void)o;
  NOTE(queue_new_priority(loop, 0, NULL, destroyed, count_destroy, NULL));
  NOTE(condition_wait_for(of->condition, never_true, destroyed, count_destroy, NULL));
  NOTE(loop_options_new(NULL));
  NOTE(loop_new(NULL, NULL));
  NOTE(loop_take_exit(loop, NULL));
  NOTE(loop_all_tasks(loop, NULL, 0, NULL));
  NOTE(loop_all_tasks(loop, NULL, 1, &of->size));
  NOTE(loop_create_future(loop, NULL));
  NOTE(future_exception(of->future, NULL));
  NOTE(future_cancelled_error(of->future, NULL));
  NOTE(coroutine_sleep(loop, 1, NULL));
  NOTE(coroutine_await(loop, of->future, NULL));
  NOTE(loop_shield(loop, of->future, NULL));
  NOTE(loop_wait(loop, &of->future, 1, WAIT_ALL_COMPLETED, -1, NULL));
  NOTE(loop_wait_for(loop, of->future, 1, NULL));
  NOTE(loop_wait_for_coroutine(loop, of->coroutine, 1, NULL));
  NOTE(loop_as_completed(loop, &of->future, 1, -1, NULL));
  NOTE(completion_next(of->completion, NULL));
  NOTE(timeout_new(loop, 1, NULL));
  NOTE(timeout_exit(of->timeout, NULL, NULL));
  NOTE(task_group_new(loop, NULL));
  NOTE(task_group_exit(of->group, NULL, NULL));
  NOTE(lock_new(loop, NULL));
  NOTE(lock_acquire(of->lock, NULL));
  NOTE(event_new(loop, NULL));
  NOTE(event_wait(of->event, NULL));
  NOTE(condition_new(loop, NULL, NULL));
  NOTE(condition_wait(of->condition, NULL));
  NOTE(semaphore_new(loop, 1, NULL));
  NOTE(semaphore_new_bounded(loop, 1, NULL));
  NOTE(semaphore_acquire(of->semaphore, NULL));
  NOTE(barrier_new(loop, 1, NULL));
  NOTE(barrier_wait(of->barrier, NULL));
  NOTE(barrier_reset(of->barrier, NULL));
  NOTE(barrier_abort(of->barrier, NULL));
  NOTE(queue_new(loop, 0, NULL));
  NOTE(queue_new_lifo(loop, 0, NULL));
  NOTE(queue_put(of->queue, NULL, NULL));
  NOTE(queue_get(of->queue, NULL));
  NOTE(queue_get_nowait(of->queue, NULL));
  NOTE(queue_join(of->queue, NULL));
  NOTE(context_var_new("var", NULL, NULL));
  NOTE(context_var_get(of->var, loop, NULL));
  NOTE(context_copy(loop, NULL));
  NOTE(exception_new("ValueError", NULL, NULL));
  NOTE(exception_new_from_status(LOOP_ECLOSED, NULL));
  NOTE(exception_new_group(NULL, &of->exception, 1, NULL));
  NOTE(exception_new_with_cause(of->exception, NULL, NULL));
  NOTE(exception_new_with_note(of->exception, "note", NULL));
}
enum { NULL_OUTPUT_TRIPLES = 2 };

typedef void note_fn(struct calls *calls, struct zoo *zoo, struct outputs *o, int *destroyed);

static void check_einval(note_fn *note_all, int triples) {
  struct calls calls = {0};
  struct outputs o = {0};
  struct zoo zoo;
  int destroyed = 0;
  make_zoo(&zoo, new_virtual_loop());
  note_all(&calls, &zoo, &o, &destroyed);
  assert_all(-EINVAL, &calls);
  assert_int_equal(triples, destroyed);
  assert_untouched(&o);
  assert_fresh(&zoo);
  free_zoo(&zoo);
}

static void null_loop_or_handle_is_einval(void **state) {
  (void)state;
  check_einval(note_null_of_loop, NULL_LOOP_TRIPLES);
}
static void null_future_task_or_coroutine_is_einval(void **state) {
  (void)state;
  check_einval(note_null_of_tasks, NULL_TASK_TRIPLES);
}
static void null_future_among_several_timeout_or_group_is_einval(void **state) {
  (void)state;
  check_einval(note_null_of_combinators, NULL_COMBINATOR_TRIPLES);
}
static void null_lock_to_queue_is_einval(void **state) {
  (void)state;
  check_einval(note_null_of_sync, NULL_SYNC_TRIPLES);
}
static void null_text_tag_or_exception_is_einval(void **state) {
  (void)state;
  check_einval(note_null_of_data, NULL_DATA_TRIPLES);
}
static void null_output_is_einval(void **state) {
  (void)state;
  check_einval(note_null_outputs, NULL_OUTPUT_TRIPLES);
}

static void null_has_no_references(void **state) {
  (void)state;
#define PAIR(noun) (assert_null(noun##_ref(NULL)), noun##_unref(NULL))
  PAIR(loop), PAIR(loop_options), PAIR(handle), PAIR(future), PAIR(task), PAIR(coroutine), PAIR(value), PAIR(exception);
  PAIR(completion), PAIR(timeout), PAIR(task_group), PAIR(lock), PAIR(event), PAIR(condition), PAIR(semaphore);
  PAIR(barrier), PAIR(queue), PAIR(context), PAIR(context_var), PAIR(concurrent);
#undef PAIR
}

static void null_getters_of_numbers_say_what_their_comments_say(void **state) {
  (void)state;
  assert_int_equal(0, loop_is_closed(NULL) | loop_is_running(NULL) | loop_get_debug(NULL));
  assert_true(loop_time(NULL) == 0 && loop_fd(NULL) == -1 && loop_timeout(NULL) < 0);
  assert_true(handle_cancelled(NULL) == 0 && handle_when(NULL) == 0);
  assert_int_equal(0, future_done(NULL) | future_cancelled(NULL) | task_done(NULL) | task_cancelled(NULL));
  assert_int_equal(0, concurrent_done(NULL));
  assert_int_equal(0, task_cancelling(NULL));
  assert_true(isinf(timeout_when(NULL)) && timeout_expired(NULL) == 0);
  assert_int_equal(0, lock_locked(NULL) | event_is_set(NULL) | semaphore_locked(NULL) | barrier_broken(NULL));
  assert_int_equal(0, barrier_parties(NULL) + barrier_n_waiting(NULL));
  assert_int_equal(0, queue_maxsize(NULL) + queue_size(NULL));
  assert_true(queue_empty(NULL) == 1 && queue_full(NULL) == 0);
  assert_int_equal(0, exception_status(NULL) | exception_matches(NULL, "Exception"));
  assert_int_equal(0, exception_member_count(NULL) + exception_note_count(NULL));
  assert_true(value_kind(NULL) == VALUE_NIL && value_equal(NULL, NULL) == 1);
}

static void null_getters_of_pointers_say_what_their_comments_say(void **state) {
  (void)state;
  assert_null(future_get_loop(NULL));
  assert_null(future_as_task(NULL));
  assert_null(task_as_future(NULL));
  assert_null(task_get_userdata(NULL));
  assert_null(task_get_current(NULL));
  assert_null(loop_get_running());
  assert_null(condition_lock(NULL));
  assert_null(context_var_name(NULL));
  assert_true(!exception_kind(NULL) && !exception_message(NULL) && !exception_cause(NULL));
  assert_true(!exception_member(NULL, 0) && !exception_note(NULL, 0));
  assert_true(!report_message(NULL) && !report_exception(NULL) && !report_future(NULL));
  assert_true(!report_task(NULL) && !report_userdata(NULL));
  assert_string_equal("", task_get_name(NULL));
  assert_string_equal("", timeout_state(NULL));
  assert_string_equal("", task_group_state(NULL));
  loop_default_exception_handler(NULL, NULL);
}

/* ---- errors with which a call changes nothing ---- */

static void objects_of_two_loops_are_ewrongloop(void **state) {
  struct calls table = {0}, *calls = &table;
  struct outputs o = {0};
  struct zoo zoo;
  loop_t *other = new_virtual_loop();
  (void)state;
  make_zoo(&zoo, new_virtual_loop());
  NOTE(coroutine_await(other, zoo.of.future, &o.coroutine));
  NOTE(loop_ensure_coroutine(other, zoo.of.coroutine, &o.task));
  NOTE(loop_shield(other, zoo.of.future, &o.future));
  NOTE(loop_wait(other, &zoo.of.future, 1, WAIT_ALL_COMPLETED, -1, &o.coroutine));
  NOTE(loop_wait_for(other, zoo.of.future, 1, &o.coroutine));
  NOTE(loop_wait_for_coroutine(other, zoo.of.coroutine, 1, &o.coroutine));
  NOTE(loop_as_completed(other, &zoo.of.future, 1, -1, &o.completion));
  NOTE(condition_new(other, zoo.of.lock, &o.condition));
  assert_all(LOOP_EWRONGLOOP, calls);
  assert_untouched(&o);
  assert_fresh(&zoo);
  free_zoo(&zoo);
  loop_unref(other);
}

static void blocks_outside_of_tasks_are_enotask_or_not_entered(void **state) {
  struct outputs o = {0};
  struct zoo zoo;
  (void)state;
  make_zoo(&zoo, new_virtual_loop());
  assert_status(LOOP_ENOTASK, timeout_enter(zoo.of.timeout));
  assert_status(LOOP_EEXPIRED, timeout_exit(zoo.of.timeout, NULL, &o.exception));
  assert_status(LOOP_EEXPIRED, timeout_reschedule(zoo.of.timeout, 1));
  assert_status(LOOP_ENOTASK, task_group_enter(zoo.of.group));
  assert_status(LOOP_EINVALIDSTATE, task_group_check(zoo.of.group));
  assert_status(LOOP_EINVALIDSTATE, task_group_exit(zoo.of.group, NULL, &o.coroutine));
  assert_status(LOOP_EINVALIDSTATE, loop_raise(zoo.loop, zoo.of.exception));
  assert_status(LOOP_EINVALIDSTATE, loop_take_exit(zoo.loop, &o.exception));
  assert_untouched(&o);
  assert_fresh(&zoo);
  free_zoo(&zoo);
}

static void primitives_refuse_what_was_not_taken(void **state) {
  struct outputs o = {0};
  struct zoo zoo;
  (void)state;
  make_zoo(&zoo, new_virtual_loop());
  assert_status(LOOP_ENOTLOCKED, lock_release(zoo.of.lock));
  assert_status(LOOP_ENOTLOCKED, condition_notify(zoo.of.condition, 1));
  assert_status(LOOP_ENOTLOCKED, condition_notify_all(zoo.of.condition));
  assert_status(LOOP_EOVERRELEASED, semaphore_release(zoo.of.semaphore));
  assert_status(LOOP_EOVERRELEASED, queue_task_done(zoo.of.queue));
  assert_status(LOOP_EQUEUEEMPTY, queue_get_nowait(zoo.of.queue, &o.value));
  coroutine_unref(zoo.of.coroutine);
  assert_ok(completion_next(zoo.of.completion, &zoo.of.coroutine));
  assert_status(LOOP_EINVALIDSTATE, completion_next(zoo.of.completion, &o.coroutine));
  assert_fresh(&zoo);
  assert_ok(queue_shutdown(zoo.of.queue, 0));
  assert_status(LOOP_EQUEUESHUTDOWN, queue_get_nowait(zoo.of.queue, &o.value));
  assert_status(LOOP_EQUEUESHUTDOWN, queue_put_nowait(zoo.of.queue, NULL));
  assert_untouched(&o);
  free_zoo(&zoo);
}

static void cancelled_error_that_is_refused_leaves_the_exception_unretrieved(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  exception_t *boom = new_exception("ValueError", "boom"), *exception = NULL;
  struct trace trace = {""};
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(future_set_exception(future, boom));
  assert_status(LOOP_EINVALIDSTATE, future_cancelled_error(future, &exception));
  assert_null(exception);
  future_unref(future);
  assert_trace("[Future exception was never retrieved: ValueError: boom]", &trace);
  exception_unref(boom);
  loop_unref(loop);
}

/* ---- times beyond the clock ---- */

static void times_beyond_the_clock_are_as_far_as_can_be(void **state) {
  const double far[] = {1e300, 9.2e9, INFINITY};
  (void)state;
  for (size_t i = 0; i < COUNT(far); i++) {
    loop_t *loop = new_virtual_loop();
    future_t *future = new_future(loop);
    coroutine_t *wait;
    task_t *task;
    assert_ok(loop_call_later(loop, 100, ignore_callback, NULL, NULL, NULL));
    run_dry(loop);
    assert_ok(loop_wait(loop, &future, 1, WAIT_ALL_COMPLETED, far[i], &wait));
    assert_ok(loop_ensure_coroutine(loop, wait, &task));
    for (int turns = 0; turns < 3; turns++) turn(loop);
    assert_false(task_done(task));
    assert_ok(future_set_result(future, NULL));
    assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
    coroutine_unref(wait);
    task_unref(task);
    future_unref(future);
    loop_unref(loop);
  }
}

static void run_once_without_limit_is_a_deadlock_if_nothing_can_happen(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_status(LOOP_EDEADLOCK, loop_run_once(loop, -1));
  assert_status(LOOP_EDEADLOCK, loop_run_once(loop, INFINITY));
  assert_true(loop_time(loop) == 0);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(closed_loop_refuses_all_that_schedules),
      TEST(closed_loop_refuses_to_end_what_is_waited_for),
      TEST(wrong_thread_is_refused_in_every_family),
      TEST(null_loop_or_handle_is_einval),
      TEST(null_future_task_or_coroutine_is_einval),
      TEST(null_future_among_several_timeout_or_group_is_einval),
      TEST(null_lock_to_queue_is_einval),
      TEST(null_text_tag_or_exception_is_einval),
      TEST(null_output_is_einval),
      TEST(null_has_no_references),
      TEST(null_getters_of_numbers_say_what_their_comments_say),
      TEST(null_getters_of_pointers_say_what_their_comments_say),
      TEST(objects_of_two_loops_are_ewrongloop),
      TEST(blocks_outside_of_tasks_are_enotask_or_not_entered),
      TEST(primitives_refuse_what_was_not_taken),
      TEST(cancelled_error_that_is_refused_leaves_the_exception_unretrieved),
      TEST(times_beyond_the_clock_are_as_far_as_can_be),
      TEST(run_once_without_limit_is_a_deadlock_if_nothing_can_happen),
  };
  return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
