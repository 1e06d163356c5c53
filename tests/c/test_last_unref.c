/* A destroy that gives up the last reference to the loop, inside the call of that loop that runs it. */
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
  };
  return cmocka_run_group_tests_name("last_unref", tests, NULL, NULL);
}
