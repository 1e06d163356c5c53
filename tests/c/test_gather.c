/* gather: several futures at once. */
#include "support.h"

#include <errno.h>

struct sleeper {
  double delay;
  int64_t result; /* negative: raises instead */
};

static void sleeper_end(task_t *task, void *userdata) {
  const struct sleeper *self = userdata;
  if (self->result >= 0) {
    value_t *value = new_int(self->result);
    assert_ok(task_return(task, value));
    value_unref(value);
  } else {
    exception_t *exception = new_exception("ValueError", "gathered");
    assert_ok(task_raise(task, exception));
    exception_unref(exception);
  }
}

static void sleep_then_return(task_t *task, void *userdata) {
  assert_ok(task_sleep(task, ((const struct sleeper *)userdata)->delay, sleeper_end));
}

static future_t *gather_two(loop_t *loop, struct sleeper *left, struct sleeper *right, int return_exceptions) {
  task_t *tasks[2] = {new_task(loop, sleep_then_return, left), new_task(loop, sleep_then_return, right)};
  future_t *futures[2] = {task_as_future(tasks[0]), task_as_future(tasks[1])}, *both;
  assert_ok(loop_gather(loop, futures, 2, return_exceptions, &both));
  task_unref(tasks[0]);
  task_unref(tasks[1]);
  return both;
}

static int64_t item_int(const value_t *list, size_t index) {
  value_t *item;
  int64_t integer = -1;
  assert_ok(value_get_item(list, index, &item));
  assert_ok(value_get_int(item, &integer));
  return integer;
}

static void gather_keeps_the_order_given(void **state) {
  loop_t *loop = new_virtual_loop();
  struct sleeper slow = {2, 20}, fast = {1, 10};
  future_t *both = gather_two(loop, &slow, &fast, 0);
  value_t *list;
  (void)state;
  assert_ok(loop_run_until_complete(loop, both, &list));
  assert_int_equal(20, item_int(list, 0));
  assert_int_equal(10, item_int(list, 1));
  value_unref(list);
  future_unref(both);
  loop_unref(loop);
}

static void gather_of_nothing_is_an_empty_list(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *none;
  value_t *list;
  size_t size = 9;
  (void)state;
  assert_ok(loop_gather(loop, NULL, 0, 0, &none));
  assert_ok(loop_run_until_complete(loop, none, &list));
  assert_ok(value_get_size(list, &size));
  assert_int_equal(0, size);
  value_unref(list);
  future_unref(none);
  loop_unref(loop);
}

static void gather_of_one_future_twice_lists_it_twice(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop), *both;
  value_t *value = new_int(4), *list;
  (void)state;
  assert_ok(loop_gather(loop, (future_t *[]){future, future}, 2, 0, &both));
  assert_ok(future_set_result(future, value));
  value_unref(value);
  assert_ok(loop_run_until_complete(loop, both, &list));
  assert_int_equal(4, item_int(list, 0));
  assert_int_equal(4, item_int(list, 1));
  value_unref(list);
  future_unref(future);
  future_unref(both);
  loop_unref(loop);
}

static void gather_fails_with_the_first_exception_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  struct sleeper bad = {1, -1}, slow = {5, 5};
  future_t *both = gather_two(loop, &slow, &bad, 0);
  double start = loop_time(loop);
  exception_t *exception;
  (void)state;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, both, NULL));
  assert_true(loop_time(loop) - start < 2);
  assert_ok(future_exception(both, &exception));
  assert_exception("ValueError", "gathered", exception);
  run_dry(loop);
  future_unref(both);
  loop_unref(loop);
}

static void gather_returning_exceptions_lists_them(void **state) {
  loop_t *loop = new_virtual_loop();
  struct sleeper bad = {1, -1}, slow = {5, 5};
  future_t *both = gather_two(loop, &bad, &slow, 1);
  value_t *list, *item;
  exception_t *exception;
  (void)state;
  assert_ok(loop_run_until_complete(loop, both, &list));
  assert_ok(value_get_item(list, 0, &item));
  assert_ok(value_get_exception(item, &exception));
  assert_exception("ValueError", "gathered", exception_ref(exception));
  assert_int_equal(5, item_int(list, 1));
  value_unref(list);
  future_unref(both);
  loop_unref(loop);
}

static void gather_cancelled_cancels_its_futures(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *futures[2] = {new_future(loop), new_future(loop)}, *both;
  exception_t *exception;
  (void)state;
  assert_ok(loop_gather(loop, futures, 2, 0, &both));
  assert_ok(future_cancel(both, NULL, NULL));
  assert_true(future_cancelled(futures[0]) && future_cancelled(futures[1]));
  /* As in asyncio, it fails with a CancelledError, but is not cancelled itself. */
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, both, NULL));
  assert_ok(future_exception(both, &exception));
  assert_exception("CancelledError", NULL, exception);
  assert_int_equal(0, future_cancelled(both));
  future_unref(futures[0]);
  future_unref(futures[1]);
  future_unref(both);
  loop_unref(loop);
}

static void gather_across_loops_is_ewrongloop(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  future_t *futures[2] = {new_future(loop), new_future(other)}, *both = NULL;
  (void)state;
  assert_status(LOOP_EWRONGLOOP, loop_gather(loop, futures, 2, 0, &both));
  assert_status(-EINVAL, loop_gather(loop, NULL, 1, 0, &both));
  assert_status(-EINVAL, loop_gather(loop, futures, 1, 0, NULL));
  assert_null(both);
  assert_ok(future_set_result(futures[0], NULL));
  future_unref(futures[0]);
  future_unref(futures[1]);
  loop_unref(loop);
  loop_unref(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(gather_keeps_the_order_given),
      TEST(gather_of_nothing_is_an_empty_list),
      TEST(gather_of_one_future_twice_lists_it_twice),
      TEST(gather_fails_with_the_first_exception_at_once),
      TEST(gather_returning_exceptions_lists_them),
      TEST(gather_cancelled_cancels_its_futures),
      TEST(gather_across_loops_is_ewrongloop),
  };
  return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
