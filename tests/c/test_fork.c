/* After fork(): what a child may do with loops of its own and of its parent's, without touching what the two share. */
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `body` in a child, where it returns 0 if all is well. */
typedef int (*child_body)(void *userdata);

static void run_in_child(child_body body, void *userdata) {
  int status;
  pid_t child = fork();
  if (child == 0) _exit(body(userdata));
  assert_true(child > 0);
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
}

/* In a child nothing can be asserted: it returns the line. */
#define EXPECT(condition) \
  do {                    \
    if (!(condition)) return __LINE__ & 127 ? __LINE__ & 127 : 1; \
  } while (0)

static void set_flag(loop_t *loop, void *flag) {
  (void)loop;
  *(int *)flag = 1;
}
static void stop_it(loop_t *loop, void *userdata) {
  (void)userdata;
  assert_ok(loop_stop(loop));
}

static int run_new_loop(void *userdata) {
  loop_t *loop;
  int called = 0;
  (void)userdata;
  EXPECT(loop_get_running() == NULL);
  EXPECT(loop_new(NULL, &loop) == 0);
  EXPECT(loop_call_soon(loop, set_flag, &called, NULL, NULL) == 0);
  EXPECT(loop_run_once(loop, 0) == 0 && called);
  EXPECT(loop_close(loop) == 0);
  loop_unref(loop);
  return 0;
}

static void fork_and_run_new_loop(loop_t *loop, void *userdata) {
  (void)userdata;
  run_in_child(run_new_loop, NULL);
  assert_ptr_equal(loop, loop_get_running());
}

static void fork_in_a_callback_child_runs_a_new_loop(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_ok(loop_call_soon(loop, fork_and_run_new_loop, NULL, NULL, NULL));
  turn(loop);
  loop_unref(loop);
}

struct inherited {
  loop_t *loop;
  handle_t *handle;
  future_t *future;
  int reader;
};

static int refuse_all(void *userdata) {
  struct inherited *i = userdata;
  handle_t *handle = NULL;
  concurrent_t *concurrent = NULL;
  task_t *task = NULL;
  EXPECT(loop_call_soon(i->loop, never_call, NULL, NULL, &handle) == LOOP_EFORKED && !handle);
  EXPECT(loop_call_later(i->loop, 1, never_call, NULL, NULL, &handle) == LOOP_EFORKED && !handle);
  EXPECT(loop_call_soon_threadsafe(i->loop, never_call, NULL, NULL, NULL) == LOOP_EFORKED);
  EXPECT(loop_call_soon_locked(i->loop, never_call, NULL, NULL, NULL) == LOOP_EFORKED);
  EXPECT(loop_ensure_future_threadsafe(i->loop, never_step, NULL, NULL, &concurrent) == LOOP_EFORKED && !concurrent);
  EXPECT(loop_ensure_future(i->loop, never_step, NULL, NULL, &task) == LOOP_EFORKED && !task);
  EXPECT(loop_stop_threadsafe(i->loop) == LOOP_EFORKED);
  EXPECT(loop_remove_reader(i->loop, i->reader, NULL) == LOOP_EFORKED);
  EXPECT(loop_add_reader(i->loop, i->reader, never_call, NULL, NULL) == LOOP_EFORKED);
  EXPECT(loop_remove_signal_handler(i->loop, SIGUSR1, NULL) == LOOP_EFORKED);
  EXPECT(handle_cancel(i->handle) == LOOP_EFORKED && !handle_cancelled(i->handle));
  EXPECT(future_set_result(i->future, NULL) == LOOP_EFORKED && !future_done(i->future));
  EXPECT(loop_run_forever(i->loop) == LOOP_EFORKED && loop_run_once(i->loop, 0) == LOOP_EFORKED);
  EXPECT(loop_is_closed(i->loop) == 0);
  EXPECT(loop_close(i->loop) == 0 && loop_is_closed(i->loop));
  handle_unref(i->handle);
  future_unref(i->future);
  loop_unref(i->loop);
  EXPECT(loop_live_objects() == 0);
  return 0;
}

static void read_one(loop_t *loop, void *reader) {
  char byte;
  assert_int_equal(1, read(*(int *)reader, &byte, 1));
  assert_ok(loop_stop(loop));
}

