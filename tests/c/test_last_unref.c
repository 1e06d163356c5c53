/* A call of the loop runs a destroy that gives up the loop's last reference. */
#include <signal.h>
#include <unistd.h>

#include "support.h"

static void drop_loop(void *loop) { loop_unref(loop); }

static void never_handle(loop_t *loop, const report_t *report, void *userdata) {
  (void)loop, (void)report, (void)userdata;
  fail_msg("nothing was to be reported");
}

static void never_wait(loop_t *loop, int begins, void *userdata) {
  (void)loop, (void)begins, (void)userdata;
  fail_msg("nobody was to wait");
}

static void never_done(future_t *future, void *userdata) {
  (void)future, (void)userdata;
  fail_msg("the future was to stay pending");
}

static void close_that_drops_a_task_of_another_thread_holds_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_ensure_future_threadsafe(loop, never_step, loop, drop_loop, NULL));
  assert_ok(loop_close(loop));
}

static void close_that_drops_a_callback_holds_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, loop, drop_loop, NULL));
  assert_ok(loop_call_later(loop, 1, never_call, NULL, NULL, NULL));
  assert_ok(loop_close(loop));
}

static void close_that_drops_a_task_holds_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_ensure_future(loop, never_step, loop, drop_loop, NULL));
  assert_ok(loop_close(loop));
}

static void handler_that_is_replaced_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_set_exception_handler(loop, never_handle, loop, drop_loop));
  assert_ok(loop_set_exception_handler(loop, never_handle, NULL, NULL));
}

static void wait_hook_that_is_replaced_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_set_wait_hook(loop, never_wait, loop, drop_loop));
  assert_ok(loop_set_wait_hook(loop, never_wait, NULL, NULL));
}

static void reader_that_is_removed_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  int ends[2];
  (void)state;
  assert_int_equal(0, pipe(ends));
  assert_ok(loop_add_reader(loop, ends[0], never_call, loop, drop_loop));
  assert_ok(loop_remove_reader(loop, ends[0], NULL));
  close(ends[0]);
  close(ends[1]);
}

static void signal_handler_that_is_removed_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, never_call, loop, drop_loop));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, NULL));
}

static void reader_that_is_replaced_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  int ends[2];
  (void)state;
  assert_int_equal(0, pipe(ends));
  assert_ok(loop_add_reader(loop, ends[0], never_call, loop, drop_loop));
  assert_ok(loop_add_reader(loop, ends[0], never_call, NULL, NULL));
  close(ends[0]);
  close(ends[1]);
}

static void timer_that_is_cancelled_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *timer, *soon;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, NULL, NULL, &soon));
  assert_ok(loop_call_later(loop, 1, never_call, loop, drop_loop, &timer));
  assert_ok(handle_cancel(timer));
  assert_ok(handle_cancel(soon));
  handle_unref(timer);
  handle_unref(soon);
}

static void done_callback_that_is_removed_may_drop_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = new_future(loop);
  (void)state;
  assert_ok(future_add_done_callback(future, never_done, loop, drop_loop));
  assert_ok(future_remove_done_callback(future, never_done, loop, NULL));
  future_unref(future);
}

struct waits {
  loop_t *loop;
  future_t *future;
  int destroyed;
};

static void wait_in_steps(task_t *task, void *userdata) {
  assert_ok(task_await(task, ((struct waits *)userdata)->future, never_step));
}
static void drop_its_loop(void *userdata) {
  struct waits *waits = userdata;
  waits->destroyed++;
  loop_unref(waits->loop);
}

static void task_that_is_destroyed_may_give_its_loop_up(void **state) {
  struct waits waits = {new_virtual_loop(), NULL, 0};
  task_t *task;
  (void)state;
  waits.future = new_future(waits.loop);
  assert_ok(loop_ensure_future(waits.loop, wait_in_steps, &waits, drop_its_loop, &task));
  turn(waits.loop);
  assert_ok(task_set_log_destroy_pending(task, 0));
  task_unref(task);
  future_unref(waits.future);
  assert_int_equal(1, waits.destroyed);
}

struct seen {
  loop_t *loop;
  future_t *future;
  size_t count;
};

static int wait_for_future(void *userdata, value_t **ret_value) {
  return await_future(((struct seen *)userdata)->future, ret_value);
}

static void list_tasks(void *userdata) {
  struct seen *seen = userdata;
  assert_ok(loop_all_tasks(seen->loop, NULL, 0, &seen->count));
}

static void task_that_is_destroyed_is_no_longer_listed(void **state) {
  loop_t *loop = new_virtual_loop();
  struct seen seen = {loop, new_future(loop), 7};
  struct trace reports = {0};
  (void)state;
  collect_reports(loop, &reports);
  assert_ok(loop_create_task(loop, wait_for_future, &seen, list_tasks, NULL));
  turn(loop);
  future_unref(seen.future);
  assert_int_equal(0, seen.count);
  assert_trace("[Task was destroyed but it is pending!]", &reports);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(close_that_drops_a_task_of_another_thread_holds_its_loop),
      TEST(close_that_drops_a_callback_holds_its_loop),
      TEST(close_that_drops_a_task_holds_its_loop),
      TEST(handler_that_is_replaced_may_drop_its_loop),
      TEST(wait_hook_that_is_replaced_may_drop_its_loop),
      TEST(reader_that_is_removed_may_drop_its_loop),
      TEST(reader_that_is_replaced_may_drop_its_loop),
      TEST(signal_handler_that_is_removed_may_drop_its_loop),
      TEST(timer_that_is_cancelled_may_drop_its_loop),
      TEST(done_callback_that_is_removed_may_drop_its_loop),
      TEST(task_that_is_destroyed_is_no_longer_listed),
      TEST(task_that_is_destroyed_may_give_its_loop_up),
  };
  return cmocka_run_group_tests_name("last_unref", tests, NULL, NULL);
}
