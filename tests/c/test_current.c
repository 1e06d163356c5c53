/* The current loop of a thread: loop_get_current, loop_set_current. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static void current_loop_is_none_until_one_is_set(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_null(loop_get_current());
  assert_ok(loop_set_current(loop));
  assert_ptr_equal(loop, loop_get_current());
  assert_null(loop_get_running());
  assert_ok(loop_set_current(NULL));
  assert_null(loop_get_current());
  loop_unref(loop);
}

static void current_loop_is_kept(void **state) {
  loop_t *loop = new_virtual_loop(), *other = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  assert_ok(loop_set_current(loop));
  loop_unref(loop);
  assert_int_equal(0, loop_is_closed(loop_get_current()));
  assert_int_equal(0, destroyed);
  assert_ok(loop_set_current(loop_get_current())); /* the same loop: its reference is not given up in between */
  assert_int_equal(0, destroyed);
  assert_ok(loop_set_current(other));
  assert_int_equal(1, destroyed);
  assert_ok(loop_set_current(NULL));
  loop_unref(other);
}

static void current_loop_may_be_closed(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_ok(loop_set_current(loop));
  assert_ok(loop_close(loop));
  assert_ptr_equal(loop, loop_get_current());
  assert_ok(loop_set_current(NULL));
  assert_ok(loop_set_current(loop)); /* as in asyncio */
  assert_ok(loop_set_current(NULL));
  loop_unref(loop);
}

struct both {
  loop_t *set, *runs;
  int seen;
};

static void see_the_running_one(loop_t *loop, void *userdata) {
  struct both *both = userdata;
  assert_ptr_equal(both->runs, loop_get_current());
  assert_ok(loop_set_current(loop));
  assert_ok(loop_set_current(both->set));
  assert_ptr_equal(loop, loop_get_current());
  both->seen++;
}

static void running_loop_is_the_current_one(void **state) {
  struct both both = {new_virtual_loop(), new_virtual_loop(), 0};
  (void)state;
  assert_ok(loop_set_current(both.set));
  assert_ok(loop_call_soon(both.runs, see_the_running_one, &both, NULL, NULL));
  turn(both.runs);
  assert_int_equal(1, both.seen);
  assert_ptr_equal(both.set, loop_get_current());
  assert_ok(loop_set_current(NULL));
  loop_unref(both.set);
  loop_unref(both.runs);
}

static void note_current(task_t *task, void *userdata) {
  *(loop_t **)userdata = loop_get_current();
  assert_ptr_equal(task_get_loop(task), loop_get_current());
}

static void loop_run_does_not_change_the_current_loop(void **state) {
  loop_t *loop = new_virtual_loop(), *seen = NULL;
  (void)state;
  assert_ok(loop_set_current(loop));
  assert_ok(loop_run(NULL, note_current, &seen, NULL, NULL, NULL));
  assert_ptr_not_equal(loop, seen);
  assert_ptr_equal(loop, loop_get_current());
  assert_ok(loop_set_current(NULL));
  loop_unref(loop);
}

/* ---- threads ---- */

struct errand {
  loop_t *loop, *second;
  int destroyed;
};

static void *set_in_a_thread(void *userdata) {
  struct errand *errand = userdata;
  if (loop_get_current() || loop_set_current(errand->loop)) return NULL;
  loop_unref(errand->loop);
  return loop_get_current();
}

/* The thread keeps the loop until the thread ends; then the loop is destroyed, with what is scheduled on it. */
static void thread_that_ends_gives_its_loop_up(void **state) {
  struct errand errand = {.loop = new_virtual_loop()};
  loop_t *mine = new_virtual_loop();
  pthread_t thread;
  void *seen;
  (void)state;
  assert_ok(loop_set_current(mine));
  assert_ok(loop_call_soon(errand.loop, never_call, &errand.destroyed, count_destroy, NULL));
  assert_int_equal(0, pthread_create(&thread, NULL, set_in_a_thread, &errand));
  assert_int_equal(0, pthread_join(thread, &seen));
  assert_ptr_equal(errand.loop, seen);
  assert_int_equal(1, errand.destroyed);
  assert_ptr_equal(mine, loop_get_current());
  assert_ok(loop_set_current(NULL));
  loop_unref(mine);
}

static void set_the_second(void *userdata) {
  struct errand *errand = userdata;
  errand->destroyed += loop_get_current() == NULL && loop_set_current(errand->second) == 0;
  loop_unref(errand->second);
}

