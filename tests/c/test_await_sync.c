/* await_lock_acquire, await_queue_get and their like: each waits, and returns once another body lets it. */
#include "../bodies.h"

static int hold_all(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  value_t *item = NULL;
  (void)ret_value;
  assert_ok(await_lock_acquire(world->lock));
  assert_ok(await_semaphore_acquire(world->semaphore));
  assert_ok(await_sleep(1));
  trace_add(&world->trace, "released");
  assert_ok(lock_release(world->lock));
  assert_ok(semaphore_release(world->semaphore));
  assert_ok(await_sleep(1));
  assert_ok(event_set(world->event));
  assert_ok(await_queue_get(world->queue, &item));
  assert_int_equal(1, take_int(item));
  assert_ok(await_queue_get(world->queue, NULL));
  for (int i = 0; i < 2; i++) assert_ok(queue_task_done(world->queue));
  assert_ok(await_barrier_wait(world->barrier, &item));
  assert_int_equal(0, take_int(item));
  return 0;
}

static int want_all(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  value_t *item = new_int(1), *index;
  (void)ret_value;
  note_status(world, await_lock_acquire(world->lock));
  note_status(world, await_semaphore_acquire(world->semaphore));
  assert_ok(lock_release(world->lock));
  note_status(world, await_event_wait(world->event));
  for (int i = 0; i < 2; i++) note_status(world, await_queue_put(world->queue, item)); /* there is room for one */
  value_unref(item);
  note_status(world, await_queue_join(world->queue));
  assert_ok(await_sleep(1));
  assert_ok(await_barrier_wait(world->barrier, &index));
  assert_int_equal(1, take_int(index));
  return 0;
}

static void primitives_are_awaited_in_one_call(void **state) {
  struct world world;
  task_t *holder;
  (void)state;
  make_world(&world, new_virtual_loop());
  holder = new_body_in(&world, hold_all);
  assert_ok(end_of(&world, want_all));
  assert_trace("released LOOP_OK LOOP_OK LOOP_OK LOOP_OK LOOP_OK LOOP_OK", &world.trace);
  run_dry(world.loop);
  assert_ok(task_result(holder, NULL));
  task_unref(holder);
  free_world(&world);
}

static int wait_to_be_notified(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  (void)ret_value;
  assert_status(LOOP_EEXCEPTION, await_condition_wait(world->condition));
  assert_true(await_exception_matches("RuntimeError")); /* the lock is not acquired */
  assert_ok(await_lock_acquire(world->lock));
  assert_ok(await_condition_wait(world->condition));
  assert_true(lock_locked(world->lock));
  return lock_release(world->lock);
}

static int notify(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  (void)ret_value;
  assert_ok(await_lock_acquire(world->lock));
  assert_ok(condition_notify(world->condition, 1));
  return lock_release(world->lock);
}

static void condition_is_awaited_in_one_call(void **state) {
  struct world world;
  task_t *waiter;
  (void)state;
  make_world(&world, new_virtual_loop());
  waiter = new_body_in(&world, wait_to_be_notified);
  turn(world.loop);
  assert_ok(end_of(&world, notify));
  run_dry(world.loop);
  assert_ok(task_result(waiter, NULL));
  task_unref(waiter);
  free_world(&world);
}

static int use_what_is_broken(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  value_t *untouched = (value_t *)userdata;
  coroutine_t *abort = NULL;
  (void)ret_value;
  assert_ok(queue_shutdown(world->queue, 0));
  assert_status(LOOP_EEXCEPTION, await_queue_get(world->queue, &untouched));
  assert_true(await_exception_matches("QueueShutDown"));
  assert_status(LOOP_EEXCEPTION, await_queue_put(world->queue, NULL));
  assert_ok(barrier_abort(world->barrier, &abort));
  assert_ok(await_take(abort, NULL));
  assert_status(LOOP_EEXCEPTION, await_barrier_wait(world->barrier, &untouched));
  assert_true(await_exception_matches("BrokenBarrierError"));
  assert_ptr_equal(userdata, untouched);
  return 0;
}

static void primitives_that_are_shut_down_or_broken_fail(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_ok(end_of(&world, use_what_is_broken));
  free_world(&world);
}

static int acquire(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  int status = await_lock_acquire(world->lock);
  (void)ret_value;
  note_status(world, status);
  return status;
}

static void acquire_that_is_cancelled_leaves_the_lock_to_the_next(void **state) {
  struct world world;
  task_t *first, *second, *third;
  (void)state;
  make_world(&world, new_virtual_loop());
  first = new_body_in(&world, acquire), second = new_body_in(&world, acquire), third = new_body_in(&world, acquire);
  turn(world.loop);
  assert_ok(task_cancel(second, NULL, NULL));
  assert_ok(lock_release(world.lock));
  run_dry(world.loop);
  assert_true(task_cancelled(second) && task_done(third) && lock_locked(world.lock));
  assert_trace("LOOP_OK LOOP_ECANCELLED LOOP_OK", &world.trace);
  task_unref(first), task_unref(second), task_unref(third);
  free_world(&world);
}

static int wait_for_long(void *userdata, value_t **ret_value) {
  return await_wait_for(((struct world *)userdata)->future, 100, ret_value);
}

/* The bodies never return: what they waited by must be freed all the same. TEST compares live objects. */
static void body_dropped_in_each_wait_leaks_nothing(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  collect_reports(world.loop, &world.trace);
  task_unref(new_body_in(&world, acquire));
  task_unref(new_body_in(&world, acquire));
  task_unref(new_body_in(&world, wait_for_long));
  turn(world.loop);
  free_world(&world);
  assert_trace("LOOP_OK [Task was destroyed but it is pending!] [Task was destroyed but it is pending!]", &world.trace);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(primitives_are_awaited_in_one_call),
      TEST(condition_is_awaited_in_one_call),
      TEST(primitives_that_are_shut_down_or_broken_fail),
      TEST(acquire_that_is_cancelled_leaves_the_lock_to_the_next),
      TEST(body_dropped_in_each_wait_leaks_nothing),
  };
  return cmocka_run_group_tests_name("await_sync", tests, NULL, NULL);
}
