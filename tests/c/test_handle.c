/* Scheduled callbacks: their order, cancelling them, posting them from other threads. */
#include "support.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <pthread.h>

static void handle_call_soon_is_fifo(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark a = {&trace, "a"}, b = {&trace, "b"}, c = {&trace, "c"};
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &a, NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, &b, NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, &c, NULL, NULL));
  run_dry(loop);
  assert_trace("a b c", &trace);
  loop_unref(loop);
}

static void call_marked(loop_t *loop, void *mark) { assert_ok(loop_call_soon(loop, mark_callback, mark, NULL, NULL)); }

static void handle_made_in_a_callback_waits_for_the_next_turn(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark nested = {&trace, "nested"}, plain = {&trace, "plain"};
  (void)state;
  assert_ok(loop_call_soon(loop, call_marked, &nested, NULL, NULL));
  assert_ok(loop_call_soon(loop, mark_callback, &plain, NULL, NULL));
  turn(loop);
  assert_trace("plain", &trace);
  turn(loop);
  assert_trace("plain nested", &trace);
  loop_unref(loop);
}

static void handle_timers_fire_by_deadline_then_by_age(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark marks[] = {{&trace, "3s"}, {&trace, "1s"}, {&trace, "2s-first"}, {&trace, "2s-second"}, {&trace, "now"}};
  const double delays[] = {3, 1, 2, 2, 0};
  (void)state;
  for (size_t i = 0; i < COUNT(marks); i++)
    assert_ok(loop_call_later(loop, delays[i], mark_callback, &marks[i], NULL, NULL));
  run_dry(loop);
  assert_trace("now 1s 2s-first 2s-second 3s", &trace);
  loop_unref(loop);
}

struct crowd {
  double due[64];
  int called, early, out_of_turn;
};
struct member {
  struct crowd *crowd;
  int number;
};

static void join_crowd(loop_t *loop, void *userdata) {
  struct member *member = userdata;
  struct crowd *crowd = member->crowd;
  crowd->early += loop_time(loop) < crowd->due[member->number] - 1e-9;
  crowd->out_of_turn += member->number != crowd->called++;
}

/* On the real clock, where the loop sleeps longer if many timers are due. */
static void handle_timers_in_a_crowd_come_in_order_and_never_early(void **state) {
  loop_t *loop = new_loop();
  struct crowd crowd = {.called = 0};
  struct member members[COUNT(crowd.due)];
  double start = loop_time(loop);
  (void)state;
  for (size_t i = 0; i < COUNT(members); i++) {
    members[i] = (struct member){&crowd, (int)i};
    crowd.due[i] = start + (i < 32 ? 0.001 : 0.001 + (double)(i - 31) * 0.0002);
    assert_ok(loop_call_at(loop, crowd.due[i], join_crowd, &members[i], NULL, NULL));
  }
  while (crowd.called < (int)COUNT(members)) assert_ok(loop_run_once(loop, -1));
  assert_int_equal(0, crowd.early);
  assert_int_equal(0, crowd.out_of_turn);
  loop_unref(loop);
}

static void handle_at_a_time_in_the_past_is_due_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark past = {&trace, "past"}, negative = {&trace, "negative"};
  double before = loop_time(loop);
  (void)state;
  assert_ok(loop_call_at(loop, before - 5, mark_callback, &past, NULL, NULL));
  assert_ok(loop_call_later(loop, -1, mark_callback, &negative, NULL, NULL));
  run_dry(loop);
  assert_trace("past negative", &trace);
  assert_true(loop_time(loop) == before);
  loop_unref(loop);
}

static void handle_when_is_the_deadline(void **state) {
  loop_t *loop = new_virtual_loop();
  struct mark mark = {NULL, NULL};
  handle_t *soon, *at;
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &mark, NULL, &soon));
  assert_ok(loop_call_at(loop, loop_time(loop) + 2.5, mark_callback, &mark, NULL, &at));
  assert_true(handle_when(soon) == 0);
  assert_true(fabs(handle_when(at) - loop_time(loop) - 2.5) < 1e-6);
  handle_cancel(soon);
  handle_cancel(at);
  handle_unref(soon);
  handle_unref(at);
  loop_unref(loop);
}

static void handle_nan_or_null_callback_is_einval_and_destroys(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle = NULL;
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, loop_call_later(loop, NAN, never_call, &destroyed, count_destroy, &handle));
  assert_status(-EINVAL, loop_call_at(loop, NAN, never_call, &destroyed, count_destroy, &handle));
  assert_status(-EINVAL, loop_call_soon(loop, NULL, &destroyed, count_destroy, &handle));
  assert_status(-EINVAL, loop_call_soon_threadsafe(loop, NULL, &destroyed, count_destroy, &handle));
  assert_int_equal(4, destroyed);
  assert_null(handle);
  run_dry(loop);
  loop_unref(loop);
}

