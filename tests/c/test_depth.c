/* Values, exceptions and futures that are nested a million deep: no code may need a stack that grows with the depth. */
#include "support.h"

static void unref_value(void *value) { value_unref(value); }
static void unref_future(void *future) { future_unref(future); }
static void unref_var(void *var) { context_var_unref(var); }
static void unref_context(void *context) { context_unref(context); }
static void unref_exception(void *exception) { exception_unref(exception); }

static const char tag;

/* A value whose destroy gives up the value that it carries. */
static value_t *holder(void *userdata, destroy_fn destroy) {
  value_t *value;
  assert_ok(value_new_foreign(&tag, userdata, destroy, &value));
  return value;
}

/* ---- values and exceptions ---- */

static value_t *list_of(value_t *first, value_t *second) {
  value_t *items[2] = {first, second}, *list;
  assert_ok(value_new_list(items, 2, &list));
  value_unref(first);
  value_unref(second);
  return list;
}

static value_t *nested_list(int64_t innermost) {
  value_t *list = new_int(innermost);
  for (int i = 0; i < DEEP; i++) list = i % 2 ? list_of(list, new_int(i)) : list_of(new_int(i), list);
  return list;
}

static void lists_in_lists_are_compared_and_dropped(void **state) {
  value_t *list = nested_list(1), *equal = nested_list(1), *other = nested_list(2);
  (void)state;
  assert_int_equal(1, value_equal(list, equal));
  assert_int_equal(0, value_equal(list, other));
  value_unref(list);
  value_unref(equal);
  value_unref(other);
}

static void lists_in_lists_are_ordered_by_a_priority_queue(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *smaller = nested_list(1), *larger = nested_list(2), *first = NULL;
  queue_t *queue;
  (void)state;
  assert_ok(queue_new_priority(loop, 0, NULL, NULL, NULL, &queue));
  assert_ok(queue_put_nowait(queue, larger));
  assert_ok(queue_put_nowait(queue, smaller));
  assert_ok(queue_get_nowait(queue, &first));
  assert_ptr_equal(smaller, first);
  value_unref(first);
  value_unref(smaller);
  value_unref(larger);
  queue_unref(queue);
  loop_unref(loop);
}

static void values_whose_destroy_drops_a_value_are_dropped(void **state) {
  value_t *value = NULL;
  (void)state;
  for (int i = 0; i < DEEP; i++) value = holder(value, unref_value);
  value_unref(value);
}

static exception_t *group_of(exception_t *exception) {
  exception_t *members[2] = {new_exception("ValueError", "leaf"), exception}, *group;
  assert_ok(exception_new_group("group", members, 2, &group));
  for (int i = 0; i < 2; i++) exception_unref(members[i]);
  return group;
}

static exception_t *caused_by(exception_t *cause) {
  exception_t *plain = new_exception("ValueError", "later"), *exception;
  assert_ok(exception_new_with_cause(plain, cause, &exception));
  exception_unref(plain);
  exception_unref(cause);
  return exception;
}

static exception_t *carrying(value_t *value) {
  exception_t *exception;
  assert_ok(exception_new_foreign("ValueError", "carries", &tag, value, unref_value, &exception));
  return exception;
}

static value_t *value_of(exception_t *exception) {
  value_t *value;
  assert_ok(value_new_exception(exception, &value));
  exception_unref(exception);
  return value;
}

static void groups_in_groups_are_dropped(void **state) {
  exception_t *exception = new_exception("ValueError", "innermost");
  (void)state;
  for (int i = 0; i < DEEP; i++) exception = group_of(exception);
  exception_unref(exception);
}

static void causes_members_payloads_and_values_in_each_other_are_dropped(void **state) {
  exception_t *exception = new_exception("ValueError", "innermost");
  (void)state;
  for (int i = 0; i < DEEP; i++) {
    switch (i % 5) {
      case 0: exception = group_of(exception); break;
      case 1: exception = caused_by(exception); break;
      case 2: exception = carrying(value_of(exception)); break;
      case 3: exception = carrying(list_of(new_int(i), value_of(exception))); break;
      default: exception = carrying(holder(exception, unref_exception)); break;
    }
  }
  exception_unref(exception);
}

static void context_variables_in_values_in_contexts_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  context_var_t *var, *kept;
  context_t *context = NULL;
  value_t *value = NULL;
  (void)state;
  assert_ok(context_var_new("kept", NULL, &kept));
  for (int i = 0; i < DEEP / 2; i++) {
    assert_ok(context_var_new("x", value, &var));
    value_unref(value);
    value = holder(var, unref_var);
    assert_ok(context_var_set(kept, loop, value));
    value_unref(value);
    assert_ok(context_switch(loop, NULL, &context));
    value = holder(context, unref_context);
  }
  value_unref(value);
  context_var_unref(kept);
  loop_unref(loop);
}

