/* Waits in one call: await_wait_for, await_lock_acquire and their like, await_take, task_await_take; and what a body asks
 * of the exception that it got. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "support.h"

/* Bodies' userdata: one object of each kind, and what happened. */
struct world {
  struct trace trace;
  loop_t *loop, *other;
  future_t *future;
  coroutine_t *coroutine;
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *queue;
  task_group_t *group;
  double timeout;
};

static void make_world(struct world *world, loop_t *loop) {
  memset(world, 0, sizeof *world);
  world->loop = loop;
  world->other = new_virtual_loop();
  world->future = new_future(loop);
  assert_ok(lock_new(loop, &world->lock));
  assert_ok(event_new(loop, &world->event));
  assert_ok(condition_new(loop, world->lock, &world->condition));
  assert_ok(semaphore_new(loop, 1, &world->semaphore));
  assert_ok(barrier_new(loop, 2, &world->barrier));
  assert_ok(queue_new(loop, 1, &world->queue));
  assert_ok(task_group_new(loop, &world->group));
}

static void free_world(struct world *world) {
  task_group_unref(world->group);
  queue_unref(world->queue);
  barrier_unref(world->barrier);
  semaphore_unref(world->semaphore);
  condition_unref(world->condition);
  event_unref(world->event);
  lock_unref(world->lock);
  future_unref(world->future);
  loop_unref(world->other);
  loop_unref(world->loop);
}

static task_t *create(struct world *world, coroutine_fn fn) {
  task_t *task;
  assert_ok(loop_create_task(world->loop, fn, world, NULL, &task));
  return task;
}

/* The status with which a task ends that runs fn. */
static int end_of(struct world *world, coroutine_fn fn) {
  task_t *task = create(world, fn);
  int status = loop_run_until_complete(world->loop, task_as_future(task), NULL);
  task_unref(task);
  return status;
}

static void note_status(struct world *world, int status) { trace_add(&world->trace, loop_status_name(status)); }

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
  task = create(&world, wait_for_it);
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
  task = create(&world, wait_for_it);
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
  assert_ok(await_sleep(0)); /* forgets nothing */
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

/* ---- primitives: each waits, and goes on when another body lets it ---- */

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
  holder = create(&world, hold_all);
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
  waiter = create(&world, wait_to_be_notified);
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
  first = create(&world, acquire), second = create(&world, acquire), third = create(&world, acquire);
  turn(world.loop);
  assert_ok(task_cancel(second, NULL, NULL));
  assert_ok(lock_release(world.lock));
  run_dry(world.loop);
  assert_true(task_cancelled(second) && task_done(third) && lock_locked(world.lock));
  assert_trace("LOOP_OK LOOP_ECANCELLED LOOP_OK", &world.trace);
  task_unref(first), task_unref(second), task_unref(third);
  free_world(&world);
}

/* The body never goes on: what it waited by must not stay behind. The TEST compares live objects. */
static void body_dropped_in_each_wait_leaves_nothing_behind(void **state) {
  struct world world;
  (void)state;
  make_world(&world, new_virtual_loop());
  world.timeout = 100;
  collect_reports(world.loop, &world.trace);
  task_unref(create(&world, acquire));
  task_unref(create(&world, acquire));
  task_unref(create(&world, wait_for_it));
  turn(world.loop);
  free_world(&world);
  assert_trace("LOOP_OK [Task was destroyed but it is pending!] [Task was destroyed but it is pending!]", &world.trace);
}

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

static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  fail_msg("a body ran that should not");
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

static void task_tells_its_loop_while_it_has_owners(void **state) {
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
  const struct CMUnitTest without[] = {
      TEST(step_takes_a_coroutine),
      TEST(step_takes_a_coroutine_that_fails),
      TEST(task_tells_its_loop_while_it_has_owners),
      TEST(unsupported_without_the_feature),
  };
  const struct CMUnitTest tests[] = {
      TEST(wait_for_hands_out_what_comes_in_time),
      TEST(wait_for_that_is_late_cancels_the_future),
      TEST(wait_for_without_time_takes_only_what_is_there),
      TEST(wait_for_without_limit_waits),
      TEST(wait_for_that_is_cancelled_cancels_the_future),
      TEST(exception_matches_as_an_except_clause),
      TEST(primitives_are_awaited_in_one_call),
      TEST(condition_is_awaited_in_one_call),
      TEST(primitives_that_are_shut_down_or_broken_fail),
      TEST(acquire_that_is_cancelled_leaves_the_lock_to_the_next),
      TEST(body_dropped_in_each_wait_leaves_nothing_behind),
      TEST(take_gives_up_the_reference_also_when_it_fails),
      TEST(step_takes_a_coroutine),
      TEST(step_takes_a_coroutine_that_fails),
      TEST(wait_that_is_refused_changes_nothing),
      TEST(group_waits_for_members_with_stacks),
      TEST(group_that_refuses_makes_no_task),
      TEST(task_tells_its_loop_while_it_has_owners),
  };
  exception_t *none;
  if (await_exception(&none) == LOOP_ENOTSUPPORTED) return cmocka_run_group_tests_name("await", without, NULL, NULL);
  return cmocka_run_group_tests_name("await", tests, NULL, NULL);
}