/* The child closes the loop, which drops everything there; the parent's descriptors, posts and signals still work. */
static void fork_child_gives_its_references_up_and_the_parent_continues(void **state) {
  struct inherited i;
  int ends[2], called = 0;
  (void)state;
  assert_int_equal(0, pipe(ends));
  i.loop = new_loop();
  i.reader = ends[0];
  i.future = new_future(i.loop);
  assert_ok(loop_call_later(i.loop, 1000, never_call, NULL, NULL, &i.handle));
  assert_ok(loop_add_reader(i.loop, ends[0], read_one, &i.reader, NULL));
  assert_ok(loop_add_signal_handler(i.loop, SIGUSR1, set_flag, &called, NULL));
  assert_ok(loop_call_soon_threadsafe(i.loop, ignore_callback, NULL, NULL, NULL));
  run_in_child(refuse_all, &i);
  assert_int_equal(1, write(ends[1], "x", 1));
  assert_int_equal(0, raise(SIGUSR1));
  assert_ok(loop_run_forever(i.loop));
  for (int n = 0; n < 3 && !called; n++) turn(i.loop);
  assert_true(called);
  handle_unref(i.handle);
  future_unref(i.future);
  loop_unref(i.loop);
  close(ends[0]);
  close(ends[1]);
}

static int is_child;

static void fork_and_return(loop_t *loop, void *userdata) {
  pid_t child = fork();
  (void)loop, (void)userdata;
  is_child = child == 0;
  if (!is_child) {
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
  }
}

static void count_call(loop_t *loop, void *calls) {
  (void)loop;
  ++*(int *)calls;
}

/* The child's copy of the run ends as soon as the callback has returned; the callbacks behind it belong to the parent. The
 * first callback of a turn is a node of its own, and those behind it share a node. */
static void fork_behind(int in_front) {
  loop_t *loop = new_loop();
  int behind = 0, status;
  for (int n = 0; n < in_front; n++) assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
  assert_ok(loop_call_soon(loop, fork_and_return, NULL, NULL, NULL));
  for (int n = 0; n < 3; n++) assert_ok(loop_call_soon(loop, count_call, &behind, NULL, NULL));
  assert_ok(loop_call_soon(loop, stop_it, NULL, NULL, NULL));
  status = loop_run_forever(loop);
  if (is_child) {
    if (status != LOOP_EFORKED || behind != 0) _exit(1);
    if (loop_get_running() || loop_close(loop) != 0) _exit(2);
    loop_unref(loop);
    _exit(loop_live_objects() == 0 ? 0 : 3);
  }
  assert_int_equal(0, status);
  assert_int_equal(3, behind);
  loop_unref(loop);
}

static void fork_callback_that_returns_ends_the_childs_run(void **state) {
  (void)state;
  for (int in_front = 0; in_front < 3; in_front++) fork_behind(in_front);
}

static int close_in_callback(void *loop) {
  EXPECT(loop_close(loop) == LOOP_EFORKED);
  EXPECT(!loop_is_closed(loop));
  return 0;
}
static void fork_and_close(loop_t *loop, void *userdata) {
  (void)userdata;
  run_in_child(close_in_callback, loop);
}

static void fork_in_a_callback_child_cannot_close_the_loop(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_ok(loop_call_soon(loop, fork_and_close, NULL, NULL, NULL));
  turn(loop);
  loop_unref(loop);
}

static int raise_default(void *userdata) {
  (void)userdata;
  raise(SIGUSR2);
  return 99;
}

/* A signal that the loop handles has its former action in the child, here to end it; the parent's loop does not get
 * it. */
static void fork_child_has_the_former_action_of_signals(void **state) {
  loop_t *loop = new_loop();
  int status;
  (void)state;
  assert_ok(loop_add_signal_handler(loop, SIGUSR2, never_call, NULL, NULL));
  pid_t child = fork();
  if (child == 0) _exit(raise_default(NULL));
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
  turn(loop);
  turn(loop);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(fork_in_a_callback_child_runs_a_new_loop),
      TEST(fork_child_gives_its_references_up_and_the_parent_continues),
      TEST(fork_callback_that_returns_ends_the_childs_run),
      TEST(fork_in_a_callback_child_cannot_close_the_loop),
      TEST(fork_child_has_the_former_action_of_signals),
  };
  return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
