#include "bodies.h"

#include <string.h>

int has_stacks(void) {
  exception_t *none;
  return await_exception(&none) != LOOP_ENOTSUPPORTED;
}

task_t *new_body(loop_t *loop, coroutine_fn fn, void *userdata) {
  task_t *task;
  assert_ok(loop_create_task(loop, fn, userdata, NULL, &task));
  return task;
}

int run_body(loop_t *loop, coroutine_fn fn, void *userdata, value_t **ret_value) {
  task_t *task = new_body(loop, fn, userdata);
  int status = loop_run_until_complete(loop, task_as_future(task), ret_value);
  task_unref(task);
  return status;
}

exception_t *run_failing(loop_t *loop, coroutine_fn fn, void *userdata) {
  task_t *task = new_body(loop, fn, userdata);
  exception_t *exception = NULL;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(task), NULL));
  assert_ok(task_exception(task, &exception));
  task_unref(task);
  return exception;
}

int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  fail_msg("a body ran that should not");
  return 0;
}

int return_nothing(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 0;
}

int await_and_return(void *userdata, value_t **ret_value) {
  struct story *story = userdata;
  int status = await_future(story->future, ret_value);
  trace_add(&story->trace, loop_status_name(status));
  return status;
}

void make_world(struct world *world, loop_t *loop) {
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

void free_world(struct world *world) {
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

task_t *new_body_in(struct world *world, coroutine_fn fn) {
  task_t *task;
  assert_ok(loop_create_task(world->loop, fn, world, NULL, &task));
  return task;
}

int end_of(struct world *world, coroutine_fn fn) {
  task_t *task = new_body_in(world, fn);
  int status = loop_run_until_complete(world->loop, task_as_future(task), NULL);
  task_unref(task);
  return status;
}

void note_status(struct world *world, int status) { trace_add(&world->trace, loop_status_name(status)); }
