/* User code that runs inside a call (destroys, exception handlers, comparisons), and what it may do there. */
#include "support.h"

static const char tag;

static value_t *new_foreign(void *userdata, destroy_fn destroy) {
  value_t *value;
  assert_ok(value_new_foreign(&tag, userdata, destroy, &value));
  return value;
}

static int is_supported(loop_t *loop) { return loop_create_task(loop, NULL, NULL, NULL, NULL) != LOOP_ENOTSUPPORTED; }

static task_t *new_body(loop_t *loop, coroutine_fn fn, void *userdata, destroy_fn destroy) {
  task_t *task;
  assert_ok(loop_create_task(loop, fn, userdata, destroy, &task));
  return task;
}

/* ---- a body does not await in there ---- */

static void await_in_destroy(void *calls) {
  assert_status(LOOP_ENOTASK, await_sleep(1));
  ++*(int *)calls;
}

static void await_in_handler(loop_t *loop, const report_t *report, void *calls) {
  (void)loop, (void)report;
  await_in_destroy(calls);
}

static int await_in_comparison(const value_t *left, const value_t *right, void *calls) {
  (void)left, (void)right;
  await_in_destroy(calls);
  return 0;
}

static int body_that_calls_back(void *calls, value_t **ret_value) {
  loop_t *loop = loop_get_running();
  queue_t *queue;
  (void)ret_value;
  value_unref(new_foreign(calls, await_in_destroy));
  assert_ok(loop_call_exception_handler(loop, "in a body", NULL, NULL));
  assert_ok(queue_new_priority(loop, 0, await_in_comparison, calls, NULL, &queue));
  assert_ok(queue_put_nowait(queue, NULL));
  assert_ok(queue_put_nowait(queue, NULL));
  queue_unref(queue);
  assert_int_equal(3, *(int *)calls);
  assert_ok(await_sleep(1));
  return 0;
}

static void body_cannot_await_in_destroy_handler_or_comparison(void **state) {
  loop_t *loop = new_virtual_loop();
  int calls = 0;
  (void)state;
  if (is_supported(loop)) {
    task_t *task = new_body(loop, body_that_calls_back, &calls, NULL);
    assert_ok(loop_set_exception_handler(loop, await_in_handler, &calls, NULL));
    assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
    task_unref(task);
  }
  loop_unref(loop);
}

/* A task that begins there does. */
static int body_that_sleeps(void *ended, value_t **ret_value) {
  (void)ret_value;
  assert_ok(await_sleep(1));
  ++*(int *)ended;
  return 0;
}

