/* await_take and task_await_take, which give up the caller's reference; task groups of bodies; and a task's loop. */
#include "../bodies.h"

#include <errno.h>

/* ---- await_take, task_await_take ---- */

static int take_and_sleep(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  coroutine_t *coroutine = NULL, *kept;
  (void)ret_value;
  assert_ok(coroutine_sleep(world->loop, 2, &coroutine));
  kept = coroutine_ref(coroutine);
  assert_ok(await_take(coroutine, NULL));
  assert_status(LOOP_EBUSY, await_take(coroutine_ref(kept), NULL));
  coroutine_unref(kept);
  assert_ok(coroutine_sleep(world->other, 1, &coroutine));
  assert_status(LOOP_EWRONGLOOP, await_take(coroutine, NULL));
  return await_take(NULL, NULL);
}

static void take_gives_up_the_reference_also_when_it_fails(void **state) {
  struct world world;
  coroutine_t *coroutine;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_ok(coroutine_sleep(world.loop, 1, &coroutine));
  assert_status(LOOP_ENOTASK, await_take(coroutine, NULL));
  assert_status(LOOP_EEXCEPTION, end_of(&world, take_and_sleep)); /* by the -EINVAL that it returns */
  assert_true(loop_time(world.loop) == 2);
  free_world(&world);
}

static void note_outcome(task_t *task, void *userdata) {
  note_status(userdata, task_awaited(task, NULL));
  trace_add(&((struct world *)userdata)->trace, "end");
}

static void step_that_takes(task_t *task, void *userdata) {
  struct world *world = userdata;
  coroutine_t *get = NULL, *other;
  assert_status(-EINVAL, task_await_take(task, NULL, note_outcome));
  assert_ok(coroutine_sleep(world->other, 1, &other));
  assert_status(LOOP_EWRONGLOOP, task_await_take_catch(task, other, note_outcome));
  assert_ok(queue_get(world->queue, &get));
  assert_status(-EINVAL, task_await_take(task, coroutine_ref(get), NULL));
  assert_ok(task_await_take(task, coroutine_ref(get), note_outcome));
  assert_status(LOOP_EBUSY, task_await_take(task, get, note_outcome));
}

static void step_takes_a_coroutine(void **state) {
  struct world world;
  task_t *task;
  coroutine_t *coroutine;
  (void)state;
  make_world(&world, new_virtual_loop());
  task = new_task(world.loop, step_that_takes, &world);
  assert_ok(coroutine_sleep(world.loop, 1, &coroutine));
  assert_status(LOOP_ENOTASK, task_await_take(task, coroutine, note_outcome));
  turn(world.loop);
  assert_ok(queue_put_nowait(world.queue, NULL));
  assert_ok(loop_run_until_complete(world.loop, task_as_future(task), NULL));
  assert_trace("LOOP_OK end", &world.trace);
  task_unref(task);
  free_world(&world);
}

static void step_that_takes_and_catches(task_t *task, void *userdata) {
  struct world *world = userdata;
  coroutine_t *get = NULL;
  assert_ok(queue_shutdown(world->queue, 1));
  assert_ok(queue_get(world->queue, &get));
  assert_ok(world->timeout ? task_await_take_catch(task, get, note_outcome) : task_await_take(task, get, never_step));
}

static void step_takes_a_coroutine_that_fails(void **state) {
  struct world world;
  task_t *task;
  (void)state;
  make_world(&world, new_virtual_loop());
  for (world.timeout = 0; world.timeout < 2; world.timeout++) {
    task = new_task(world.loop, step_that_takes_and_catches, &world);
    assert_status(world.timeout ? 0 : LOOP_EEXCEPTION,
                  loop_run_until_complete(world.loop, task_as_future(task), NULL));
    task_unref(task);
  }
  assert_trace("LOOP_EEXCEPTION end", &world.trace);
  free_world(&world);
}

/* ---- task groups ---- */

static int note_member(void *userdata, value_t **ret_value) {
  (void)ret_value;
  trace_add(&((struct world *)userdata)->trace, "member");
  return await_sleep(1);
}

static int run_group(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  coroutine_t *exit = NULL;
  task_t *member;
  (void)ret_value;
  assert_ok(task_group_enter(world->group));
  assert_ok(task_group_create_task(world->group, note_member, world, NULL, NULL));
  assert_ok(task_group_create_task(world->group, note_member, world, NULL, &member));
  assert_ok(task_group_exit(world->group, NULL, &exit));
  assert_ok(await_take(exit, NULL));
  assert_int_equal(1, task_done(member));
  task_unref(member);
  return 0;
}

static void group_waits_for_members_with_stacks(void **state) {
  struct world world;
  int destroyed = 0;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_ok(end_of(&world, run_group));
  assert_trace("member member", &world.trace);
  assert_true(loop_time(world.loop) == 1);
  assert_status(LOOP_ESHUTTINGDOWN, task_group_create_task(world.group, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
  free_world(&world);
}

static void group_that_refuses_makes_no_task(void **state) {
  struct world world;
  task_t *untouched = (task_t *)state;
  int destroyed = 0;
  size_t count;
  make_world(&world, new_virtual_loop());
  assert_status(-EINVAL, task_group_create_task(NULL, never_run, &destroyed, count_destroy, &untouched));
  assert_status(-EINVAL, task_group_create_task(world.group, NULL, &destroyed, count_destroy, &untouched));
  assert_status(LOOP_EINVALIDSTATE,
                task_group_create_task(world.group, never_run, &destroyed, count_destroy, &untouched));
  assert_ok(loop_all_tasks(world.loop, NULL, 0, &count));
  assert_int_equal(0, count);
  assert_ok(loop_close(world.loop));
  assert_status(LOOP_ECLOSED, task_group_create_task(world.group, never_run, &destroyed, count_destroy, &untouched));
  assert_int_equal(4, destroyed);
  assert_ptr_equal(state, untouched);
  free_world(&world);
}

/* ---- the task's loop ---- */

static void task_returns_its_loop_while_that_has_owners(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  (void)state;
  assert_ptr_equal(loop, task_get_loop(task));
  run_dry(loop);
  assert_ptr_equal(loop, task_get_loop(task));
  loop_unref(loop);
  assert_null(task_get_loop(task));
  assert_null(task_get_loop(NULL));
  task_unref(task);
}

int main(void) {
  const struct CMUnitTest without[] = {
      TEST(step_takes_a_coroutine),
      TEST(step_takes_a_coroutine_that_fails),
      TEST(task_returns_its_loop_while_that_has_owners),
  };
  const struct CMUnitTest tests[] = {
      TEST(step_takes_a_coroutine),
      TEST(step_takes_a_coroutine_that_fails),
      TEST(task_returns_its_loop_while_that_has_owners),
      TEST(take_gives_up_the_reference_also_when_it_fails),
      TEST(group_waits_for_members_with_stacks),
      TEST(group_that_refuses_makes_no_task),
  };
  if (!has_stacks()) return cmocka_run_group_tests_name("await_take", without, NULL, NULL);
  return cmocka_run_group_tests_name("await_take", tests, NULL, NULL);
}
