/* Futures: the three outcomes, reading them, done-callbacks, and errors that are never retrieved. */
#include "support.h"

#include <errno.h>

static void future_new_is_pending(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_int_equal(0, future_done(future));
  assert_int_equal(0, future_cancelled(future));
  assert_ptr_equal(loop, future_get_loop(future));
  assert_null(future_as_task(future));
  future_unref(future);
  loop_unref(loop);
}

static void future_read_too_early_is_einvalidstate(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  value_t *value = (value_t *)state;
  exception_t *exception = (exception_t *)state;
  assert_status(LOOP_EINVALIDSTATE, future_result(future, &value));
  assert_status(LOOP_EINVALIDSTATE, future_exception(future, &exception));
  assert_status(LOOP_EINVALIDSTATE, future_cancelled_error(future, &exception));
  assert_true((void *)value == state && (void *)exception == state);
  assert_int_equal(0, future_done(future));
  future_unref(future);
  loop_unref(loop);
}

static void future_with_result_hands_it_out_each_time(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  value_t *value = new_int(7);
  exception_t *exception = (exception_t *)state;
  assert_ok(future_set_result(future, value));
  value_unref(value);
  for (int i = 0; i < 2; i++) {
    assert_ok(future_result(future, &value));
    assert_int_equal(7, take_int(value));
  }
  assert_ok(future_result(future, NULL));
  assert_ok(future_exception(future, &exception));
  assert_null(exception);
  assert_status(LOOP_EINVALIDSTATE, future_cancelled_error(future, &exception));
  future_unref(future);
  loop_unref(loop);
}

static void future_set_twice_is_einvalidstate_and_keeps_the_first(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  value_t *first = new_int(1), *second = new_int(2), *value;
  exception_t *exception = new_exception("ValueError", "late");
  int cancelled = -1;
  (void)state;
  assert_ok(future_set_result(future, first));
  assert_status(LOOP_EINVALIDSTATE, future_set_result(future, second));
  assert_status(LOOP_EINVALIDSTATE, future_set_exception(future, exception));
  assert_ok(future_cancel(future, NULL, &cancelled));
  assert_int_equal(0, cancelled);
  assert_ok(future_result(future, &value));
  assert_int_equal(1, take_int(value));
  value_unref(first);
  value_unref(second);
  exception_unref(exception);
  future_unref(future);
  loop_unref(loop);
}

static void future_with_exception_hands_out_the_same_object(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  exception_t *exception = new_exception("ValueError", "x"), *read;
  value_t *value = (value_t *)state;
  assert_ok(future_set_exception(future, exception));
  assert_status(LOOP_EEXCEPTION, future_result(future, &value));
  assert_ptr_equal(state, value);
  assert_ok(future_exception(future, &read));
  assert_ptr_equal(exception, read);
  exception_unref(exception);
  exception_unref(read);
  future_unref(future);
  loop_unref(loop);
}

static void future_cancelled_has_a_cancellederror(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  exception_t *exception = NULL;
  int cancelled = 0;
  (void)state;
  assert_ok(future_cancel(future, "enough", &cancelled));
  assert_int_equal(1, cancelled);
  assert_true(future_done(future) && future_cancelled(future));
  assert_status(LOOP_ECANCELLED, future_result(future, NULL));
  assert_status(LOOP_ECANCELLED, future_exception(future, &exception));
  assert_ok(future_cancelled_error(future, &exception));
  assert_exception("CancelledError", "enough", exception);
  assert_ok(future_cancel(future, NULL, &cancelled));
  assert_int_equal(0, cancelled);
  future_unref(future);
  loop_unref(loop);
}

static void future_null_is_einval(void **state) {
  future_t *future = NULL;
  value_t *value = NULL;
  exception_t *exception = NULL;
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, future_result(future, &value));
  assert_status(-EINVAL, future_exception(future, &exception));
  assert_status(-EINVAL, future_set_result(future, NULL));
  assert_status(-EINVAL, future_cancel(future, NULL, NULL));
  assert_status(-EINVAL, future_add_done_callback(future, mark_done, &destroyed, count_destroy));
  assert_int_equal(1, destroyed);
  assert_null(future_ref(NULL));
  future_unref(NULL);
}

static void future_set_exception_null_is_einval(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_status(-EINVAL, future_set_exception(future, NULL));
  assert_int_equal(0, future_done(future));
  future_unref(future);
  loop_unref(loop);
}

static void future_done_callbacks_run_in_a_later_turn_in_order(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  struct trace trace = {""};
  struct mark a = {&trace, "a"}, b = {&trace, "b"}, c = {&trace, "c"};
  (void)state;
  assert_ok(future_add_done_callback(future, mark_done, &a, NULL));
  assert_ok(future_add_done_callback(future, mark_done, &b, NULL));
  assert_ok(future_set_result(future, NULL));
  assert_ok(future_add_done_callback(future, mark_done, &c, NULL));
  assert_trace("", &trace);
  turn(loop);
  assert_trace("a b c", &trace);
  future_unref(future);
  loop_unref(loop);
}

