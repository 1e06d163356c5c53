/* A cancellation is delivered once; a failure for which no task waits any more is reported. The tasks have stacks of
 * their own, because straight-line code is easier to read. */
#include "support.h"

struct cancelled {
  loop_t *loop;
  task_t *task;
  future_t *future, *second;
  double sleep;
  int statuses[3], count;
};

static void note(struct cancelled *c, int status) { c->statuses[c->count++] = status; }

static int await_thrice(void *userdata, value_t **ret_value) {
  struct cancelled *c = userdata;
  (void)ret_value;
  assert_ok(task_cancel(c->task, "once", NULL)); /* is delivered in the next step */
  note(c, c->future ? await_future(c->future, NULL) : await_sleep(c->sleep));
  note(c, await_sleep(1));
  note(c, await_future(c->second, NULL));
  return 0;
}

static void assert_delivered_once(double sleep, int await) {
  loop_t *loop = new_virtual_loop();
  struct cancelled c = {.loop = loop, .second = new_future(loop), .sleep = sleep};
  if (await) c.future = new_future(loop);
  assert_ok(loop_create_task(loop, await_thrice, &c, NULL, &c.task));
  run_dry(loop);
  assert_ok(future_set_result(c.second, NULL));
  run_dry(loop);
  assert_int_equal(3, c.count);
  assert_status(LOOP_ECANCELLED, c.statuses[0]);
  assert_ok(c.statuses[1]);
  assert_ok(c.statuses[2]);
  assert_true(loop_time(loop) == 1); /* the time of the second sleep: the first one was cancelled */
  assert_true(task_done(c.task) && !task_cancelled(c.task));
  if (await) assert_int_equal(1, future_cancelled(c.future));
  future_unref(c.future);
  future_unref(c.second);
  task_unref(c.task);
  loop_unref(loop);
}

static void cancellation_of_oneself_is_delivered_once(void **state) {
  (void)state;
  assert_delivered_once(0, 1);
  assert_delivered_once(0, 0);
  assert_delivered_once(60, 0);
}

/* From outside: while it waits, sleeps, yields, and when what it awaits is done already. */
static int await_and_sleep(void *userdata, value_t **ret_value) {
  struct cancelled *c = userdata;
  (void)ret_value;
  note(c, c->future ? await_future(c->future, NULL) : await_sleep(c->sleep));
  note(c, await_sleep(1));
  return 0;
}

static void assert_cut_short(double sleep, int await, int complete) {
  loop_t *loop = new_virtual_loop();
  struct cancelled c = {.sleep = sleep};
  if (await) c.future = new_future(loop);
  assert_ok(loop_create_task(loop, await_and_sleep, &c, NULL, &c.task));
  turn(loop);
  if (complete) assert_ok(future_set_result(c.future, NULL));
  assert_ok(task_cancel(c.task, NULL, NULL));
  run_dry(loop);
  assert_int_equal(2, c.count);
  assert_status(LOOP_ECANCELLED, c.statuses[0]);
  assert_ok(c.statuses[1]);
  assert_true(loop_time(loop) == 1);
  future_unref(c.future);
  task_unref(c.task);
  loop_unref(loop);
}

static void cancellation_from_outside_is_delivered_once(void **state) {
  (void)state;
  assert_cut_short(60, 0, 0);
  assert_cut_short(0, 0, 0);
  assert_cut_short(0, 1, 0);
  assert_cut_short(0, 1, 1);
}

/* ---- task groups ---- */

struct group_story {
  task_group_t *group;
  future_t *gate;
};

static int enter_group_and_leave(void *userdata, value_t **ret_value) {
  struct group_story *story = userdata;
  (void)ret_value;
  return task_group_enter(story->group); /* never task_group_exit */
}

static int fail_later(void *userdata, value_t **ret_value) {
  struct group_story *story = userdata;
  exception_t *exception = new_exception("ValueError", "late");
  int status;
  (void)ret_value;
  assert_ok(await_future(story->gate, NULL));
  status = await_raise(exception);
  exception_unref(exception);
  return status;
}

static void group_member_that_fails_after_its_parent_is_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct group_story story = {.gate = new_future(loop)};
  struct trace reports = {""};
  task_t *parent, *member;
  (void)state;
  collect_reports(loop, &reports);
  assert_ok(task_group_new(loop, &story.group));
  assert_ok(loop_create_task(loop, enter_group_and_leave, &story, NULL, &parent));
  assert_ok(loop_run_until_complete(loop, task_as_future(parent), NULL));
  assert_ok(loop_create_task(loop, fail_later, &story, NULL, &member));
  assert_ok(task_group_add(story.group, member));
  assert_ok(future_set_result(story.gate, NULL));
  run_dry(loop);
  assert_trace("[a task of a group failed, but its parent task is already completed: ValueError: late]", &reports);
  assert_int_equal(0, task_cancelled(parent));
  task_unref(parent), task_unref(member);
  future_unref(story.gate);
  task_group_unref(story.group);
  loop_unref(loop);
}

/* ---- what ends a group's block ---- */

struct block {
  task_group_t *group;
  const char *kind;
  int fails; /* a member does, before the block ends */
};

