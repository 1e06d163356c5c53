/* Errors that many functions share: a closed loop, the wrong thread, another loop's objects. Each call fails in the
 * same way, runs its destroy once, writes no output, and changes nothing. NULL is in test_null.c. Errors of one
 * subject alone are in its own suite; those of loop_create_task and await_... in test_coroutine.c. */
#include "../calls.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

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
  NOTE(loop_getaddrinfo(loop, "127.0.0.1", NULL, 0, 0, 0, &o->future));
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

/* A step of the task on which the calls are made: they then fail only because of the thread. */
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
      TEST(objects_of_two_loops_are_ewrongloop),
      TEST(blocks_outside_of_tasks_are_enotask_or_not_entered),
      TEST(primitives_refuse_what_was_not_taken),
      TEST(cancelled_error_that_is_refused_leaves_the_exception_unretrieved),
      TEST(times_beyond_the_clock_are_as_far_as_can_be),
      TEST(run_once_without_limit_is_a_deadlock_if_nothing_can_happen),
  };
  return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
