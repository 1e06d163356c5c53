/* NULL arguments of each function: the call fails with -EINVAL, runs its destroy once, writes no output and changes
 * nothing. And what getters return for NULL. */
#include "../calls.h"

#include <errno.h>
#include <math.h>
#include <signal.h>

/* ---- -EINVAL: one argument is missing, all others are right ---- */

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

static void null_gives_numbers_that_the_comments_name(void **state) {
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

static void null_gives_pointers_that_the_comments_name(void **state) {
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

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_loop_or_handle_is_einval),
      TEST(null_future_task_or_coroutine_is_einval),
      TEST(null_future_among_several_timeout_or_group_is_einval),
      TEST(null_lock_to_queue_is_einval),
      TEST(null_text_tag_or_exception_is_einval),
      TEST(null_output_is_einval),
      TEST(null_has_no_references),
      TEST(null_gives_numbers_that_the_comments_name),
      TEST(null_gives_pointers_that_the_comments_name),
  };
  return cmocka_run_group_tests_name("null", tests, NULL, NULL);
}