/* The default handler prints such a group; without a limit it would not end. */
static void error_of_groups_in_groups_is_printed_in_part(void **state) {
  loop_t *loop = new_virtual_loop();
  exception_t *exception = new_exception("ValueError", "innermost");
  (void)state;
  for (int i = 0; i < DEEP; i++) exception = i % 2 ? caused_by(exception) : group_of(exception);
  assert_ok(loop_call_exception_handler(loop, "deep", exception, NULL));
  exception_unref(exception);
  loop_unref(loop);
}

/* ---- futures ---- */

static void done_nothing(future_t *future, void *userdata) { (void)future, (void)userdata; }

/* Each has a callback or a result whose destroy gives up the one before. */
static future_t *futures_that_hold_each_other(loop_t *loop, int done) {
  future_t *future = NULL;
  for (int i = 0; i < DEEP; i++) {
    future_t *next = new_future(loop);
    if (done) {
      value_t *value = holder(future, unref_future);
      assert_ok(future_set_result(next, value));
      value_unref(value);
    } else {
      assert_ok(future_add_done_callback(next, done_nothing, future, unref_future));
    }
    future = next;
  }
  return future;
}

static void futures_whose_callbacks_hold_futures_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  future_unref(futures_that_hold_each_other(loop, 0));
  loop_unref(loop);
}

static void futures_whose_results_hold_futures_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  future_unref(futures_that_hold_each_other(loop, 1));
  loop_unref(loop);
}

static void futures_whose_callbacks_hold_futures_outlive_their_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = futures_that_hold_each_other(loop, 0);
  (void)state;
  loop_unref(loop);
  future_unref(future);
}

static int cancelled_is(future_t *future) {
  int cancelled = 0;
  assert_ok(future_cancel(future, NULL, &cancelled));
  return cancelled;
}

static future_t *gather_of(loop_t *loop, future_t *future) {
  future_t *all;
  assert_ok(loop_gather(loop, &future, 1, 0, &all));
  future_unref(future);
  return all;
}
static future_t *shield_of(loop_t *loop, future_t *future) {
  future_t *shield;
  assert_ok(loop_shield(loop, future, &shield));
  future_unref(future);
  return shield;
}

typedef future_t *(*wrap_fn)(loop_t *loop, future_t *future);
static future_t *wrapped(loop_t *loop, future_t *future, wrap_fn wrap) {
  future = future_ref(future);
  for (int i = 0; i < DEEP; i++) future = wrap(loop, future);
  return future;
}

static void gathers_of_gathers_are_completed(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *last = wrapped(loop, first, gather_of);
  (void)state;
  assert_ok(future_set_result(first, NULL));
  run_dry(loop);
  assert_int_equal(1, future_done(last));
  future_unref(first);
  future_unref(last);
  loop_unref(loop);
}

static void gathers_of_gathers_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *last = wrapped(loop, first, gather_of);
  (void)state;
  future_unref(first);
  future_unref(last);
  loop_unref(loop);
}

/* Issue 11, finding 8. */
static void gathers_of_gathers_are_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *last = wrapped(loop, first, gather_of);
  (void)state;
  assert_int_equal(1, cancelled_is(last));
  assert_int_equal(1, future_cancelled(first));
  run_dry(loop);
  assert_status(LOOP_ECANCELLED, future_result(last, NULL));
  assert_int_equal(0, cancelled_is(last));
  future_unref(first);
  future_unref(last);
  loop_unref(loop);
}

static void shields_of_shields_are_completed_cancelled_and_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *last = wrapped(loop, first, shield_of);
  (void)state;
  assert_ok(future_set_result(first, NULL));
  run_dry(loop);
  assert_int_equal(1, future_done(last));
  future_unref(first);
  future_unref(last);
  first = new_future(loop);
  last = wrapped(loop, first, shield_of);
  assert_int_equal(1, cancelled_is(last));
  assert_false(future_done(first));
  future_unref(last);
  assert_ok(loop_run_once(loop, 0));
  future_unref(first);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(lists_in_lists_are_compared_and_dropped),
      TEST(lists_in_lists_are_ordered_by_a_priority_queue),
      TEST(values_whose_destroy_drops_a_value_are_dropped),
      TEST(groups_in_groups_are_dropped),
      TEST(causes_members_payloads_and_values_in_each_other_are_dropped),
      TEST(context_variables_in_values_in_contexts_are_dropped),
      TEST(error_of_groups_in_groups_is_printed_in_part),
      TEST(futures_whose_callbacks_hold_futures_are_dropped),
      TEST(futures_whose_results_hold_futures_are_dropped),
      TEST(futures_whose_callbacks_hold_futures_outlive_their_loop),
      TEST(gathers_of_gathers_are_completed),
      TEST(gathers_of_gathers_are_dropped),
      TEST(gathers_of_gathers_are_cancelled),
      TEST(shields_of_shields_are_completed_cancelled_and_dropped),
  };
  limit_stack();
  return cmocka_run_group_tests_name("depth", tests, NULL, NULL);
}
