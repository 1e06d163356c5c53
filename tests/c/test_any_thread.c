/* Each function whose comment says "Thread: any" is called from two threads while a third, which calls it too, runs
 * the loop. This is for ThreadSanitizer. Hosts are in test_any_host.c. tests/any_thread.py checks that no function
 * is missing. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#include "support.h"

enum { ROUNDS = 100, CALLERS = 2 };
static const int tag;

/* What the threads share. The objects were made before the loop began to run. */
struct shared {
  loop_t *loop;
  void (*call)(struct shared *shared, int on_loop);
  atomic_int failed, over;
  future_t *future;
  task_t *task;
  coroutine_t *coroutine;
  handle_t *handle;
  completion_t *completion;
  timeout_t *timeout;
  task_group_t *group;
  lock_t *lock;
  event_t *event;
  condition_t *condition;
  semaphore_t *semaphore;
  barrier_t *barrier;
  queue_t *queue;
  context_t *context;
  context_var_t *var;
  concurrent_t *concurrent;
  value_t *value, *list;
  exception_t *exception, *group_exception;
};

/* cmocka's assertions may be used only on its own thread. */
#define expect(condition)                                                                           \
  do {                                                                                              \
    if (!(condition) && atomic_fetch_add(&shared->failed, 1) == 0) print_error("%s\n", #condition); \
  } while (0)

static void step_for_ever(task_t *task, void *userdata) {
  (void)userdata;
  (void)task_sleep(task, 3600, never_step);
}

static void make_primitives(struct shared *s) {
  assert_ok(lock_new(s->loop, &s->lock));
  assert_ok(event_new(s->loop, &s->event));
  assert_ok(condition_new(s->loop, s->lock, &s->condition));
  assert_ok(semaphore_new(s->loop, 1, &s->semaphore));
  assert_ok(barrier_new(s->loop, 2, &s->barrier));
  assert_ok(queue_new(s->loop, 0, &s->queue));
}

static void make_objects(struct shared *s) {
  s->future = new_future(s->loop);
  s->task = new_task(s->loop, step_for_ever, NULL);
  assert_ok(coroutine_sleep(s->loop, 1, &s->coroutine));
  assert_ok(loop_call_later(s->loop, 3600, never_call, NULL, NULL, &s->handle));
  assert_ok(loop_as_completed(s->loop, &s->future, 1, -1, &s->completion));
  assert_ok(timeout_new(s->loop, INFINITY, &s->timeout));
  assert_ok(task_group_new(s->loop, &s->group));
  make_primitives(s);
}

static void make_values(struct shared *s) {
  exception_t *noted;
  assert_ok(value_new_text("shared", &s->value));
  assert_ok(value_new_list(&s->value, 1, &s->list));
  assert_ok(context_var_new("shared", s->value, &s->var));
  assert_ok(context_var_set(s->var, s->loop, s->value));
  assert_ok(context_copy(s->loop, &s->context));
  noted = new_exception("ValueError", "shared");
  assert_ok(exception_new_with_note(noted, "note", &s->exception));
  exception_unref(noted);
  assert_ok(exception_new_group("group", &s->exception, 1, &s->group_exception));
}

static void drop_objects(struct shared *s) {
  future_unref(s->future), task_unref(s->task), coroutine_unref(s->coroutine), handle_unref(s->handle);
  completion_unref(s->completion), timeout_unref(s->timeout), task_group_unref(s->group);
  lock_unref(s->lock), event_unref(s->event), condition_unref(s->condition), semaphore_unref(s->semaphore);
  barrier_unref(s->barrier), queue_unref(s->queue);
  context_unref(s->context), context_var_unref(s->var), concurrent_unref(s->concurrent);
  value_unref(s->value), value_unref(s->list);
  exception_unref(s->exception), exception_unref(s->group_exception);
}

/* ---- the threads ---- */

static void call_and_come_again(loop_t *loop, void *userdata) {
  struct shared *shared = userdata;
  if (atomic_load(&shared->over)) return;
  shared->call(shared, 1);
  expect(loop_call_soon(loop, call_and_come_again, shared, NULL, NULL) == 0);
}

static void *run_loop(void *userdata) {
  struct shared *shared = userdata;
  expect(loop_call_soon(shared->loop, call_and_come_again, shared, NULL, NULL) == 0);
  while (!atomic_load(&shared->over)) expect(loop_run_forever(shared->loop) == 0);
  return NULL;
}

static void *call_again_and_again(void *userdata) {
  struct shared *shared = userdata;
  for (int i = 0; i < ROUNDS; i++) shared->call(shared, 0);
  return NULL;
}

static void in_all_threads(void (*call)(struct shared *shared, int on_loop)) {
  struct shared shared = {.loop = new_loop(), .call = call};
  pthread_t runner, callers[CALLERS];
  make_objects(&shared);
  make_values(&shared);
  task_set_log_destroy_pending(shared.task, 0);
  assert_ok(loop_ensure_future_threadsafe(shared.loop, return_seven, NULL, NULL, &shared.concurrent));
  assert_int_equal(0, pthread_create(&runner, NULL, run_loop, &shared));
  for (int i = 0; i < CALLERS; i++) {
    assert_int_equal(0, pthread_create(&callers[i], NULL, call_again_and_again, &shared));
  }
  for (int i = 0; i < CALLERS; i++) pthread_join(callers[i], NULL);
  atomic_store(&shared.over, 1);
  assert_ok(loop_stop_threadsafe(shared.loop));
  pthread_join(runner, NULL);
  drop_objects(&shared);
  loop_unref(shared.loop);
  assert_int_equal(0, atomic_load(&shared.failed));
}

/* ---- what they call ---- */

static void call_values(struct shared *shared, int on_loop) {
  value_t *values[8], *list, *item;
  int boolean, failed;
  int64_t integer;
  double number;
  const char *text;
  const void *data;
  void *userdata;
  size_t size;
  exception_t *exception;
  (void)on_loop;
  failed = value_new_bool(1, &values[0]) | value_new_int(INT64_MAX, &values[1]) | value_new_double(1.5, &values[2]);
  failed |= value_new_text("text", &values[3]) | value_new_text_sized("te", 2, &values[4]);
  failed |= value_new_bytes("b", 1, &values[5]) | value_new_foreign(&tag, shared, NULL, &values[6]);
  failed |= value_new_exception(shared->exception, &values[7]) | value_new_list(values, 8, &list);
  failed |= value_get_bool(values[0], &boolean) | value_get_int(values[1], &integer);
  failed |= value_get_double(values[2], &number) | value_get_text(shared->value, &text, &size);
  failed |= value_get_bytes(values[5], &data, &size) | value_get_size(shared->list, &size);
  failed |= value_get_item(shared->list, 0, &item) | value_get_foreign(values[6], &tag, &userdata);
  failed |= value_get_exception(values[7], &exception);
  failed |= value_take_fd(shared->value, &boolean) != LOOP_EKIND;
  expect(!failed && value_kind(list) == VALUE_LIST && value_equal(item, shared->value));
  for (int i = 0; i < 8; i++) value_unref(values[i]);
  value_unref(list);
  value_unref(value_ref(shared->list));
}

static void values_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_values);
}

