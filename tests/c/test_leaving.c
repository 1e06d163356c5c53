/* Runs that end before everything was called, and what the next run calls. */
#include "support.h"

static void raise_exit(loop_t *loop, void *userdata) {
  exception_t *exception = new_exception("SystemExit", userdata);
  assert_ok(loop_raise(loop, exception));
  exception_unref(exception);
}
static void raise_exit_in_task(task_t *task, void *userdata) {
  exception_t *exception = new_exception("SystemExit", userdata);
  assert_ok(task_raise(task, exception));
  exception_unref(exception);
}
static void assert_left_by(const char *message, loop_t *loop) {
  exception_t *exception = NULL;
  assert_ok(loop_take_exit(loop, &exception));
  assert_exception("SystemExit", message, exception);
  assert_status(LOOP_EINVALIDSTATE, loop_take_exit(loop, &exception));
}

static void sleep_and_return(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep(task, 1, return_seven));
}

static void exit_of_a_run_stops_none_of_the_next(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *exits = new_task(loop, raise_exit_in_task, "bye");
  (void)state;
  assert_status(LOOP_EEXIT, loop_run_until_complete(loop, task_as_future(exits), NULL));
  assert_left_by("bye", loop);
  for (int i = 0; i < 3; i++) {
    task_t *task = new_task(loop, sleep_and_return, NULL);
    value_t *value = NULL;
    assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
    assert_int_equal(7, take_int(value));
    task_unref(task);
  }
  task_unref(exits);
  loop_unref(loop);
}

static void exit_that_was_not_taken_is_forgotten_by_the_next_run(void **state) {
  loop_t *loop = new_virtual_loop();
  exception_t *exception = NULL;
  (void)state;
  assert_ok(loop_call_soon(loop, raise_exit, "bye", NULL, NULL));
  assert_status(LOOP_EEXIT, loop_run_forever(loop));
  run_dry(loop);
  assert_status(LOOP_EINVALIDSTATE, loop_take_exit(loop, &exception));
  loop_unref(loop);
}

static void exit_comes_first_and_the_second_one_counts_no_more(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *first = new_task(loop, raise_exit_in_task, "first");
  task_t *second = new_task(loop, raise_exit_in_task, "second");
  (void)state;
  assert_status(LOOP_EEXIT, loop_run_forever(loop));
  assert_left_by("first", loop);
  assert_status(LOOP_EEXIT, loop_run_once(loop, 0));
  assert_left_by("second", loop);
  assert_status(LOOP_EEXCEPTION, task_result(first, NULL));
  assert_status(LOOP_EEXCEPTION, task_result(second, NULL));
  task_unref(first);
  task_unref(second);
  loop_unref(loop);
}

static void run_stopped_at_its_deadline_keeps_the_callback_of_no_future(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  for (int i = 0; i < 5; i++) {
    assert_ok(loop_stop(loop));
    assert_status(LOOP_ESTOPPED, loop_run_until_complete(loop, future, NULL));
  }
  /* Nothing waits for it any more: it may be completed although the loop is closed. */
  assert_ok(loop_close(loop));
  assert_ok(future_set_result(future, NULL));
  future_unref(future);
  loop_unref(loop);
}

static void run_of_a_done_future_takes_its_callback_along(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  task_t *task = new_task(loop, sleep_and_return, NULL);
  (void)state;
  assert_ok(future_set_result(future, NULL));
  assert_ok(loop_run_until_complete(loop, future, NULL));
  assert_int_equal(0, task_done(task));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  future_unref(future);
  loop_unref(loop);
}

/* A callback ends the run: the others of its turn are kept, before those that were scheduled meanwhile. */
static void exit_keeps_the_rest_of_the_turn_in_order(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark marks[] = {{&trace, "a"}, {&trace, "b"}, {&trace, "c"}, {&trace, "d"}};
  handle_t *handles[2];
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &marks[0], NULL, NULL));
  assert_ok(loop_call_soon(loop, raise_exit, "bye", NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, &marks[1], NULL, &handles[0]));
  assert_ok(loop_call_soon(loop, mark_callback, &marks[2], NULL, &handles[1]));
  assert_status(LOOP_EEXIT, loop_run_forever(loop));
  assert_trace("a", &trace);
  assert_ok(loop_call_soon(loop, mark_callback, &marks[3], NULL, NULL));
  assert_ok(handle_cancel(handles[1]));
  run_dry(loop);
  assert_trace("a b d", &trace);
  for (int i = 0; i < 2; i++) handle_unref(handles[i]);
  loop_unref(loop);
}

/* ---- callbacks in a row, of which one leaves the run ---- */

struct counted {
  int called, destroyed;
};
static void count_called(loop_t *loop, void *userdata) {
  (void)loop;
  ((struct counted *)userdata)->called++;
}
static void leave_loop(loop_t *loop, void *userdata) {
  count_called(loop, userdata);
  raise_exit(loop, "bye");
}
static void count_destroyed(void *userdata) { ((struct counted *)userdata)->destroyed++; }