static void future_done_callback_removed_is_destroyed_and_not_called(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  int destroyed = 0;
  size_t removed = 0;
  (void)state;
  assert_ok(future_add_done_callback(future, mark_done, &destroyed, count_destroy));
  assert_ok(future_add_done_callback(future, mark_done, &destroyed, count_destroy));
  assert_ok(future_remove_done_callback(future, mark_done, state, &removed));
  assert_true(removed == 0 && destroyed == 0);
  assert_ok(future_remove_done_callback(future, mark_done, &destroyed, &removed));
  assert_true(removed == 2 && destroyed == 2);
  assert_ok(future_set_result(future, NULL));
  run_dry(loop);
  future_unref(future);
  loop_unref(loop);
}

static void future_dropped_destroys_its_callbacks(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  int destroyed = 0;
  (void)state;
  assert_ok(future_add_done_callback(future, mark_done, &destroyed, count_destroy));
  future_unref(future);
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

static void future_awaited_on_a_closed_loop_cannot_be_set(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *pending = new_future(loop);
  int destroyed = 0;
  (void)state;
  assert_ok(future_add_done_callback(pending, mark_done, &destroyed, count_destroy));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, future_set_result(pending, NULL));
  assert_int_equal(0, future_done(pending));
  future_unref(pending);
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

static void future_outlives_its_loop_and_stays_readable(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop), *pending = new_future(loop);
  value_t *value = new_int(5);
  int destroyed = 0;
  (void)state;
  assert_ok(future_set_result(future, value));
  value_unref(value);
  assert_ok(future_add_done_callback(pending, mark_done, &destroyed, count_destroy));
  loop_unref(loop);
  assert_null(future_get_loop(future));
  assert_ok(future_result(future, &value));
  assert_int_equal(5, take_int(value));
  assert_status(LOOP_ECLOSED, future_add_done_callback(future, mark_done, &destroyed, count_destroy));
  future_unref(future);
  future_unref(pending);
  assert_int_equal(2, destroyed);
}

static void future_exception_never_read_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  struct trace trace = {""};
  exception_t *exception = new_exception("ValueError", "lost");
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(future_set_exception(future, exception));
  exception_unref(exception);
  run_dry(loop);
  assert_trace("", &trace);
  future_unref(future);
  assert_trace("[Future exception was never retrieved: ValueError: lost]", &trace);
  loop_unref(loop);
}

static void future_exception_read_is_not_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop), *other = new_future(loop);
  struct trace trace = {""};
  exception_t *exception = new_exception("ValueError", "taken");
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(future_set_exception(future, exception));
  assert_ok(future_set_exception(other, exception));
  exception_unref(exception);
  assert_status(LOOP_EEXCEPTION, future_result(future, NULL));
  assert_ok(future_exception(other, &exception));
  exception_unref(exception);
  future_unref(future);
  future_unref(other);
  assert_trace("", &trace);
  loop_unref(loop);
}

static void future_run_until_complete_gives_its_outcome(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *good = new_future(loop), *bad = new_future(loop), *gone = new_future(loop);
  value_t *value = new_int(3);
  exception_t *exception = new_exception("ValueError", "x");
  (void)state;
  assert_ok(future_set_result(good, value));
  value_unref(value);
  assert_ok(future_set_exception(bad, exception));
  exception_unref(exception);
  assert_ok(future_cancel(gone, NULL, NULL));
  assert_ok(loop_run_until_complete(loop, good, &value));
  assert_int_equal(3, take_int(value));
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, bad, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, gone, NULL));
  future_unref(good);
  future_unref(bad);
  future_unref(gone);
  loop_unref(loop);
}

static void drop_future(future_t *future, void *kept) {
  (void)future;
  future_unref(*(future_t **)kept);
}

static void future_may_be_dropped_inside_its_callback(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_ok(future_add_done_callback(future, drop_future, &future, NULL));
  assert_ok(future_set_result(future, NULL));
  run_dry(loop);
  loop_unref(loop);
}

static void drop_held(void *future) { future_unref(future); }

/* Each has a reference to the one before. The destroys of a hundred are not nested, but all run before the call returns. */
static void future_dropped_takes_along_all_that_only_it_held(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  int destroyed = 0;
  (void)state;
  assert_ok(future_add_done_callback(future, drop_future, &destroyed, count_destroy));
  for (int i = 0; i < 100; i++) {
    future_t *next = new_future(loop);
    assert_ok(future_add_done_callback(next, drop_future, future, drop_held));
    future = next;
  }
  future_unref(future);
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(future_new_is_pending),
      TEST(future_read_too_early_is_einvalidstate),
      TEST(future_with_result_hands_it_out_each_time),
      TEST(future_set_twice_is_einvalidstate_and_keeps_the_first),
      TEST(future_with_exception_hands_out_the_same_object),
      TEST(future_cancelled_has_a_cancellederror),
      TEST(future_null_is_einval),
      TEST(future_set_exception_null_is_einval),
      TEST(future_done_callbacks_run_in_a_later_turn_in_order),
      TEST(future_done_callback_removed_is_destroyed_and_not_called),
      TEST(future_dropped_destroys_its_callbacks),
      TEST(future_awaited_on_a_closed_loop_cannot_be_set),
      TEST(future_outlives_its_loop_and_stays_readable),
      TEST(future_exception_never_read_is_reported),
      TEST(future_exception_read_is_not_reported),
      TEST(future_run_until_complete_gives_its_outcome),
      TEST(future_may_be_dropped_inside_its_callback),
      TEST(future_dropped_takes_along_all_that_only_it_held),
  };
  return cmocka_run_group_tests_name("future", tests, NULL, NULL);
}