static int fail_at_once(void *userdata, value_t **ret_value) {
  exception_t *exception = new_exception("KeyError", "member");
  int status = await_raise(exception);
  (void)userdata, (void)ret_value;
  exception_unref(exception);
  return status;
}

static int end_block(void *userdata, value_t **ret_value) {
  struct block *block = userdata;
  loop_t *loop = loop_get_running();
  exception_t *exception = block->kind ? new_exception(block->kind, "body") : NULL;
  coroutine_t *exits;
  (void)ret_value;
  assert_ok(task_group_enter(block->group));
  if (block->fails) {
    task_t *member;
    assert_ok(loop_create_task(loop, fail_at_once, NULL, NULL, &member));
    assert_ok(task_group_add(block->group, member));
    task_unref(member);
    assert_status(LOOP_ECANCELLED, await_sleep(1)); /* the member's failure ends the block */
  }
  assert_ok(task_group_exit(block->group, exception, &exits));
  int status = await_coroutine(exits, NULL);
  coroutine_unref(exits);
  exception_unref(exception);
  return status;
}

/* Returns the exception with which a block ends whose body raised that kind. The caller must give it up. */
static exception_t *ending_of_block(const char *kind, int fails) {
  loop_t *loop = new_virtual_loop();
  struct block block = {.kind = kind, .fails = fails};
  exception_t *exception = NULL;
  task_t *task;
  assert_ok(task_group_new(loop, &block.group));
  assert_ok(loop_create_task(loop, end_block, &block, NULL, &task));
  (void)loop_run_until_complete(loop, task_as_future(task), NULL);
  assert_int_equal(1, task_done(task));
  if (task_cancelled(task)) {
    assert_ok(future_cancelled_error(task_as_future(task), &exception));
  } else {
    assert_ok(task_exception(task, &exception));
  }
  task_unref(task);
  task_group_unref(block.group);
  loop_unref(loop);
  return exception;
}

static void group_ends_as_its_body_and_its_members_end(void **state) {
  exception_t *group;
  (void)state;
  assert_null(ending_of_block(NULL, 0));
  assert_exception("SystemExit", "body", ending_of_block("SystemExit", 0));
  assert_exception("SystemExit", "body", ending_of_block("SystemExit", 1));
  assert_exception("CancelledError", "body", ending_of_block("CancelledError", 0));
  group = ending_of_block("ValueError", 0);
  assert_int_equal(1, exception_member_count(group));
  exception_unref(group);
  group = ending_of_block("ValueError", 1);
  assert_int_equal(2, exception_member_count(group));
  assert_string_equal("KeyError", exception_kind(exception_member(group, 0)));
  assert_string_equal("ValueError", exception_kind(exception_member(group, 1)));
  exception_unref(group);
  group = ending_of_block("CancelledError", 1); /* the one that the group itself caused */
  assert_string_equal("ExceptionGroup", exception_kind(group));
  assert_int_equal(1, exception_member_count(group));
  exception_unref(group);
}

/* ---- what a body is told of itself ---- */

static int fail_after_a_cancellation(void *userdata, value_t **ret_value) {
  struct cancelled *c = userdata;
  exception_t *exception = new_exception("ValueError", "own"), *last;
  int status;
  (void)ret_value;
  assert_ok(task_cancel(c->task, "once", NULL));
  assert_status(LOOP_ECANCELLED, await_sleep(0));
  assert_ok(await_exception(&last));
  assert_exception("CancelledError", "once", last);
  status = await_raise(exception);
  assert_ok(await_exception(&last));
  assert_exception("ValueError", "own", last);
  exception_unref(exception);
  return status;
}

static void exception_of_await_is_the_last_one(void **state) {
  loop_t *loop = new_virtual_loop();
  struct cancelled c = {.loop = loop};
  exception_t *exception = NULL;
  (void)state;
  assert_ok(loop_create_task(loop, fail_after_a_cancellation, &c, NULL, &c.task));
  run_dry(loop);
  assert_ok(task_exception(c.task, &exception));
  assert_exception("ValueError", "own", exception);
  assert_status(LOOP_ENOTASK, task_return(c.task, NULL)); /* it is over */
  task_unref(c.task);
  loop_unref(loop);
}

static void say_more(loop_t *loop, void *task) {
  (void)loop;
  assert_status(LOOP_ENOTASK, task_return(task, NULL));
  assert_status(LOOP_ENOTASK, task_sleep(task, 1, never_step));
}

static void task_that_has_ended_cannot_choose_again(void **state) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_task(loop, return_seven, NULL);
  (void)state;
  turn(loop);
  assert_int_equal(1, task_done(task));
  assert_ok(loop_call_soon(loop, say_more, task, NULL, NULL));
  run_dry(loop);
  task_unref(task);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(cancellation_of_oneself_is_delivered_once),
      TEST(cancellation_from_outside_is_delivered_once),
      TEST(group_member_that_fails_after_its_parent_is_reported),
      TEST(exception_of_await_is_the_last_one),
      TEST(task_that_has_ended_cannot_choose_again),
      TEST(group_ends_as_its_body_and_its_members_end),
  };
  return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