static void call_exceptions(struct shared *shared, int on_loop) {
  exception_t *exceptions[6];
  void *userdata;
  int failed = exception_new("KeyError", "k", &exceptions[0]);
  (void)on_loop;
  failed |= exception_new_from_status(-EPIPE, &exceptions[1]);
  failed |= exception_new_foreign("ValueError", "v", &tag, shared, NULL, &exceptions[2]);
  failed |= exception_new_group("g", &shared->exception, 1, &exceptions[3]);
  failed |= exception_new_with_cause(shared->exception, exceptions[0], &exceptions[4]);
  failed |= exception_new_with_note(shared->exception, "n", &exceptions[5]);
  failed |= exception_get_foreign(exceptions[2], &tag, &userdata);
  expect(!failed && userdata == shared && exception_matches(shared->exception, "Exception"));
  expect(strcmp(exception_kind(shared->exception), "ValueError") == 0);
  expect(strcmp(exception_message(shared->exception), "shared") == 0);
  expect(exception_status(exceptions[1]) == -EPIPE && exception_cause(exceptions[4]) == exceptions[0]);
  expect(exception_value(exceptions[1]) == NULL);
  expect(exception_member_count(shared->group_exception) == 1);
  expect(exception_member(shared->group_exception, 0) == shared->exception);
  expect(exception_note_count(shared->exception) == 1 && strcmp(exception_note(shared->exception, 0), "note") == 0);
  for (int i = 0; i < 6; i++) exception_unref(exceptions[i]);
  exception_unref(exception_ref(shared->exception));
}

