/* Stacks with a size from the task's options: loop_create_task_with, task_options_... */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { MANY = 100 };
#else
enum { MANY = 2000 };
#endif
enum { PAGE = 4096, MIB = 1024 * 1024 };

static task_options_t *new_options(size_t stack_size) {
  task_options_t *options;
  assert_ok(task_options_new(&options));
  assert_ok(task_options_set_stack_size(options, stack_size));
  return options;
}

/* Uses a page of stack for each level, and checks all of them as it returns. */
static int fill(int depth) {
  volatile char room[PAGE];
  int sum;
  memset((char *)room, depth & 0x7f, sizeof room);
  if (depth == 0) return 0;
  sum = fill(depth - 1);
  return sum + (room[PAGE - 1] == (depth & 0x7f));
}

/* Recurses to the depth, waits, and does so again. */
static int fill_twice(void *userdata, value_t **ret_value) {
  int *depth = userdata;
  int sum = fill(*depth), status = await_sleep(0);
  if (status) return status;
  return value_new_int(sum + fill(*depth), ret_value);
}

static int64_t run_with(loop_t *loop, const task_options_t *options, int depth) {
  task_t *task;
  value_t *value;
  assert_ok(loop_create_task_with(loop, options, fill_twice, &depth, NULL, &task));
  assert_ok(loop_run_until_complete(loop, task_as_future(task), &value));
  task_unref(task);
  return take_int(value);
}

static void task_with_a_larger_stack_recurses_deep(void **state) {
  loop_t *loop = new_virtual_loop();
  task_options_t *options = new_options(8 * MIB);
  (void)state;
  for (int i = 0; i < 3; i++) assert_int_equal(2 * 1000, run_with(loop, options, 1000)); /* 4 MiB, of a 64 KiB default */
  task_options_unref(options);
  loop_unref(loop);
}

static void task_without_options_has_the_loops_stack(void **state) {
  loop_t *loop = new_virtual_loop();
  task_options_t *defaults = new_options(0);
  (void)state;
  assert_int_equal(2 * 4, run_with(loop, NULL, 4));
  assert_int_equal(2 * 4, run_with(loop, defaults, 4));
  task_options_unref(defaults);
  loop_unref(loop);
}

static int sleep_once(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return await_sleep(1);
}

/* Returns how many kilobytes of memory this process uses. */
static size_t resident(void) {
  unsigned long total = 0, pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(2, fscanf(file, "%lu %lu", &total, &pages));
  fclose(file);
  return pages * PAGE / 1024;
}

static void many_large_stacks_of_many_sizes_leak_no_memory(void **state) {
  loop_t *loop = new_virtual_loop();
  size_t before;
  (void)state;
  assert_int_equal(0, run_with(loop, NULL, 0));
  before = resident();
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < MANY; i++) {
      task_options_t *options = new_options((size_t)(20 + i % 50) * PAGE);
      assert_ok(loop_create_task_with(loop, options, sleep_once, NULL, NULL, NULL));
      task_options_unref(options);
    }
    run_dry(loop);
  }
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
  assert_true(resident() < before + 8 * 1024);
#endif
  (void)before;
  loop_unref(loop);
}

static int wait_for_good(void *userdata, value_t **ret_value) { return await_future(userdata, ret_value); }

static void task_dropped_while_pending_takes_its_stack_along(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  future_t *future = new_future(loop);
  task_options_t *options = new_options(MIB);
  (void)state;
  collect_reports(loop, &trace);
  assert_ok(loop_create_task_with(loop, options, wait_for_good, future, NULL, NULL));
  turn(loop);
  future_unref(future);
  assert_trace("[Task was destroyed but it is pending!]", &trace);
  assert_int_equal(2 * 200, run_with(loop, options, 200)); /* on the same stack */
  task_options_unref(options);
  loop_unref(loop);
}

/* ---- the end of such a stack ---- */

/* Runs, in a child process, a body that needs `pages` pages of its stack of 1024, after `rounds` others that used that
 * stack. Returns how the child ended. */