static void handle_cancelled_is_destroyed_now_and_never_called(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handles[2];
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, &handles[0]));
  assert_ok(loop_call_later(loop, 1, never_call, &destroyed, count_destroy, &handles[1]));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(0, handle_cancelled(handles[i]));
    assert_ok(handle_cancel(handles[i]));
    assert_ok(handle_cancel(handles[i]));
    assert_int_equal(1, handle_cancelled(handles[i]));
    assert_int_equal(i + 1, destroyed);
    handle_unref(handles[i]);
  }
  run_dry(loop);
  loop_unref(loop);
}

static void handle_dropped_is_still_called(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark mark = {&trace, "called"};
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_soon(loop, mark_callback, &mark, NULL, &handle));
  handle_unref(handle);
  run_dry(loop);
  assert_trace("called", &trace);
  loop_unref(loop);
}

static void handle_called_is_destroyed_once_though_kept(void **state) {
  loop_t *loop = new_virtual_loop();
  int called = 0;
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_soon(loop, ignore_callback, &called, count_destroy, &handle));
  turn(loop);
  assert_int_equal(1, called);
  assert_ok(handle_cancel(handle));
  loop_unref(loop);
  handle_unref(handle);
  assert_int_equal(1, called);
}

static void cancel_other(loop_t *loop, void *handle) {
  (void)loop;
  assert_ok(handle_cancel(*(handle_t **)handle));
}

static void handle_cancelled_in_its_own_turn_is_not_called(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_soon(loop, cancel_other, &handle, NULL, NULL));
  assert_ok(loop_call_soon(loop, never_call, &destroyed, count_destroy, &handle));
  turn(loop);
  assert_int_equal(1, destroyed);
  handle_unref(handle);
  loop_unref(loop);
}

static void handle_cancelling_itself_while_called_is_harmless(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_soon(loop, cancel_other, &handle, NULL, &handle));
  turn(loop);
  handle_unref(handle);
  loop_unref(loop);
}

static void handle_outlives_its_loop(void **state) {
  loop_t *loop = new_virtual_loop();
  handle_t *handle;
  int destroyed = 0;
  (void)state;
  assert_ok(loop_call_later(loop, 1, never_call, &destroyed, count_destroy, &handle));
  loop_unref(loop);
  assert_int_equal(1, destroyed);
  assert_true(handle_cancel(handle) <= 0);
  handle_unref(handle);
}

static void handle_deadlines_before_zero_keep_their_order(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark later = {&trace, "later"}, sooner = {&trace, "sooner"};
  handle_t *handle;
  (void)state;
  assert_ok(loop_call_at(loop, -1, mark_callback, &later, NULL, NULL));
  assert_ok(loop_call_at(loop, -5, mark_callback, &sooner, NULL, &handle));
  assert_true(handle_when(handle) == -5);
  handle_unref(handle);
  run_dry(loop);
  assert_trace("sooner later", &trace);
  loop_unref(loop);
}

static void handle_many_timers_cancelled_leave_the_others_in_order(void **state) {
  enum { timers = 1000 };
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark last = {&trace, "last"}, first = {&trace, "first"};
  handle_t *handles[timers];
  int destroyed = 0;
  (void)state;
  for (int i = 0; i < timers; i++)
    assert_ok(loop_call_later(loop, (i * 7919) % timers, never_call, &destroyed, count_destroy, &handles[i]));
  assert_ok(loop_call_later(loop, 900.5, mark_callback, &last, NULL, NULL));
  assert_ok(loop_call_later(loop, 0.5, mark_callback, &first, NULL, NULL));
  for (int i = 0; i < timers; i++) {
    assert_ok(handle_cancel(handles[i]));
    handle_unref(handles[i]);
  }
  run_dry(loop);
  assert_trace("first last", &trace);
  assert_int_equal(timers, destroyed);
  loop_unref(loop);
}

/* ---- threads: on the real clock ---- */

enum { POSTS = 10000 }; /* a poster that is so far ahead of the loop yields to it */

struct poster {
  loop_t *loop;
  int called;
  int statuses;
};

static void count_post(loop_t *loop, void *userdata) {
  struct poster *poster = userdata;
  if (++poster->called == POSTS) assert_ok(loop_stop(loop));
}

static void *post_many(void *userdata) {
  struct poster *poster = userdata;
  for (int i = 0; i < POSTS; i++)
    poster->statuses |= loop_call_soon_threadsafe(poster->loop, count_post, poster, NULL, NULL);
  return NULL;
}

static void handle_posted_by_a_thread_wakes_the_loop(void **state) {
  struct poster poster = {new_loop(), 0, 0};
  pthread_t thread;
  (void)state;
  assert_int_equal(0, pthread_create(&thread, NULL, post_many, &poster));
  assert_ok(loop_run_forever(poster.loop));
  pthread_join(thread, NULL);
  assert_ok(poster.statuses);
  assert_int_equal(POSTS, poster.called);
  loop_unref(poster.loop);
}