enum { ROW = 12 };
static void schedule_row(loop_t *loop, struct counted *counted, int leaves, int from_thread) {
  for (int i = 0; i < ROW; i++) {
    loop_callback_fn fn = i == leaves ? leave_loop : count_called;
    assert_ok((from_thread ? loop_call_soon_threadsafe : loop_call_soon)(loop, fn, &counted[i], count_destroyed, NULL));
  }
}

static void callbacks_after_one_that_ends_the_run_are_destroyed_once(void **state) {
  (void)state;
  for (int leaves = 0; leaves < 2 * ROW; leaves++) {
    struct counted counted[ROW] = {{0}};
    loop_t *loop = new_virtual_loop();
    schedule_row(loop, counted, leaves % ROW, leaves / ROW);
    assert_status(LOOP_EEXIT, loop_run_forever(loop));
    loop_unref(loop);
    for (int i = 0; i < ROW; i++) {
      assert_int_equal(i <= leaves % ROW, counted[i].called);
      assert_int_equal(1, counted[i].destroyed);
    }
  }
}

static void callbacks_after_one_that_ends_the_run_are_called_in_the_next_run(void **state) {
  (void)state;
  for (int leaves = 0; leaves < 2 * ROW; leaves++) {
    struct counted counted[ROW] = {{0}};
    loop_t *loop = new_virtual_loop();
    schedule_row(loop, counted, leaves % ROW, leaves / ROW);
    assert_status(LOOP_EEXIT, loop_run_forever(loop));
    run_dry(loop);
    for (int i = 0; i < ROW; i++) assert_true(counted[i].called == 1 && counted[i].destroyed == 1);
    loop_unref(loop);
  }
}

/* Callbacks with nothing, with a destroy, and with a context, in all orders: each keeps its own. */
static void row_of_all_kinds_keeps_what_each_has(void **state) {
  (void)state;
  for (int mix = 0; mix < 3 * 3 * 3 * 3 * 2; mix++) {
    loop_t *loop = new_virtual_loop();
    struct counted counted[4] = {{0}};
    context_var_t *var;
    value_t *value = new_int(1);
    context_t *none;
    assert_ok(context_var_new("v", NULL, &var));
    for (int i = 0, rest = mix; i < 4; i++, rest /= 3) {
      if (rest % 3 == 2) assert_ok(context_var_set(var, loop, value));
      assert_ok((mix >= 81 ? loop_call_soon_threadsafe : loop_call_soon)(loop, count_called, &counted[i],
                                                                         rest % 3 == 1 ? count_destroyed : NULL, NULL));
      assert_ok(context_switch(loop, NULL, &none));
      context_unref(none);
    }
    run_dry(loop);
    for (int i = 0, rest = mix; i < 4; i++, rest /= 3) {
      assert_int_equal(1, counted[i].called);
      assert_int_equal(rest % 3 == 1, counted[i].destroyed);
    }
    context_var_unref(var);
    value_unref(value);
    loop_unref(loop);
  }
}

static void row_in_debug_mode_is_called_once_in_order(void **state) {
  loop_t *loop = new_virtual_loop();
  struct counted counted[ROW] = {{0}};
  (void)state;
  assert_ok(loop_set_debug(loop, 1));
  schedule_row(loop, counted, -1, 0);
  schedule_row(loop, counted, -1, 1);
  run_dry(loop);
  for (int i = 0; i < ROW; i++) assert_true(counted[i].called == 2 && counted[i].destroyed == 2);
  loop_unref(loop);
}

/* In debug mode each callback is timed, so callbacks that share a node are called one by one. */
static void debug_mode_keeps_the_order_of_the_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark marks[] = {{&trace, "a"}, {&trace, "b"}, {&trace, "c"}, {&trace, "d"}, {&trace, "e"}};
  (void)state;
  assert_ok(loop_set_debug(loop, 1));
  for (int i = 0; i < 5; i++) {
    handle_t *handle = NULL;
    assert_ok(loop_call_soon(loop, mark_callback, &marks[i], NULL, i == 3 ? &handle : NULL));
    handle_unref(handle);
  }
  turn(loop);
  assert_trace("a b c d e", &trace);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(exit_of_a_run_stops_none_of_the_next),
      TEST(exit_that_was_not_taken_is_forgotten_by_the_next_run),
      TEST(exit_comes_first_and_the_second_one_counts_no_more),
      TEST(run_stopped_at_its_deadline_keeps_the_callback_of_no_future),
      TEST(run_of_a_done_future_takes_its_callback_along),
      TEST(exit_keeps_the_rest_of_the_turn_in_order),
      TEST(callbacks_after_one_that_ends_the_run_are_destroyed_once),
      TEST(callbacks_after_one_that_ends_the_run_are_called_in_the_next_run),
      TEST(row_of_all_kinds_keeps_what_each_has),
      TEST(row_in_debug_mode_is_called_once_in_order),
      TEST(debug_mode_keeps_the_order_of_the_turn),
  };
  return cmocka_run_group_tests_name("leaving", tests, NULL, NULL);
}
