/* await_wait_for and await_exception_matches; and every await_... call that is refused. Locks, queues and the like
 * are in test_await_sync.c, await_take is in test_await_take.c. */
#include "../bodies.h"

#include <errno.h>
#include <math.h>

/* ---- await_wait_for, await_exception_matches ---- */

static int wait_for_it(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  int status = await_wait_for(world->future, world->timeout, ret_value);
  note_status(world, status);
  if (await_exception_matches("TimeoutError")) trace_add(&world->trace, "late");
  return status;
}

static void answer(loop_t *loop, void *userdata) {
  value_t *value = new_int(5);
  (void)loop;
  assert_ok(future_set_result(((struct world *)userdata)->future, value));
  value_unref(value);
}

static void wait_for_hands_out_what_comes_in_time(void **state) {
  struct world world;
  task_t *task;
  value_t *value;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = 2;
  assert_ok(loop_call_later(world.loop, 1, answer, &world, NULL, NULL));
  task = new_body_in(&world, wait_for_it);
  assert_ok(loop_run_until_complete(world.loop, task_as_future(task), &value));
  assert_int_equal(5, take_int(value));
  assert_true(loop_time(world.loop) == 1);
  assert_trace("LOOP_OK", &world.trace);
  task_unref(task);
  free_world(&world);
}

static void wait_for_that_is_late_cancels_the_future(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = 2;
  assert_status(LOOP_EEXCEPTION, end_of(&world, wait_for_it));
  assert_true(loop_time(world.loop) == 2);
  assert_trace("LOOP_EEXCEPTION late", &world.trace);
  assert_int_equal(1, future_cancelled(world.future));
  free_world(&world);
}

static void wait_for_without_time_takes_only_what_is_there(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = 0;
  assert_status(LOOP_EEXCEPTION, end_of(&world, wait_for_it));
  assert_int_equal(1, future_cancelled(world.future));
  future_unref(world.future);
  world.future = new_future(world.loop);
  answer(world.loop, &world);
  assert_ok(end_of(&world, wait_for_it));
  assert_trace("LOOP_EEXCEPTION late LOOP_OK", &world.trace);
  free_world(&world);
}

static void wait_for_without_limit_waits(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = INFINITY;
  assert_ok(loop_call_later(world.loop, 1e6, answer, &world, NULL, NULL));
  assert_ok(end_of(&world, wait_for_it));
  assert_trace("LOOP_OK", &world.trace);
  free_world(&world);
}

static void wait_for_that_is_cancelled_cancels_the_future(void **state) {
  struct world world;
  task_t *task;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = 2;
  task = new_body_in(&world, wait_for_it);
  turn(world.loop);
  assert_ok(task_cancel(task, NULL, NULL));
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(world.loop, task_as_future(task), NULL));
  assert_int_equal(1, future_cancelled(world.future));
  assert_trace("LOOP_ECANCELLED", &world.trace);
  task_unref(task);
  free_world(&world);
}

static int ask_of_failures(void *userdata, value_t **ret_value) {
  struct world *world = userdata;
  exception_t *exception = new_exception("TimeoutError", NULL);
  (void)ret_value;
  assert_false(await_exception_matches("BaseException")); /* nothing has failed */
  assert_ok(future_set_exception(world->future, exception));
  exception_unref(exception);
  assert_status(LOOP_EEXCEPTION, await_future(world->future, NULL));
  assert_true(await_exception_matches("TimeoutError") && await_exception_matches("OSError"));
  assert_false(await_exception_matches("ValueError") || await_exception_matches(NULL));
  assert_ok(await_sleep(0)); /* a call that succeeds does not change it */
  assert_true(await_exception_matches("Exception"));
  return 0;
}

static void exception_matches_as_an_except_clause(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_false(await_exception_matches("BaseException"));
  assert_ok(end_of(&world, ask_of_failures));
  free_world(&world);
}

/* ---- misuse: nothing happens ---- */

static void assert_each(int expected, struct world *w) {
  value_t *untouched = (value_t *)w;
  assert_status(expected, await_wait_for(w->future, 1, &untouched));
  assert_status(expected, await_lock_acquire(w->lock));
  assert_status(expected, await_event_wait(w->event));
  assert_status(expected, await_condition_wait(w->condition));
  assert_status(expected, await_semaphore_acquire(w->semaphore));
  assert_status(expected, await_barrier_wait(w->barrier, &untouched));
  assert_status(expected, await_queue_put(w->queue, NULL));
  assert_status(expected, await_queue_get(w->queue, &untouched));
  assert_status(expected, await_queue_join(w->queue));
  assert_ptr_equal(w, untouched);
}

static void assert_nothing_happened(struct world *w) {
  assert_false(future_done(w->future) || lock_locked(w->lock) || semaphore_locked(w->semaphore));
  assert_int_equal(0, barrier_n_waiting(w->barrier));
  assert_int_equal(0, queue_size(w->queue));
}

static int misuse(void *userdata, value_t **ret_value) {
  struct world nothing = {0}, elsewhere, *world = userdata;
  value_t *untouched = (value_t *)userdata;
  (void)ret_value;
  assert_each(-EINVAL, &nothing);
  assert_status(-EINVAL, await_wait_for(world->future, NAN, &untouched));
  make_world(&elsewhere, new_virtual_loop());
  assert_each(LOOP_EWRONGLOOP, &elsewhere);
  assert_nothing_happened(&elsewhere);
  free_world(&elsewhere);
  assert_nothing_happened(world);
  return 0;
}

static void misuse_outside_a_body(loop_t *loop, void *userdata) {
  (void)loop;
  assert_each(LOOP_ENOTASK, userdata);
}

static void wait_that_is_refused_changes_nothing(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_each(LOOP_ENOTASK, &world);
  assert_ok(loop_call_soon(world.loop, misuse_outside_a_body, &world, NULL, NULL));
  assert_ok(end_of(&world, misuse));
  assert_nothing_happened(&world);
  free_world(&world);
}

static void unsupported_without_the_feature(void **state) {
  struct world world;
  int destroyed = 0;
  coroutine_t *coroutine;
  (void)state;
  make_world(&world, new_virtual_loop());
  assert_each(LOOP_ENOTSUPPORTED, &world);
  assert_ok(coroutine_sleep(world.loop, 1, &coroutine));
  assert_status(LOOP_ENOTSUPPORTED, await_take(coroutine, NULL));
  assert_status(LOOP_ENOTSUPPORTED, task_group_create_task(world.group, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
  assert_int_equal(0, await_exception_matches("BaseException"));
  free_world(&world);
}

int main(void) {
  const struct CMUnitTest without[] = {TEST(unsupported_without_the_feature)};
  const struct CMUnitTest tests[] = {
      TEST(wait_for_hands_out_what_comes_in_time),
      TEST(wait_for_that_is_late_cancels_the_future),
      TEST(wait_for_without_time_takes_only_what_is_there),
      TEST(wait_for_without_limit_waits),
      TEST(wait_for_that_is_cancelled_cancels_the_future),
      TEST(exception_matches_as_an_except_clause),
      TEST(wait_that_is_refused_changes_nothing),
  };
  if (!has_stacks()) return cmocka_run_group_tests_name("await", without, NULL, NULL);
  return cmocka_run_group_tests_name("await", tests, NULL, NULL);
}
