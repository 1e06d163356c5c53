/* Signal handlers: added, removed, and together with what else in the process handles signals. */
#include <errno.h>
#include <signal.h>

#include "support.h"

static void stop_on_signal(loop_t *loop, void *calls) {
  ++*(int *)calls;
  assert_ok(loop_stop(loop));
}

static void signal_handler_runs_in_the_loop(void **state) {
  loop_t *loop = new_loop();
  int calls = 0, removed = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, stop_on_signal, &calls, NULL));
  assert_int_equal(0, raise(SIGUSR1));
  assert_int_equal(0, calls);
  assert_ok(loop_run_forever(loop));
  assert_int_equal(1, calls);
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, &removed));
  assert_int_equal(1, removed);
  loop_unref(loop);
}

static void signal_handler_removed_restores_the_action(void **state) {
  loop_t *loop = new_loop();
  struct sigaction before, after;
  int destroyed = 0;
  (void)state;
  sigaction(SIGUSR2, NULL, &before);
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, never_call, &destroyed, count_destroy));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR2, NULL));
  sigaction(SIGUSR2, NULL, &after);
  assert_int_equal(1, destroyed);
  assert_true(before.sa_handler == after.sa_handler);
  loop_unref(loop);
}

static void signal_handler_left_at_close_restores_the_action(void **state) {
  loop_t *loop = new_loop();
  struct sigaction after;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, never_call, &destroyed, count_destroy));
  loop_unref(loop);
  sigaction(SIGUSR2, NULL, &after);
  assert_int_equal(1, destroyed);
  assert_true(after.sa_handler == SIG_DFL);
}

static void signal_handler_impossible_is_einval(void **state) {
  static const int signals[] = {SIGKILL, SIGSTOP, 0, -1, 1000};
  loop_t *loop = new_loop();
  int destroyed = 0;
  (void)state;
  for (size_t i = 0; i < COUNT(signals); i++)
    assert_status(-EINVAL, loop_add_signal_handler(loop, signals[i], never_call, &destroyed, count_destroy));
  assert_int_equal(COUNT(signals), destroyed);
  loop_unref(loop);
}

static void signal_handler_of_another_loop_is_eexist(void **state) {
  loop_t *loop = new_loop(), *other = new_loop();
  int destroyed = 0, calls = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, stop_on_signal, &calls, NULL));
  assert_status(-EEXIST, loop_add_signal_handler(other, SIGUSR1, never_call, &destroyed, count_destroy));
  assert_int_equal(1, destroyed);
  assert_int_equal(0, raise(SIGUSR1));
  assert_ok(loop_run_forever(loop));
  assert_int_equal(1, calls);
  loop_unref(loop);
  assert_ok(loop_add_signal_handler(other, SIGUSR1, never_call, NULL, NULL));
  loop_unref(other);
}

static void count_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}
/* Enough turns to call all that is ready. */
static void turns(loop_t *loop) {
  for (int i = 0; i < 3; i++) turn(loop);
}

static void signals_have_handlers_of_their_own(void **state) {
  loop_t *loop = new_loop();
  int first = 0, second = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, count_call, &first, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, count_call, &second, NULL));
  assert_int_equal(0, raise(SIGUSR2));
  turns(loop);
  assert_true(first == 0 && second == 1);
  assert_int_equal(0, raise(SIGUSR1));
  assert_int_equal(0, raise(SIGUSR2));
  turns(loop);
  assert_true(first == 1 && second == 2);
  loop_unref(loop);
}

static void signal_of_the_highest_number_is_handled(void **state) {
  loop_t *loop = new_loop();
  int calls = 0;
  (void)state;
  assert_status(-EINVAL, loop_add_signal_handler(loop, SIGRTMAX + 1, never_call, NULL, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGRTMAX, count_call, &calls, NULL));
  assert_int_equal(0, raise(SIGRTMAX));
  turns(loop);
  assert_int_equal(1, calls);
  assert_ok(loop_remove_signal_handler(loop, SIGRTMAX, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGHUP, count_call, &calls, NULL)); /* and the one of the lowest */
  assert_int_equal(0, raise(SIGHUP));
  turns(loop);
  assert_int_equal(2, calls);
  loop_unref(loop);
}

static void signals_of_one_loop_survive_the_end_of_another(void **state) {
  loop_t *loop = new_loop(), *other = new_loop();
  int calls = 0, removed = 1;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, count_call, &calls, NULL));
  assert_ok(loop_add_signal_handler(other, SIGUSR2, never_call, NULL, NULL));
  assert_ok(loop_remove_signal_handler(other, SIGUSR1, &removed)); /* that loop has no handler for it */
  assert_int_equal(0, removed);
  assert_int_equal(0, raise(SIGUSR1));
  turns(loop);
  assert_int_equal(1, calls);
  loop_unref(other);
  assert_int_equal(0, raise(SIGUSR1));
  turns(loop);
  assert_int_equal(2, calls);
  loop_unref(loop);
}