static void exceptions_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_exceptions);
}

static void call_references(struct shared *s, int on_loop) {
  (void)on_loop;
  future_unref(future_ref(s->future)), task_unref(task_ref(s->task)), handle_unref(handle_ref(s->handle));
  coroutine_unref(coroutine_ref(s->coroutine)), completion_unref(completion_ref(s->completion));
  timeout_unref(timeout_ref(s->timeout)), task_group_unref(task_group_ref(s->group));
  lock_unref(lock_ref(s->lock)), event_unref(event_ref(s->event)), condition_unref(condition_ref(s->condition));
  semaphore_unref(semaphore_ref(s->semaphore)), barrier_unref(barrier_ref(s->barrier));
  queue_unref(queue_ref(s->queue)), context_unref(context_ref(s->context));
  context_var_unref(context_var_ref(s->var)), concurrent_unref(concurrent_ref(s->concurrent));
  loop_unref(loop_ref(s->loop));
}

static void references_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_references);
}

static void call_questions(struct shared *shared, int on_loop) {
  context_var_t *var = NULL;
  expect(!loop_is_closed(shared->loop));
  expect(!on_loop || loop_is_running(shared->loop));
  (void)loop_is_running(shared->loop);
  expect(loop_get_running() == (on_loop ? shared->loop : NULL));
  expect(loop_live_objects() > 0 && loop_version()[0] != 0);
  expect(strcmp(loop_status_name(LOOP_ECLOSED), "LOOP_ECLOSED") == 0 && loop_status_message(-EPIPE)[0]);
  expect(future_as_task(shared->future) == NULL && task_as_future(shared->task) != NULL);
  expect(future_as_task(task_as_future(shared->task)) == shared->task);
  expect(condition_lock(shared->condition) == shared->lock);
  expect(strcmp(context_var_name(shared->var), "shared") == 0);
  expect(context_var_new("own", shared->value, &var) == 0);
  context_var_unref(var);
}

static void questions_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_questions);
}

static void call_posts(struct shared *shared, int on_loop) {
  handle_t *handle = NULL;
  expect(loop_call_soon_threadsafe(shared->loop, ignore_callback, NULL, NULL, NULL) == 0);
  expect(loop_call_soon_locked(shared->loop, ignore_callback, NULL, NULL, NULL) == 0); /* no hook: a post */
  expect(loop_call_soon_threadsafe(shared->loop, ignore_callback, NULL, NULL, &handle) == 0);
  handle_unref(handle_ref(handle));
  handle_unref(handle);
  if (!on_loop) expect(loop_stop_threadsafe(shared->loop) == 0);
}

static void posts_and_stops_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_posts);
}

static void call_concurrent(struct shared *shared, int on_loop) {
  concurrent_t *mine = NULL;
  value_t *value = NULL;
  exception_t *exception = NULL;
  int cancelled = 0;
  expect(loop_ensure_future_threadsafe(shared->loop, return_seven, NULL, NULL, &mine) == 0);
  (void)concurrent_done(shared->concurrent);
  if (!on_loop) {
    expect(concurrent_result(mine, 60, &value) == 0 && concurrent_exception(mine, 60, &exception) == 0);
    expect(concurrent_result(shared->concurrent, -1, NULL) == 0 && concurrent_done(shared->concurrent));
    expect(concurrent_exception(shared->concurrent, -1, &exception) == 0 && exception == NULL);
  }
  expect(concurrent_cancel(mine, &cancelled) == 0 && cancelled == on_loop);
  value_unref(value);
  concurrent_unref(mine);
}

static void concurrent_tasks_are_for_any_thread(void **state) {
  (void)state;
  in_all_threads(call_concurrent);
}

static void call_task_options(void) {
  task_options_t *options;
  if (task_options_new(&options)) return;
  (void)task_options_set_stack_size(options, 65536);
  task_options_unref(task_options_ref(options));
  task_options_unref(options);
}