static void run_a_body(void *ended) {
  loop_t *loop = new_virtual_loop();
  task_t *task = new_body(loop, body_that_sleeps, ended, NULL);
  assert_ok(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
  loop_unref(loop);
}

static void body_run_by_a_destroy_awaits(void **state) {
  loop_t *loop = new_virtual_loop();
  int ended = 0;
  (void)state;
  if (is_supported(loop)) {
    value_unref(new_foreign(&ended, run_a_body));
    assert_int_equal(1, ended);
  }
  loop_unref(loop);
}

/* ---- a queue in its comparison, and in what it drops ---- */

struct intruder {
  queue_t *queue;
  int calls;
};

static int use_the_queue(const value_t *left, const value_t *right, void *userdata) {
  struct intruder *intruder = userdata;
  value_t *value = NULL;
  (void)left, (void)right;
  intruder->calls++;
  assert_status(LOOP_EBUSY, queue_put_nowait(intruder->queue, NULL));
  assert_status(LOOP_EBUSY, queue_get_nowait(intruder->queue, &value));
  assert_status(LOOP_EBUSY, queue_task_done(intruder->queue));
  assert_status(LOOP_EBUSY, queue_shutdown(intruder->queue, 1));
  assert_int_equal(0, queue_full(intruder->queue));
  return 0;
}

static void queue_used_by_its_comparison_is_ebusy(void **state) {
  loop_t *loop = new_virtual_loop();
  struct intruder intruder = {NULL, 0};
  value_t *value;
  (void)state;
  assert_ok(queue_new_priority(loop, 0, use_the_queue, &intruder, NULL, &intruder.queue));
  for (int i = 0; i < 4; i++) assert_ok(queue_put_nowait(intruder.queue, NULL));
  for (int i = 0; i < 4; i++) assert_ok(queue_get_nowait(intruder.queue, &value));
  assert_true(intruder.calls > 4);
  assert_status(LOOP_EQUEUEEMPTY, queue_get_nowait(intruder.queue, &value));
  queue_unref(intruder.queue);
  loop_unref(loop);
}

static void use_the_queue_again(void *userdata) {
  struct intruder *intruder = userdata;
  value_t *value = NULL;
  intruder->calls++;
  assert_status(LOOP_EQUEUESHUTDOWN, queue_get_nowait(intruder->queue, &value));
  assert_status(LOOP_EQUEUESHUTDOWN, queue_put_nowait(intruder->queue, NULL));
  assert_int_equal(0, queue_size(intruder->queue));
}

static void queue_used_by_what_its_shutdown_drops_is_empty(void **state) {
  loop_t *loop = new_virtual_loop();
  struct intruder intruder = {NULL, 0};
  (void)state;
  assert_ok(queue_new(loop, 0, &intruder.queue));
  for (int i = 0; i < 100; i++) {
    value_t *value = new_foreign(&intruder, use_the_queue_again);
    assert_ok(queue_put_nowait(intruder.queue, value));
    value_unref(value);
  }
  assert_ok(queue_shutdown(intruder.queue, 1));
  assert_int_equal(100, intruder.calls);
  queue_unref(intruder.queue);
  loop_unref(loop);
}

/* ---- a gather whose futures go ---- */

struct gathering {
  future_t *all;
  int calls;
};

static void cancel_the_gather(void *userdata) {
  struct gathering *gathering = userdata;
  gathering->calls++;
  if (gathering->all) assert_ok(future_cancel(gathering->all, NULL, NULL));
}

static void gather_cancelled_by_a_destroy_of_its_futures_finds_none(void **state) {
  enum { COUNT_OF = 3 };
  loop_t *loop = new_virtual_loop();
  struct gathering gathering = {NULL, 0};
  future_t *futures[COUNT_OF];
  (void)state;
  for (int i = 0; i < COUNT_OF; i++) {
    value_t *value = new_foreign(&gathering, cancel_the_gather);
    futures[i] = new_future(loop);
    assert_ok(future_set_result(futures[i], value));
    value_unref(value);
  }
  assert_ok(loop_gather(loop, futures, COUNT_OF, 0, &gathering.all));
  for (int i = 0; i < COUNT_OF; i++) future_unref(futures[i]);
  loop_unref(loop); /* the loop never ran: this breaks the cycle of the gather */
  assert_int_equal(COUNT_OF, gathering.calls);
  future_unref(gathering.all);
}

/* ---- loops that go ---- */

struct keeper {
  loop_t *kept;
  int reports;
};

static void keep_the_loop(loop_t *loop, const report_t *report, void *userdata) {
  struct keeper *keeper = userdata;
  (void)report;
  keeper->reports++;
  keeper->kept = loop_ref(loop);
}

static void sleep_for_ever(task_t *task, void *userdata) {
  (void)userdata;
  assert_ok(task_sleep(task, 1e6, never_step));
}

static void unref_its_loop(loop_t *loop, const report_t *report, void *destroyed) {
  (void)report;
  loop_unref(loop);
  assert_int_equal(0, *(int *)destroyed);
}

/* The task has the last reference to the loop; its end is reported. */
static void loop_kept_by_the_reader_of_a_report_after_its_last_reference_lives_on(void **state) {
  loop_t *loop = new_virtual_loop();
  struct keeper keeper = {NULL, 0};
  task_t *task = new_task(loop, sleep_for_ever, NULL);
  (void)state;
  assert_ok(loop_set_exception_handler(loop, keep_the_loop, &keeper, NULL));
  turn(loop);
  loop_unref(loop);
  assert_int_equal(0, keeper.reports);
  task_unref(task);
  assert_int_equal(1, keeper.reports);
  assert_int_equal(1, loop_is_closed(keeper.kept));
  assert_ok(loop_call_exception_handler(keeper.kept, "once more", NULL, NULL));
  assert_int_equal(2, keeper.reports);
  loop_unref(keeper.kept);
  keeper.reports = 0;
  assert_ok(loop_set_exception_handler(keeper.kept, unref_its_loop, &keeper.reports, count_destroy));
  assert_ok(loop_call_exception_handler(keeper.kept, "last", NULL, NULL));
  assert_int_equal(1, keeper.reports);
}

static void loop_whose_handler_gives_the_last_reference_up_is_destroyed_after_it(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_set_exception_handler(loop, unref_its_loop, &destroyed, count_destroy));
  assert_ok(loop_call_exception_handler(loop, "last", NULL, NULL));
  assert_int_equal(1, destroyed);
}

