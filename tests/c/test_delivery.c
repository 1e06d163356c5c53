/* Cancellations are delivered once; what fails where nobody waits any more is reported. The tasks have stacks of their
 * own, so that they read like their stories. */
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
  assert_ok(task_cancel(c->task, "once", NULL)); /* has to wait for the next step */
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
  assert_true(loop_time(loop) == 1); /* of the second sleep: the first one was cut short */
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

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(cancellation_of_oneself_is_delivered_once),
      TEST(cancellation_from_outside_is_delivered_once),
      TEST(group_member_that_fails_after_its_parent_is_reported),
  };
  return cmocka_run_group_tests_name("delivery", tests, NULL, NULL);
}