/* Each thread makes loops of its own. */
static void call_loops(struct shared *shared, int on_loop) {
  loop_options_t *options = NULL;
  loop_t *loop = NULL;
  value_t *value = NULL;
  exception_t *exception = NULL;
  int failed = loop_options_new(&options);
  call_task_options();
  failed |= loop_options_set_clock(options, LOOP_CLOCK_VIRTUAL) | loop_options_set_poller(options, LOOP_POLLER_AUTO);
  failed |= loop_options_set_debug(options, 0) | loop_options_set_stack_size(options, 65536);
  failed |= loop_options_set_spin(options, 0) | loop_options_set_executor_threads(options, 1);
  failed |= loop_options_set_timer_slack(options, 0) | loop_options_set_post_limit(options, 1 << 20);
  loop_options_unref(loop_options_ref(options));
  failed |= loop_new(options, &loop);
  expect(!failed && !loop_is_running(loop));
  if (!on_loop) {
    expect(loop_set_current(loop) == 0 && loop_get_current() == loop);
    expect(loop_set_current(NULL) == 0 && loop_get_current() == NULL);
  }
  loop_unref(loop);
  if (!on_loop) expect(loop_run(options, return_seven, NULL, NULL, &value, &exception) == 0);
  value_unref(value);
  loop_options_unref(options);
}

static void loops_are_made_and_run_in_any_thread(void **state) {
  (void)state;
  in_all_threads(call_loops);
}

/* ---- the last reference ---- */

/* Objects that were made on the loop's thread, and that then only another thread uses. */
struct parcel {
  struct shared shared;
  sem_t filled;
  pthread_t loops_thread;
  int destroyed, destroyed_elsewhere;
};

static void count_parcel(void *userdata) {
  struct parcel *parcel = userdata;
  parcel->destroyed++;
  if (!pthread_equal(pthread_self(), parcel->loops_thread)) parcel->destroyed_elsewhere++;
}

static void fill_parcel(loop_t *loop, void *userdata) {
  struct parcel *parcel = userdata;
  struct shared *shared = &parcel->shared;
  (void)loop;
  make_objects(shared);
  (void)task_set_log_destroy_pending(shared->task, 0);
  expect(handle_cancel(shared->handle) == 0);
  expect(future_add_done_callback(shared->future, mark_done, parcel, count_parcel) == 0);
  sem_post(&parcel->filled);
}

static void *empty_parcels(void *userdata) {
  struct parcel *parcel = userdata;
  struct shared *shared = &parcel->shared;
  for (int i = 0; i < ROUNDS; i++) {
    expect(loop_call_soon_threadsafe(shared->loop, fill_parcel, parcel, NULL, NULL) == 0);
    sem_wait(&parcel->filled);
    drop_objects(shared);
  }
  expect(loop_stop_threadsafe(shared->loop) == 0);
  return NULL;
}

static void last_reference_may_be_dropped_in_any_thread(void **state) {
  struct parcel parcel = {.shared = {.loop = new_loop()}, .loops_thread = pthread_self()};
  pthread_t thread;
  (void)state;
  sem_init(&parcel.filled, 0, 0);
  assert_int_equal(0, pthread_create(&thread, NULL, empty_parcels, &parcel));
  assert_ok(loop_run_forever(parcel.shared.loop));
  pthread_join(thread, NULL);
  turn(parcel.shared.loop);
  assert_int_equal(ROUNDS, parcel.destroyed);
  loop_unref(parcel.shared.loop);
  assert_int_equal(ROUNDS, parcel.destroyed);
  assert_int_equal(0, parcel.destroyed_elsewhere);
  assert_int_equal(0, atomic_load(&parcel.shared.failed));
  sem_destroy(&parcel.filled);
}

static void *unref_loop(void *loop) {
  loop_unref(loop);
  return NULL;
}

static void last_reference_to_a_loop_may_be_dropped_in_any_thread(void **state) {
  loop_t *loop = new_loop();
  pthread_t thread;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, NULL));
  assert_int_equal(0, pthread_create(&thread, NULL, unref_loop, loop));
  pthread_join(thread, NULL);
  assert_int_equal(1, destroyed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(values_are_for_any_thread),
      TEST(exceptions_are_for_any_thread),
      TEST(references_are_for_any_thread),
      TEST(questions_are_for_any_thread),
      TEST(posts_and_stops_are_for_any_thread),
      TEST(concurrent_tasks_are_for_any_thread),
      TEST(loops_are_made_and_run_in_any_thread),
      TEST(last_reference_may_be_dropped_in_any_thread),
      TEST(last_reference_to_a_loop_may_be_dropped_in_any_thread),
  };
  return cmocka_run_group_tests_name("any_thread", tests, NULL, NULL);
}
