/* Timeouts, task groups and conditions whose functions are called out of order, which Python's `async with`
 * prevents. */
#include "support.h"

struct block {
  loop_t *loop;
  timeout_t *timeout;
  task_group_t *group;
  condition_t *condition;
  coroutine_t *coroutine;
};

static void misuse_timeout(task_t *task, void *userdata) {
  struct block *block = userdata;
  exception_t *exception = NULL;
  (void)task;
  assert_status(LOOP_EEXPIRED, timeout_exit(block->timeout, NULL, &exception));
  assert_status(LOOP_EEXPIRED, timeout_reschedule(block->timeout, 5));
  assert_ok(timeout_enter(block->timeout));
  assert_status(LOOP_EINVALIDSTATE, timeout_enter(block->timeout));
  assert_ok(timeout_exit(block->timeout, NULL, &exception));
  assert_null(exception);
  assert_status(LOOP_EEXPIRED, timeout_exit(block->timeout, NULL, &exception));
  assert_string_equal("finished", timeout_state(block->timeout));
}

static void timeout_out_of_order_is_refused(void **state) {
  struct block block = {.loop = new_virtual_loop()};
  task_t *task;
  (void)state;
  assert_ok(timeout_new(block.loop, 1, &block.timeout));
  assert_status(LOOP_ENOTASK, timeout_enter(block.timeout));
  task = new_task(block.loop, misuse_timeout, &block);
  assert_ok(loop_run_until_complete(block.loop, task_as_future(task), NULL));
  timeout_unref(block.timeout);
  task_unref(task);
  loop_unref(block.loop);
}

static void say_nothing(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_awaited(task, NULL));
}

static void misuse_group(task_t *task, void *userdata) {
  struct block *block = userdata;
  coroutine_t *second = NULL;
  assert_status(LOOP_EINVALIDSTATE, task_group_exit(block->group, NULL, &second));
  assert_status(LOOP_EINVALIDSTATE, task_group_ensure_future(block->group, never_step, NULL, NULL, NULL));
  assert_ok(task_group_enter(block->group));
  assert_status(LOOP_EINVALIDSTATE, task_group_enter(block->group));
  assert_ok(task_group_exit(block->group, NULL, &block->coroutine));
  assert_status(LOOP_EINVALIDSTATE, task_group_exit(block->group, NULL, &second));
  assert_null(second);
  assert_ok(task_await_coroutine_catch(task, block->coroutine, say_nothing));
}

static void task_group_out_of_order_is_refused(void **state) {
  struct block block = {.loop = new_virtual_loop()};
  task_t *task;
  (void)state;
  assert_ok(task_group_new(block.loop, &block.group));
  assert_status(LOOP_ENOTASK, task_group_enter(block.group));
  task = new_task(block.loop, misuse_group, &block);
  assert_ok(loop_run_until_complete(block.loop, task_as_future(task), NULL));
  assert_string_equal("finished", task_group_state(block.group));
  coroutine_unref(block.coroutine);
  task_group_unref(block.group);
  task_unref(task);
  loop_unref(block.loop);
}

/* A predicate runs inside the coroutine, not in a step of the task. */
static int await_in_predicate(void *userdata) {
  struct block *block = userdata;
  assert_status(LOOP_ENOTASK, task_return(task_get_current(block->loop), NULL));
  assert_status(LOOP_ENOTASK, task_sleep(task_get_current(block->loop), 1, never_step));
  return 1;
}

static void wait_for_predicate(task_t *task, void *userdata) {
  struct block *block = userdata;
  assert_ok(condition_wait_for(block->condition, await_in_predicate, block, NULL, &block->coroutine));
  assert_ok(task_await_coroutine(task, block->coroutine, say_nothing));
  assert_status(LOOP_EBUSY, task_return(task, NULL));
}

static void condition_predicate_may_not_step_its_task(void **state) {
  struct block block = {.loop = new_virtual_loop()};
  task_t *task;
  (void)state;
  assert_ok(condition_new(block.loop, NULL, &block.condition));
  task = new_task(block.loop, wait_for_predicate, &block);
  assert_ok(loop_run_until_complete(block.loop, task_as_future(task), NULL));
  coroutine_unref(block.coroutine);
  condition_unref(block.condition);
  task_unref(task);
  loop_unref(block.loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(timeout_out_of_order_is_refused),
      TEST(task_group_out_of_order_is_refused),
      TEST(condition_predicate_may_not_step_its_task),
  };
  return cmocka_run_group_tests_name("combine", tests, NULL, NULL);
}
