/* The stacks of bodies: many at once, used again, dropped while the body waits, and too small. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bodies.h"

#if defined(__SANITIZE_THREAD__)
enum { MANY = 1000 }; /* ThreadSanitizer has room for 8128 threads, and a stack counts as one */
#else
enum { MANY = 10000 };
#endif

/* ---- nesting ---- */

struct level {
  loop_t *loop;
  int depth;
};

/* Returns 1 + the result of a task one level deeper; at the bottom, 0. */
static int deepen(void *userdata, value_t **ret_value) {
  struct level *level = userdata, deeper = {level->loop, level->depth - 1};
  value_t *value = NULL;
  task_t *task;
  int status;
  if (level->depth == 0) return value_new_int(0, ret_value);
  task = new_body(level->loop, deepen, &deeper);
  status = await_future(task_as_future(task), &value);
  task_unref(task);
  return status ? status : value_new_int(1 + take_int(value), ret_value);
}

static void bodies_await_one_another_a_hundred_deep(void **state) {
  loop_t *loop = new_virtual_loop();
  struct level level = {loop, 100};
  value_t *value;
  (void)state;
  assert_ok(run_body(loop, deepen, &level, &value));
  assert_int_equal(100, take_int(value));
  loop_unref(loop);
}

static int sum_of_sleeps(void *userdata, value_t **ret_value) {
  int *sum = userdata, kept[16];
  (void)ret_value;
  for (int i = 0; i < 16; i++) {
    kept[i] = i;
    assert_ok(await_sleep(0));
  }
  for (int i = 0; i < 16; i++) *sum += kept[i];
  return 0;
}

static void ten_thousand_live_bodies_keep_their_variables(void **state) {
  loop_t *loop = new_virtual_loop();
  int sum = 0;
  (void)state;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < MANY; i++) assert_ok(loop_create_task(loop, sum_of_sleeps, &sum, NULL, NULL));
    run_dry(loop);
  }
  assert_int_equal(2 * MANY * 120, sum);
  loop_unref(loop);
}

/* ---- dropped while pending ---- */

static int await_forever(void *userdata, value_t **ret_value) {
  int status = await_future(((struct story *)userdata)->future, ret_value);
  fail_msg("a dropped body went on");
  return status;
}

static void destroy_story(void *userdata) { trace_add(&((struct story *)userdata)->trace, "destroyed"); }

static void body_that_nothing_can_wake_is_dropped_and_reported(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(loop_create_task(loop, await_forever, &story, destroy_story, NULL));
  turn(loop);
  future_unref(story.future);
  assert_trace("[Task was destroyed but it is pending!] destroyed", &story.trace);
  loop_unref(loop);
}

static void bodies_pending_when_the_loop_is_destroyed_are_dropped(void **state) {
  loop_t *loop = new_virtual_loop();
  struct story story = {.future = new_future(loop)};
  (void)state;
  collect_reports(loop, &story.trace);
  assert_ok(loop_create_task(loop, await_forever, &story, destroy_story, NULL)); /* waits */
  turn(loop);
  assert_ok(loop_create_task(loop, never_run, &story, destroy_story, NULL)); /* has not started */
  assert_ok(loop_close(loop));
  loop_unref(loop);
  future_unref(story.future);
  assert_trace("[Task was destroyed but it is pending!] destroyed [Task was destroyed but it is pending!] destroyed",
               &story.trace);
}

static void stacks_are_used_again(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  for (int i = 0; i < MANY; i++) assert_ok(run_body(loop, return_nothing, NULL, NULL));
  loop_unref(loop);
}

/* ---- the end of the stack ---- */

static int fill(int depth) {
  volatile char room[4096];
  memset((char *)room, depth, sizeof room);
  return depth ? fill(depth - 1) + room[depth] : 0;
}

static int fill_stack(void *depth, value_t **ret_value) {
  (void)ret_value;
  return fill(*(int *)depth) ? 0 : 0;
}

/* Runs a body that needs `pages` pages of its stack of 32 in a child process. Returns how the child ended. */
static int fate_of_a_body_that_needs(int pages) {
  int status, depth = pages - 1;
  pid_t child = fork();
  if (child == 0) {
    loop_options_t *options;
    loop_t *loop;
    signal(SIGSEGV, SIG_DFL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    if (loop_options_new(&options) || loop_options_set_stack_size(options, 32 * 4096)) _exit(2);
    if (loop_new(options, &loop) || loop_create_task(loop, fill_stack, &depth, NULL, NULL)) _exit(2);
    loop_run_once(loop, 0);
    _exit(0);
  }
  assert_int_equal(child, waitpid(child, &status, 0));
  return status;
}

static void stack_of_the_chosen_size_suffices(void **state) {
  (void)state;
  assert_int_equal(0, fate_of_a_body_that_needs(16));
}

static void stack_overflow_dies_on_the_guard_page(void **state) {
  int status = fate_of_a_body_that_needs(40);
  (void)state;
  assert_true(WIFSIGNALED(status));
  assert_int_equal(SIGSEGV, WTERMSIG(status));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(bodies_await_one_another_a_hundred_deep),
      TEST(ten_thousand_live_bodies_keep_their_variables),
      TEST(body_that_nothing_can_wake_is_dropped_and_reported),
      TEST(bodies_pending_when_the_loop_is_destroyed_are_dropped),
      TEST(stacks_are_used_again),
      TEST(stack_of_the_chosen_size_suffices),
      TEST(stack_overflow_dies_on_the_guard_page),
  };
  return cmocka_run_group_tests_name("coroutine_stack", tests, NULL, NULL);
}
