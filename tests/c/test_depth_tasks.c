/* Tasks, coroutines and groups that are nested a million deep: no code may need a stack that grows with the depth. */
#include <stdlib.h>

#include "support.h"

/* ---- tasks that await tasks ---- */

static void unref_future(void *future) { future_unref(future); }
static void await_before(task_t *task, void *before) { assert_ok(task_await(task, before, return_seven)); }

/* Each awaits the one before. */
static task_t *chain(loop_t *loop, future_t *first, task_t **ret_middle) {
  future_t *before = future_ref(first);
  task_t *task = NULL;
  for (int i = 0; i < DEEP; i++) {
    task_unref(task);
    assert_ok(loop_ensure_future(loop, await_before, before, unref_future, &task));
    assert_ok(task_set_log_destroy_pending(task, 0));
    before = future_ref(task_as_future(task));
    if (ret_middle && i == DEEP / 2) *ret_middle = task_ref(task);
  }
  future_unref(before);
  return task;
}

static void tasks_that_await_tasks_are_completed(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop);
  task_t *last = chain(loop, first, NULL);
  value_t *value = NULL;
  (void)state;
  turn(loop);
  assert_ok(future_set_result(first, NULL));
  assert_ok(loop_run_until_complete(loop, task_as_future(last), &value));
  assert_int_equal(7, take_int(value));
  future_unref(first);
  task_unref(last);
  loop_unref(loop);
}

static void tasks_that_await_tasks_are_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop), *all, *both[2];
  task_t *middle, *last = chain(loop, first, &middle);
  (void)state;
  turn(loop);
  both[0] = task_as_future(last), both[1] = task_as_future(middle);
  assert_ok(loop_gather(loop, both, 2, 1, &all));
  assert_ok(future_cancel(all, NULL, NULL));
  assert_int_equal(1, task_cancelling(last));
  assert_int_equal(2, task_cancelling(middle));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(last), NULL));
  future_unref(first);
  future_unref(all);
  task_unref(middle);
  task_unref(last);
  loop_unref(loop);
}

static void tasks_that_await_tasks_are_shut_down(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop);
  task_t *last = chain(loop, first, NULL);
  (void)state;
  turn(loop);
  assert_ok(loop_shutdown(loop));
  assert_int_equal(1, task_cancelled(last));
  future_unref(first);
  task_unref(last);
  loop_unref(loop);
}

static void tasks_that_await_tasks_outlive_their_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *first = new_future(loop);
  task_t *last = chain(loop, first, NULL);
  (void)state;
  turn(loop);
  loop_unref(loop);
  future_unref(first);
  task_unref(last);
}

static void await_known_later(task_t *task, void *last) {
  assert_ok(task_await(task, task_as_future(*(task_t **)last), never_step));
}

static void tasks_that_await_tasks_in_a_circle_are_not_cancelled(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *middle, *last, *first = new_task(loop, await_known_later, &last);
  (void)state;
  assert_ok(task_set_log_destroy_pending(first, 0));
  last = chain(loop, task_as_future(first), &middle);
  turn(loop);
  assert_status(LOOP_ERECURSION, task_cancel(middle, NULL, NULL));
  assert_status(LOOP_ERECURSION, loop_shutdown(loop));
  assert_int_equal(0, task_cancelling(first));
  assert_int_equal(0, task_cancelling(middle));
  assert_int_equal(0, task_cancelling(last));
  task_unref(first);
  task_unref(middle);
  task_unref(last);
  loop_unref(loop);
}

/* ---- coroutines ---- */

static coroutine_t *nested_waits(loop_t *loop, double seconds) {
  coroutine_t *coroutine;
  assert_ok(coroutine_sleep(loop, seconds, &coroutine));
  for (int i = 0; i < DEEP / 4; i++) {
    coroutine_t *inner = coroutine;
    assert_ok(loop_wait_for_coroutine(loop, inner, 1e9, &coroutine));
    coroutine_unref(inner);
  }
  return coroutine;
}

static void waits_for_waits_are_run_cancelled_and_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *waits[2] = {nested_waits(loop, 1), nested_waits(loop, 1e6)};
  task_t *tasks[2];
  (void)state;
  for (int i = 0; i < 2; i++) {
    assert_ok(loop_ensure_coroutine(loop, waits[i], &tasks[i]));
    coroutine_unref(waits[i]);
  }
  assert_ok(loop_run_until_complete(loop, task_as_future(tasks[0]), NULL));
  assert_ok(task_cancel(tasks[1], NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, task_as_future(tasks[1]), NULL));
  for (int i = 0; i < 2; i++) task_unref(tasks[i]);
  coroutine_unref(nested_waits(loop, 1));
  loop_unref(loop);
}

static void waits_for_waits_outlive_their_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  coroutine_t *waits = nested_waits(loop, 1e6);
  task_t *task;
  (void)state;
  assert_ok(loop_ensure_coroutine(loop, waits, &task));
  assert_ok(task_set_log_destroy_pending(task, 0));
  coroutine_unref(waits);
  turn(loop);
  loop_unref(loop);
  task_unref(task);
}

/* ---- task groups ---- */

struct nest {
  loop_t *loop;
  int left;
};
struct level {
  struct nest *nest;
  task_group_t *group;
};

static void free_level(void *userdata) {
  struct level *level = userdata;
  task_group_unref(level->group);
  free(level);
}

static void leave_group(task_t *task, void *userdata) {
  (void)userdata;
  assert_status(LOOP_EEXCEPTION, task_awaited(task, NULL));
}

static void enter_group(task_t *task, void *userdata);
static struct level *new_level(struct nest *nest) {
  struct level *level = calloc(1, sizeof *level);
  level->nest = nest;
  assert_ok(task_group_new(nest->loop, &level->group));
  return level;
}

/* Its one member does the same. */
static void enter_group(task_t *task, void *userdata) {
  struct level *level = userdata;
  coroutine_t *leaving;
  if (level->nest->left-- == 0) {
    raise_boom(task, NULL);
    return;
  }
  assert_ok(task_group_enter(level->group));
  assert_ok(task_group_ensure_future(level->group, enter_group, new_level(level->nest), free_level, NULL));
  assert_ok(task_group_exit(level->group, NULL, &leaving));
  /* The outermost reads its exception: groups in groups. */
  if (level->nest->left == DEEP / 4 - 1) {
    assert_ok(task_await_coroutine_catch(task, leaving, leave_group));
  } else {
    assert_ok(task_await_coroutine(task, leaving, never_step));
  }
  coroutine_unref(leaving);
}

static void groups_in_groups_fail_from_the_innermost_on(void **state) {
  struct nest nest = {new_virtual_loop(), DEEP / 4};
  task_t *task;
  (void)state;
  assert_ok(loop_ensure_future(nest.loop, enter_group, new_level(&nest), free_level, &task));
  assert_ok(loop_run_until_complete(nest.loop, task_as_future(task), NULL));
  assert_int_equal(-1, nest.left);
  task_unref(task);
  loop_unref(nest.loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(tasks_that_await_tasks_are_completed),
      TEST(tasks_that_await_tasks_are_cancelled),
      TEST(tasks_that_await_tasks_are_shut_down),
      TEST(tasks_that_await_tasks_outlive_their_loop),
      TEST(tasks_that_await_tasks_in_a_circle_are_not_cancelled),
      TEST(waits_for_waits_are_run_cancelled_and_dropped),
      TEST(waits_for_waits_outlive_their_loop),
      TEST(groups_in_groups_fail_from_the_innermost_on),
  };
  limit_stack();
  return cmocka_run_group_tests_name("depth_tasks", tests, NULL, NULL);
}