/* A destroy that the end of the thread runs sets another loop: that one is destroyed too. */
static void loop_set_while_the_thread_ends_is_given_up(void **state) {
  struct errand errand = {.loop = new_virtual_loop(), .second = new_virtual_loop()};
  pthread_t thread;
  (void)state;
  assert_ok(loop_call_soon(errand.loop, never_call, &errand, set_the_second, NULL));
  assert_int_equal(0, pthread_create(&thread, NULL, set_in_a_thread, &errand));
  assert_int_equal(0, pthread_join(thread, NULL));
  assert_int_equal(1, errand.destroyed);
}

static void *run_here(void *userdata) {
  return loop_run_forever(userdata) == 0 ? userdata : NULL;
}

/* "also if it runs in another thread": a thread may set and ask for a loop that another one is running. */
static void current_loop_may_run_in_another_thread(void **state) {
  loop_t *loop = new_loop();
  pthread_t thread;
  void *ran;
  (void)state;
  assert_int_equal(0, pthread_create(&thread, NULL, run_here, loop));
  for (int i = 0; i < 1000; i++) {
    assert_ok(loop_set_current(loop));
    assert_ptr_equal(loop, loop_get_current());
    assert_ok(loop_set_current(NULL));
  }
  assert_ok(loop_stop_threadsafe(loop));
  assert_int_equal(0, pthread_join(thread, &ran));
  assert_non_null(ran);
  loop_unref(loop);
}

/* ---- fork ---- */

/* Returns 0 if all is well in the child, else the line that failed. */
static int look_in_the_child(loop_t *parents) {
  loop_t *own;
  if (loop_get_current()) return 1;
  if (loop_set_current(parents) != LOOP_EFORKED) return 2;
  if (loop_new(NULL, &own) || loop_set_current(own)) return 3;
  if (loop_get_current() != own) return 4;
  loop_unref(own);
  return loop_set_current(NULL) || loop_get_current() ? 5 : 0;
}

static void child_of_a_fork_has_no_current_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  int status, destroyed = 0;
  pid_t child;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  assert_ok(loop_set_current(loop));
  child = fork();
  if (child == 0) _exit(look_in_the_child(loop));
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
  assert_ptr_equal(loop, loop_get_current());
  assert_int_equal(0, destroyed);
  assert_ok(loop_set_current(NULL));
  loop_unref(loop);
}

/* Skips the sanitizer's search for leaks: the child has lost the stacks of its other threads. */
static void end_at_once(void) { _exit(0); }

/* The thread that forked ends in the child too: the parent's loop is not destroyed there. */
static void *fork_in_a_thread(void *userdata) {
  struct errand *errand = userdata;
  int status = -1;
  pid_t child;
  if (loop_set_current(errand->loop)) return NULL;
  loop_unref(errand->loop);
  child = fork();
  if (child == 0) {
    atexit(end_at_once);
    pthread_exit(NULL);
  }
  errand->second = waitpid(child, &status, 0) == child && status == 0 ? errand->loop : NULL;
  return NULL;
}

static void destroyed_in_the_parent_only(void *userdata) {
  struct errand *errand = userdata;
  if (errand->destroyed != getpid()) _exit(9);
  errand->destroyed = 0;
}

static void thread_that_ends_in_a_child_does_not_touch_the_parents_loop(void **state) {
  struct errand errand = {.loop = new_virtual_loop(), .destroyed = getpid()};
  pthread_t thread;
  (void)state;
  assert_ok(loop_call_soon(errand.loop, never_call, &errand, destroyed_in_the_parent_only, NULL));
  assert_int_equal(0, pthread_create(&thread, NULL, fork_in_a_thread, &errand));
  assert_int_equal(0, pthread_join(thread, NULL));
  assert_non_null(errand.second);
  assert_int_equal(0, errand.destroyed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(current_loop_is_none_until_one_is_set),
      TEST(current_loop_is_kept),
      TEST(current_loop_may_be_closed),
      TEST(running_loop_is_the_current_one),
      TEST(loop_run_does_not_change_the_current_loop),
      TEST(thread_that_ends_gives_its_loop_up),
      TEST(loop_set_while_the_thread_ends_is_given_up),
      TEST(current_loop_may_run_in_another_thread),
      TEST(child_of_a_fork_has_no_current_loop),
      TEST(thread_that_ends_in_a_child_does_not_touch_the_parents_loop),
  };
  return cmocka_run_group_tests_name("current", tests, NULL, NULL);
}