/* ---- many destroys inside each other ---- */

struct held {
  loop_t *loop;
  task_t *task;
  int *destroyed;
};

static void drop_held(void *userdata) {
  struct held *held = userdata;
  ++*held->destroyed;
  loop_unref(held->loop);
  task_unref(held->task);
}

static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  fail_msg("a body was run that should not be");
  return 0;
}

/* Bodies in loops of their own, each of which has a reference to the loop and the task before. Some are destroyed later
 * because they are too deep; a loop must not be freed before the stack that it lent. */
static void bodies_in_loops_that_hold_each_other_are_destroyed_before_their_loops(void **state) {
  enum { LOOPS = 60 };
  static struct held helds[LOOPS];
  loop_t *loop = new_virtual_loop();
  int destroyed = 0, is_there = is_supported(loop);
  task_t *task = NULL;
  (void)state;
  for (int i = 0; is_there && i < LOOPS; i++) {
    helds[i] = (struct held){i ? loop : NULL, task, &destroyed};
    if (i) loop = new_virtual_loop();
    task = new_body(loop, never_run, &helds[i], drop_held);
    assert_ok(task_set_log_destroy_pending(task, 0));
  }
  loop_unref(loop);
  task_unref(task);
  assert_int_equal(is_there ? LOOPS : 0, destroyed);
}

static void drop_another(void *userdata) {
  int *left = userdata;
  if (--*left == 0) return;
  int before = *left;
  value_unref(new_foreign(left, drop_another));
  assert_true(*left < before);
}

/* If they are few, each has run when the unref returns. */
static void destroy_inside_of_a_destroy_runs_at_once(void **state) {
  int left = 10;
  (void)state;
  value_unref(new_foreign(&left, drop_another));
  assert_int_equal(0, left);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(body_cannot_await_in_destroy_handler_or_comparison),
      TEST(body_run_by_a_destroy_awaits),
      TEST(queue_used_by_its_comparison_is_ebusy),
      TEST(queue_used_by_what_its_shutdown_drops_is_empty),
      TEST(gather_cancelled_by_a_destroy_of_its_futures_finds_none),
      TEST(loop_kept_by_the_reader_of_a_report_after_its_last_reference_lives_on),
      TEST(loop_whose_handler_gives_the_last_reference_up_is_destroyed_after_it),
      TEST(bodies_in_loops_that_hold_each_other_are_destroyed_before_their_loops),
      TEST(destroy_inside_of_a_destroy_runs_at_once),
  };
  return cmocka_run_group_tests_name("nested", tests, NULL, NULL);
}