static int fate_of_a_body_that_needs(int pages, int rounds) {
  int status, depth = pages - 1, none = 0;
  pid_t child = fork();
  if (child == 0) {
    loop_t *loop;
    task_options_t *options;
    signal(SIGSEGV, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (loop_new(NULL, &loop) || task_options_new(&options)) _exit(2);
    if (task_options_set_stack_size(options, 1024 * PAGE)) _exit(2);
    for (int i = 0; i <= rounds; i++) {
      if (loop_create_task_with(loop, options, fill_twice, i == rounds ? &depth : &none, NULL, NULL)) _exit(2);
      for (int turns = 0; turns < 3; turns++) loop_run_once(loop, 0);
    }
    _exit(0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  return status;
}

static void stack_of_the_chosen_size_suffices(void **state) {
  (void)state;
  assert_int_equal(0, fate_of_a_body_that_needs(900, 0));
  assert_int_equal(0, fate_of_a_body_that_needs(900, 2));
}

static void overflow_of_a_larger_stack_dies_on_the_guard_page(void **state) {
  (void)state;
  for (int rounds = 0; rounds < 3; rounds++) { /* also when the stack was used before */
    int status = fate_of_a_body_that_needs(1030, rounds);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGSEGV, WTERMSIG(status));
  }
}

/* ---- misuse ---- */

static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  fail_msg("a body ran that should not");
  return 0;
}

static void options_refuse_wrong_arguments(void **state) {
  loop_t *loop = new_virtual_loop();
  task_options_t *options = new_options(MIB);
  (void)state;
  assert_status(-EINVAL, task_options_new(NULL));
  assert_status(-EINVAL, task_options_set_stack_size(NULL, MIB));
  assert_status(-EINVAL, task_options_set_stack_size(options, SIZE_MAX / 4 + 1));
  assert_int_equal(2 * 200, run_with(loop, options, 200)); /* the stack has the size that it was made with */
  assert_ptr_equal(options, task_options_ref(options));
  task_options_unref(options);
  task_options_unref(options);
  task_options_unref(NULL);
  assert_null(task_options_ref(NULL));
  loop_unref(loop);
}

static void create_task_that_fails_destroys_its_userdata(void **state) {
  loop_t *loop = new_virtual_loop();
  task_options_t *impossible = new_options(SIZE_MAX / 4);
  task_t *untouched = (task_t *)state;
  size_t count;
  int destroyed = 0;
  assert_status(-EINVAL, loop_create_task_with(NULL, NULL, never_run, &destroyed, count_destroy, &untouched));
  assert_status(-EINVAL, loop_create_task_with(loop, NULL, NULL, &destroyed, count_destroy, &untouched));
  assert_status(-ENOMEM, loop_create_task_with(loop, impossible, never_run, &destroyed, count_destroy, &untouched));
  assert_ok(loop_all_tasks(loop, NULL, 0, &count));
  assert_int_equal(0, count);
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_create_task_with(loop, NULL, never_run, &destroyed, count_destroy, &untouched));
  assert_int_equal(4, destroyed);
  assert_ptr_equal(state, untouched);
  task_options_unref(impossible);
  loop_unref(loop);
}

static void unsupported_without_the_feature(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_status(LOOP_ENOTSUPPORTED, loop_create_task_with(loop, NULL, never_run, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest without[] = {TEST(unsupported_without_the_feature)};
  const struct CMUnitTest tests[] = {
      TEST(task_with_a_larger_stack_recurses_deep),
      TEST(task_without_options_has_the_loops_stack),
      TEST(many_large_stacks_of_many_sizes_leak_no_memory),
      TEST(task_dropped_while_pending_takes_its_stack_along),
      TEST(stack_of_the_chosen_size_suffices),
      TEST(overflow_of_a_larger_stack_dies_on_the_guard_page),
      TEST(options_refuse_wrong_arguments),
      TEST(create_task_that_fails_destroys_its_userdata),
  };
  exception_t *none;
  int supported = await_exception(&none) != LOOP_ENOTSUPPORTED;
  if (!supported) return cmocka_run_group_tests_name("stack_size", without, NULL, NULL);
  return cmocka_run_group_tests_name("stack_size", tests, NULL, NULL);
}
