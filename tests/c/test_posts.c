/* loop_call_soon_threadsafe: its order among other callbacks, and loops that are closed meanwhile. */
#include "support.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static struct mark marks[6];

static struct mark *mark_of(struct trace *trace, int number) {
  static const char *const words[] = {"a", "b", "c", "d", "e", "f"};
  marks[number] = (struct mark){trace, words[number]};
  return &marks[number];
}

/* Alternately by call_soon and call_soon_threadsafe, with and without a handle. */
static void post_in_turn(loop_t *loop, void *trace) {
  handle_t *handle;
  assert_ok(loop_call_soon(loop, mark_callback, mark_of(trace, 0), NULL, NULL));
  assert_ok(loop_call_soon_threadsafe(loop, mark_callback, mark_of(trace, 1), NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, mark_of(trace, 2), NULL, NULL));
  assert_ok(loop_call_soon_threadsafe(loop, mark_callback, mark_of(trace, 3), NULL, &handle));
  handle_unref(handle);
  assert_ok(loop_call_soon(loop, mark_callback, mark_of(trace, 4), NULL, &handle));
  handle_unref(handle);
}

static void posts_on_the_loops_own_thread_are_next_in_line(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  (void)state;
  assert_ok(loop_call_soon(loop, post_in_turn, &trace, NULL, NULL));
  turn(loop);
  turn(loop);
  assert_trace("a b c d e", &trace);
  loop_unref(loop);
}

static void posts_without_a_run_are_called_in_their_order(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  (void)state;
  post_in_turn(loop, &trace);
  turn(loop);
  assert_trace("a b c d e", &trace);
  loop_unref(loop);
}

/* The callbacks of a future that is completed, and the step of a task that is made, also come after earlier posts. */
static void posts_without_a_run_come_before_later_wake_ups(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  future_t *future = new_future(loop);
  (void)state;
  assert_ok(future_add_done_callback(future, mark_done, mark_of(&trace, 1), NULL));
  assert_ok(loop_call_soon_threadsafe(loop, mark_callback, mark_of(&trace, 0), NULL, NULL));
  assert_ok(future_set_result(future, NULL));
  assert_ok(loop_call_soon_threadsafe(loop, mark_callback, mark_of(&trace, 2), NULL, NULL));
  task_unref(new_task(loop, mark_step, mark_of(&trace, 3)));
  turn(loop);
  assert_trace("a b c d", &trace);
  future_unref(future);
  loop_unref(loop);
}

static void post_itself(loop_t *loop, void *left) {
  if (--*(int *)left > 0) assert_ok(loop_call_soon_threadsafe(loop, post_itself, left, NULL, NULL));
}

/* A callback that a callback posts runs in a later turn. */
static void posts_of_a_callback_run_in_the_next_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  int left = 3;
  (void)state;
  assert_ok(loop_call_soon_threadsafe(loop, post_itself, &left, NULL, NULL));
  for (int n = 2; n >= 0; n--) {
    turn(loop);
    assert_int_equal(n, left);
  }
  loop_unref(loop);
}

static int destroyed;
static void count_atomically(void *userdata) {
  (void)userdata;
  __atomic_add_fetch(&destroyed, 1, __ATOMIC_RELAXED);
}

/* Posts, and gives the handle up at once, until the loop is closed. Returns how many it posted. */
static void *post_and_drop(void *loop) {
  intptr_t posts = 0;
  handle_t *handle, *kept = NULL;
  int status;
  while ((status = loop_call_soon_threadsafe(loop, ignore_callback, NULL, count_atomically, &handle)) == 0) {
    posts++;
    handle_unref(kept);
    kept = handle;
  }
  handle_unref(kept);
  loop_unref(loop);
  return (void *)(posts + 1);
}

static void posts_with_handles_race_with_close(void **state) {
  (void)state;
  for (int round = 0; round < 100; round++) {
    loop_t *loop = new_loop();
    pthread_t threads[2];
    intptr_t expected = 0;
    destroyed = 0;
    for (int i = 0; i < 2; i++) assert_int_equal(0, pthread_create(&threads[i], NULL, post_and_drop, loop_ref(loop)));
    if (round % 2) turn(loop);
    usleep(round % 7 * 50);
    assert_ok(loop_close(loop));
    loop_unref(loop);
    for (int i = 0; i < 2; i++) {
      void *posts;
      pthread_join(threads[i], &posts);
      expected += (intptr_t)posts;
    }
    assert_int_equal(expected, destroyed);
  }
}

static void posts_handle_that_outlives_its_loop_is_dropped_anywhere(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_soon_threadsafe(loop, never_call, NULL, NULL, &handle));
  loop_unref(loop);
  assert_int_equal(0, handle_cancelled(handle));
  assert_ok(handle_cancel(handle));
  assert_int_equal(1, handle_cancelled(handle));
  handle_unref(handle);
}

/* No thread runs the loop: posts are refused before they fill the memory, and accepted again once the loop has run. */
static void posts_beyond_the_limit_are_refused(void **state) {
  loop_options_t *options;
  loop_t *loop;
  handle_t *handle = NULL;
  int status, posts = 0, refused = 0;
  (void)state;
  assert_ok(loop_options_new(&options));
  assert_status(-EINVAL, loop_options_set_post_limit(options, 0));
  assert_status(-EINVAL, loop_options_set_post_limit(NULL, 1));
  assert_ok(loop_options_set_post_limit(options, 100000));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  for (int round = 0; round < 2; round++) {
    posts = 0;
    while ((status = loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL)) == 0) posts++;
    assert_status(-ENOBUFS, status);
    assert_in_range(posts, 5000, 100000 / 16);
    assert_status(-ENOBUFS, loop_call_soon_threadsafe(loop, never_call, &refused, count_destroy, &handle));
    assert_status(-ENOBUFS, loop_call_soon_locked(loop, never_call, &refused, count_destroy, NULL));
    turn(loop);
  }
  assert_true(refused == 4 && handle == NULL);
  assert_ok(loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL));
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(posts_on_the_loops_own_thread_are_next_in_line),
      TEST(posts_without_a_run_are_called_in_their_order),
      TEST(posts_without_a_run_come_before_later_wake_ups),
      TEST(posts_of_a_callback_run_in_the_next_turn),
      TEST(posts_with_handles_race_with_close),
      TEST(posts_beyond_the_limit_are_refused),
      TEST(posts_handle_that_outlives_its_loop_is_dropped_anywhere),
  };
  return cmocka_run_group_tests_name("posts", tests, NULL, NULL);
}