static void handle_posted_many_times_before_a_turn_needs_one_turn(void **state) {
  struct poster poster = {new_loop(), 0, 0};
  pthread_t thread;
  (void)state;
  assert_int_equal(0, pthread_create(&thread, NULL, post_many, &poster));
  pthread_join(thread, NULL);
  assert_ok(loop_run_once(poster.loop, -1));
  assert_int_equal(POSTS, poster.called);
  assert_ok(loop_run_once(poster.loop, 0));
  loop_unref(poster.loop);
}

static void handle_posted_many_times_gives_its_memory_back(void **state) {
  struct poster poster = {new_loop(), 0, 0};
  (void)state;
  assert_ok(loop_run_once(poster.loop, 0));
  size_t before = mallinfo2().uordblks;
  post_many(&poster);
  assert_ok(loop_run_once(poster.loop, -1));
  assert_int_equal(POSTS, poster.called);
  assert_true(mallinfo2().uordblks < before + 150 * 1024); /* of 320 KB; the rest is kept for the next posts */
  loop_unref(poster.loop);
}

static void *stop_from_thread(void *loop) { return loop_stop_threadsafe(loop) ? loop : NULL; }

static void handle_stop_from_a_thread_ends_the_run(void **state) {
  loop_t *loop = new_loop();
  pthread_t thread;
  void *failed;
  (void)state;
  assert_int_equal(0, pthread_create(&thread, NULL, stop_from_thread, loop));
  assert_ok(loop_run_forever(loop));
  pthread_join(thread, &failed);
  assert_null(failed);
  loop_unref(loop);
}

struct intruder {
  loop_t *loop;
  int destroyed;
  int call_soon, call_later, ensure_future, run, close;
};

static void *intrude(void *userdata) {
  struct intruder *intruder = userdata;
  loop_t *loop = intruder->loop;
  intruder->call_soon = loop_call_soon(loop, never_call, &intruder->destroyed, count_destroy, NULL);
  intruder->call_later = loop_call_later(loop, 0, never_call, &intruder->destroyed, count_destroy, NULL);
  intruder->ensure_future = loop_ensure_future(loop, never_step, &intruder->destroyed, count_destroy, NULL);
  intruder->run = loop_run_once(loop, 0);
  intruder->close = loop_close(loop);
  return NULL;
}

static void let_intrude(loop_t *loop, void *intruder) {
  pthread_t thread;
  assert_int_equal(0, pthread_create(&thread, NULL, intrude, intruder));
  pthread_join(thread, NULL);
  assert_ok(loop_stop(loop));
}

static void handle_made_by_another_thread_during_a_run_is_ewrongthread(void **state) {
  struct intruder intruder = {.loop = new_loop()};
  (void)state;
  assert_ok(loop_call_soon(intruder.loop, let_intrude, &intruder, NULL, NULL));
  assert_ok(loop_run_forever(intruder.loop));
  assert_status(LOOP_EWRONGTHREAD, intruder.call_soon);
  assert_status(LOOP_EWRONGTHREAD, intruder.call_later);
  assert_status(LOOP_EWRONGTHREAD, intruder.ensure_future);
  assert_true(intruder.run == LOOP_EWRONGTHREAD || intruder.run == LOOP_ERUNNING);
  assert_true(intruder.close == LOOP_EWRONGTHREAD || intruder.close == LOOP_ERUNNING);
  assert_int_equal(3, intruder.destroyed);
  assert_int_equal(0, loop_is_closed(intruder.loop));
  loop_unref(intruder.loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(handle_call_soon_is_fifo),
      TEST(handle_made_in_a_callback_waits_for_the_next_turn),
      TEST(handle_timers_fire_by_deadline_then_by_age),
      TEST(handle_timers_in_a_crowd_come_in_order_and_never_early),
      TEST(handle_at_a_time_in_the_past_is_due_at_once),
      TEST(handle_when_is_the_deadline),
      TEST(handle_nan_or_null_callback_is_einval_and_destroys),
      TEST(handle_cancelled_is_destroyed_now_and_never_called),
      TEST(handle_dropped_is_still_called),
      TEST(handle_called_is_destroyed_once_though_kept),
      TEST(handle_cancelled_in_its_own_turn_is_not_called),
      TEST(handle_cancelling_itself_while_called_is_harmless),
      TEST(handle_outlives_its_loop),
      TEST(handle_deadlines_before_zero_keep_their_order),
      TEST(handle_many_timers_cancelled_leave_the_others_in_order),
      TEST(handle_posted_by_a_thread_wakes_the_loop),
      TEST(handle_posted_many_times_before_a_turn_needs_one_turn),
      TEST(handle_posted_many_times_gives_its_memory_back),
      TEST(handle_stop_from_a_thread_ends_the_run),
      TEST(handle_made_by_another_thread_during_a_run_is_ewrongthread),
  };
  return cmocka_run_group_tests_name("handle", tests, NULL, NULL);
}