static int handled;
static void note_signal(int signal) { handled = signal; }

static void signal_gets_the_action_back_that_it_had(void **state) {
  struct sigaction before = {.sa_handler = note_signal}, after;
  loop_t *loop = new_loop();
  (void)state;
  sigaction(SIGUSR1, &before, NULL);
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  handled = 0;
  assert_int_equal(0, raise(SIGUSR1));
  assert_int_equal(0, handled);
  loop_unref(loop);
  sigaction(SIGUSR1, NULL, &after);
  assert_true(after.sa_handler == note_signal);
  assert_int_equal(0, raise(SIGUSR1));
  assert_int_equal(SIGUSR1, handled);
  signal(SIGUSR1, SIG_DFL);
}

/* The handler writes to a pipe: when that is full, errno would be EAGAIN. */
static void signals_in_a_flood_leave_errno_alone_and_come_once(void **state) {
  loop_t *loop = new_loop();
  int calls = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, count_call, &calls, NULL));
  for (int i = 0; i < 70000; i++) {
    errno = 77;
    raise(SIGUSR1);
    if (errno != 77) fail_msg("errno is %d after signal %d", errno, i);
  }
  turns(loop);
  assert_int_equal(1, calls);
  loop_unref(loop);
}

/* A system call that a signal interrupts is restarted: SA_RESTART. */
static void signal_restarts_the_system_call_that_it_interrupts(void **state) {
  loop_t *loop = new_loop();
  struct sigaction action;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  sigaction(SIGUSR1, NULL, &action);
  assert_true(action.sa_flags & SA_RESTART);
  assert_int_equal(1, sigismember(&action.sa_mask, SIGUSR2)); /* and is not interrupted itself */
  loop_unref(loop);
}

static void remove_own_signal(loop_t *loop, void *calls) {
  int removed = 0;
  ++*(int *)calls;
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, &removed));
  assert_int_equal(1, removed);
}

static void signal_handler_may_remove_itself(void **state) {
  loop_t *loop = new_loop();
  int calls = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, remove_own_signal, &calls, NULL));
  assert_int_equal(0, raise(SIGUSR1));
  turns(loop);
  assert_int_equal(1, calls);
  loop_unref(loop);
}

/* The signal's byte is still in the pipe, and must be read. */
static void signal_that_came_before_its_handler_was_removed_does_not_keep_the_loop_busy(void **state) {
  loop_t *loop = new_loop();
  int turns = 0;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, never_call, NULL, NULL));
  assert_int_equal(0, raise(SIGUSR1));
  assert_ok(loop_remove_signal_handler(loop, SIGUSR1, NULL));
  for (double start = loop_time(loop); loop_time(loop) < start + 0.02; turns++) assert_ok(loop_run_once(loop, 0.02));
  assert_true(turns <= 3);
  loop_unref(loop);
}

static void signal_is_free_once_its_loop_is_closed(void **state) {
  loop_t *loop = new_loop(), *other = new_loop();
  struct sigaction after;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, never_call, NULL, NULL));
  assert_ok(loop_close(loop));
  sigaction(SIGUSR1, NULL, &after);
  assert_true(after.sa_handler == SIG_DFL);
  assert_ok(loop_add_signal_handler(other, SIGUSR1, ignore_callback, NULL, NULL));
  loop_unref(loop);
  sigaction(SIGUSR1, NULL, &after);
  assert_true(after.sa_handler != SIG_DFL);
  loop_unref(other);
}

static int return_nothing(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 0;
}

/* Workers block all signals; the signal mask of the thread that starts them does not change. */
static void signals_are_not_blocked_by_running_a_job(void **state) {
  loop_t *loop = new_loop();
  future_t *future;
  sigset_t before, after;
  (void)state;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  assert_ok(loop_run_in_executor(loop, return_nothing, NULL, NULL, &future));
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  for (int signal = 1; signal < SIGRTMAX; signal++) {
    assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
  }
  assert_ok(loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(signal_handler_runs_in_the_loop),
      TEST(signal_handler_removed_restores_the_action),
      TEST(signal_handler_left_at_close_restores_the_action),
      TEST(signal_handler_impossible_is_einval),
      TEST(signal_handler_of_another_loop_is_eexist),
      TEST(signals_have_handlers_of_their_own),
      TEST(signal_of_the_highest_number_is_handled),
      TEST(signals_of_one_loop_survive_the_end_of_another),
      TEST(signal_gets_the_action_back_that_it_had),
      TEST(signals_in_a_flood_leave_errno_alone_and_come_once),
      TEST(signal_restarts_the_system_call_that_it_interrupts),
      TEST(signal_handler_may_remove_itself),
      TEST(signal_that_came_before_its_handler_was_removed_does_not_keep_the_loop_busy),
      TEST(signal_is_free_once_its_loop_is_closed),
      TEST(signals_are_not_blocked_by_running_a_job),
  };
  return cmocka_run_group_tests_name("signal", tests, NULL, NULL);
}
