/* Context variables: each callback, task and handler runs in the context in which it was scheduled. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "support.h"

struct story {
  loop_t *loop;
  context_var_t *var;
  int64_t seen[8];
  int count;
};

static void open_story(struct story *s) {
  *s = (struct story){.loop = new_virtual_loop()};
  assert_ok(context_var_new("v", NULL, &s->var));
}
static void close_story(struct story *s) {
  loop_unref(s->loop);
  context_var_unref(s->var);
}
static void set(struct story *s, int64_t integer) {
  value_t *value = new_int(integer);
  assert_ok(context_var_set(s->var, s->loop, value));
  value_unref(value);
}
static int64_t get(const struct story *s) {
  value_t *value = NULL;
  assert_ok(context_var_get(s->var, s->loop, &value));
  return value ? take_int(value) : 0;
}
/* Notes the value, and sets another one, which no other callback may see. */
static void see(struct story *s) {
  s->seen[s->count++] = get(s);
  set(s, 99);
}
static void see_in_callback(loop_t *loop, void *story) {
  (void)loop;
  see(story);
}
static void see_in_done_callback(future_t *future, void *story) {
  (void)future;
  see(story);
}
static void see_again(task_t *task, void *story) {
  (void)task;
  ((struct story *)story)->seen[((struct story *)story)->count++] = get(story);
}
static void see_in_step(task_t *task, void *story) {
  see(story);
  assert_ok(task_sleep(task, 1, see_again));
}

static void assert_seen(const struct story *s, int count, const int64_t *expected) {
  assert_int_equal(count, s->count);
  for (int i = 0; i < count; i++) assert_int_equal(expected[i], s->seen[i]);
}

static void context_is_that_of_the_registration(void **state) {
  struct story s;
  handle_t *handle;
  (void)state;
  open_story(&s);
  assert_ok(loop_call_soon(s.loop, see_in_callback, &s, NULL, NULL));
  set(&s, 1);
  assert_ok(loop_call_soon(s.loop, see_in_callback, &s, NULL, NULL));
  set(&s, 2);
  assert_ok(loop_call_soon(s.loop, see_in_callback, &s, NULL, &handle));
  set(&s, 3);
  assert_ok(loop_call_later(s.loop, 1, see_in_callback, &s, NULL, NULL));
  set(&s, 4);
  run_dry(s.loop);
  assert_seen(&s, 4, (int64_t[]){0, 1, 2, 3});
  assert_int_equal(4, get(&s));
  handle_unref(handle);
  close_story(&s);
}

static void context_of_done_callbacks_and_tasks(void **state) {
  struct story s;
  (void)state;
  open_story(&s);
  future_t *future = new_future(s.loop);
  set(&s, 1);
  assert_ok(future_add_done_callback(future, see_in_done_callback, &s, NULL));
  set(&s, 2);
  task_t *task = new_task(s.loop, see_in_step, &s);
  set(&s, 3);
  assert_ok(future_set_result(future, NULL));
  run_dry(s.loop);
  assert_seen(&s, 3, (int64_t[]){2, 1, 99}); /* a value that a task sets is the task's own */
  assert_int_equal(3, get(&s));
  task_unref(task), future_unref(future);
  close_story(&s);
}

static void context_of_watchers_and_signal_handlers(void **state) {
  struct story s;
  int ends[2];
  (void)state;
  open_story(&s);
  assert_int_equal(0, pipe(ends));
  set(&s, 1);
  assert_ok(loop_add_writer(s.loop, ends[1], see_in_callback, &s, NULL));
  set(&s, 2);
  assert_ok(loop_add_signal_handler(s.loop, SIGUSR1, see_in_callback, &s, NULL));
  set(&s, 3);
  for (int i = 0; s.count < 2; i++) turn(s.loop); /* each call has a new copy */
  assert_seen(&s, 2, (int64_t[]){1, 1});
  assert_ok(loop_remove_writer(s.loop, ends[1], NULL));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(0, raise(SIGUSR1));
    while (s.count < 3 + i) turn(s.loop);
  }
  assert_seen(&s, 4, (int64_t[]){1, 1, 2, 2});
  assert_int_equal(3, get(&s));
  close(ends[0]), close(ends[1]);
  close_story(&s);
}

static void context_posted_from_inside_is_that_of_the_poster(void **state) {
  struct story s;
  (void)state;
  open_story(&s);
  set(&s, 1);
  assert_ok(loop_call_soon_threadsafe(s.loop, see_in_callback, &s, NULL, NULL));
  run_dry(s.loop);
  assert_seen(&s, 1, (int64_t[]){0}); /* no thread runs the loop, so its context is not used */
  close_story(&s);
}

static void context_switched_is_handed_back(void **state) {
  struct story s;
  context_t *one, *two, *former = NULL;
  (void)state;
  open_story(&s);
  set(&s, 1);
  assert_ok(context_copy(s.loop, &one));
  set(&s, 2);
  assert_ok(context_switch(s.loop, one, &former));
  assert_int_equal(1, get(&s));
  set(&s, 5); /* does not change the copy */
  assert_ok(context_switch(s.loop, former, &two));
  assert_int_equal(2, get(&s));
  context_unref(former), context_unref(two);
  assert_ok(context_switch(s.loop, one, NULL));
  assert_int_equal(1, get(&s));
  context_unref(one);
  close_story(&s);
}

static void context_of_several_variables_keeps_each(void **state) {
  struct story s;
  context_var_t *other;
  value_t *value = NULL, *fallback = new_int(7);
  (void)state;
  open_story(&s);
  assert_ok(context_var_new("w", fallback, &other));
  set(&s, 1);
  assert_ok(context_var_get(other, s.loop, &value));
  assert_int_equal(7, take_int(value));
  value = new_int(8);
  assert_ok(context_var_set(other, s.loop, value));
  value_unref(value);
  set(&s, 2), set(&s, 3);
  assert_ok(context_var_get(other, s.loop, &value));
  assert_int_equal(8, take_int(value));
  assert_int_equal(3, get(&s));
  value_unref(fallback);
  context_var_unref(other);
  close_story(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(context_is_that_of_the_registration),     TEST(context_of_done_callbacks_and_tasks),
      TEST(context_of_watchers_and_signal_handlers), TEST(context_posted_from_inside_is_that_of_the_poster),
      TEST(context_switched_is_handed_back),         TEST(context_of_several_variables_keeps_each),
  };
  return cmocka_run_group_tests_name("context", tests, NULL, NULL);
}
