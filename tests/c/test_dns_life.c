/* Look-ups that are under way: joined, cancelled, left behind. Slow names wait until the test lets them go: names.h. */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"

static void cancel(future_t *future) {
  int cancelled;
  assert_ok(future_cancel(future, NULL, &cancelled));
  assert_int_equal(1, cancelled);
}

/* ---- equal look-ups ---- */

static void equal_look_ups_under_way_are_one(void **state) {
  enum { MANY = 1000 };
  static future_t *futures[MANY];
  loop_t *loop = new_loop();
  value_t *first, *other;
  (void)state;
  names_stop();
  for (int i = 0; i < MANY; i++) futures[i] = look_up(loop, "slow-a", "80");
  names_await(1);
  assert_int_equal(1, names_asked());
  names_go();
  first = finish(loop, futures[0]);
  for (int i = 1; i < MANY; i++) {
    assert_ok(future_result(futures[i], &other));
    assert_ptr_equal(first, other);
    value_unref(other), future_unref(futures[i]);
  }
  assert_first("", "127.0.0.1:80", first);
  assert_int_equal(1, names_asked());
  value_unref(finish(loop, look_up(loop, "slow-a", "80"))); /* what is over is asked again */
  assert_int_equal(2, names_asked());
  loop_unref(loop);
}

static void look_ups_that_differ_in_anything_are_several(void **state) {
  loop_t *loop = new_loop();
  future_t *futures[7];
  (void)state;
  names_stop();
  futures[0] = look_up(loop, "slow-a", "80");
  futures[1] = look_up(loop, "slow-b", "80");
  futures[2] = look_up(loop, "slow-a", "81");
  futures[3] = look_up(loop, "slow-a", NULL);
  assert_ok(loop_getaddrinfo(loop, "slow-a", "80", 0, SOCK_STREAM, 0, &futures[4]));
  assert_ok(loop_getaddrinfo(loop, "slow-a", "80", AF_INET, SOCK_DGRAM, 0, &futures[5]));
  assert_ok(loop_getaddrinfo(loop, "slow-a", "80", AF_INET, SOCK_STREAM, AI_CANONNAME, &futures[6]));
  names_await(4); /* there are four threads */
  names_go();
  for (size_t i = 0; i < COUNT(futures); i++) value_unref(finish(loop, futures[i]));
  assert_int_equal(COUNT(futures), names_asked());
  loop_unref(loop);
}

/* ---- cancelling ---- */

static void cancel_ends_the_waiting_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  names_stop();
  future_t *future = look_up(loop, "slow-a", "80");
  names_await(1);
  cancel(future);
  assert_status(LOOP_ECANCELLED, loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop)); /* nothing is under way that anybody waits for */
  names_go();
  loop_unref(loop);
}

static void cancel_of_one_leaves_it_to_the_others(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  names_stop();
  future_t *one = look_up(loop, "slow-a", "80"), *other = look_up(loop, "slow-a", "80");
  cancel(one);
  names_go();
  assert_first("", "127.0.0.1:80", finish(loop, other));
  assert_true(future_cancelled(one));
  assert_int_equal(1, names_asked());
  future_unref(one);
  loop_unref(loop);
}

static void abandoned_look_up_is_joined_by_an_equal_one(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  names_stop();
  future_t *one = look_up(loop, "slow-a", "80");
  names_await(1);
  cancel(one);
  future_t *other = look_up(loop, "slow-a", "80");
  names_go();
  assert_first("", "127.0.0.1:80", finish(loop, other));
  assert_int_equal(1, names_asked());
  future_unref(one);
  loop_unref(loop);
}

static void cancel_drops_a_look_up_that_has_not_begun(void **state) {
  static const char *const hosts[] = {"slow-a", "slow-b", "slow-c", "slow-d", "slow-e"};
  loop_t *loop = new_loop();
  future_t *futures[5];
  (void)state;
  names_stop();
  for (int i = 0; i < 5; i++) futures[i] = look_up(loop, hosts[i], "80");
  names_await(4);
  cancel(futures[4]);
  names_go();
  for (int i = 0; i < 4; i++) value_unref(finish(loop, futures[i]));
  assert_int_equal(4, names_asked());
  assert_first("", "127.0.0.1:80", finish(loop, look_up(loop, "slow-e", "80")));
  future_unref(futures[4]);
  loop_unref(loop);
}

/* The answer is in the inbox, or on the ready queue, when the cancel comes. */
static void cancel_of_what_was_answered_already_drops_the_answer(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  for (int i = 0; i < 200; i++) {
    char service[16];
    (void)snprintf(service, sizeof service, "%d", i); /* or it would join the one before */
    names_stop();
    future_t *future = look_up(loop, "slow-a", service);
    names_await(1);
    names_go();
    if (i % 2) usleep(100);
    cancel(future);
    assert_ok(loop_run_once(loop, 0));
    assert_true(future_cancelled(future));
    future_unref(future);
  }
  loop_unref(loop);
}

static void wait_for_a_slow_name_times_out(void **state) {
  loop_t *loop = new_loop();
  coroutine_t *coroutine;
  task_t *task;
  (void)state;
  names_stop();
  future_t *future = look_up(loop, "slow-a", "80");
  assert_ok(loop_wait_for(loop, future, 0.01, &coroutine));
  assert_ok(loop_ensure_coroutine(loop, coroutine, &task));
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, task_as_future(task), NULL));
  exception_t *exception;
  assert_ok(task_exception(task, &exception));
  assert_exception("TimeoutError", NULL, exception);
  assert_true(future_cancelled(future));
  names_go();
  coroutine_unref(coroutine), task_unref(task), future_unref(future);
  loop_unref(loop);
}

/* ---- the end ---- */

static void close_does_not_wait_for_a_look_up(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  names_stop();
  future_t *waits = look_up(loop, "slow-a", "80"), *abandoned = look_up(loop, "slow-b", "80"), *queued[4];
  static const char *const hosts[] = {"slow-c", "slow-d", "slow-e", "slow-f"};
  for (int i = 0; i < 4; i++) queued[i] = look_up(loop, hosts[i], "80");
  names_await(4);
  cancel(abandoned);
  assert_ok(loop_close(loop));
  assert_false(future_done(waits));
  loop_unref(loop);
  for (int i = 0; i < 4; i++) future_unref(queued[i]);
  future_unref(waits), future_unref(abandoned);
  names_go(); /* the threads free what is theirs */
  assert_true(names_asked() <= 4);
}

static void last_unref_does_not_wait_either(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  names_stop();
  future_unref(look_up(loop, "slow-a", "80"));
  names_await(1);
  loop_unref(loop);
  names_go();
}

/* While the answers come in. */
static void close_amid_answers_loses_nothing(void **state) {
  (void)state;
  for (int i = 0; i < 200; i++) {
    loop_t *loop = new_loop();
    names_stop();
    future_t *one = look_up(loop, "slow-a", "80"), *other = look_up(loop, "slow-b", "80");
    names_await(2);
    names_go();
    if (i % 3 == 0) cancel(one);
    if (i % 3 == 1) assert_ok(loop_run_once(loop, 0));
    future_unref(one), future_unref(other);
    loop_unref(loop);
  }
}

static void shutdown_waits_for_no_look_up(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  names_stop();
  future_t *future = look_up(loop, "slow-a", "80");
  assert_ok(loop_shutdown(loop));
  assert_false(future_done(future));
  future_unref(future);
  loop_unref(loop);
  names_go();
}

static int look_up_in_child(loop_t *inherited) {
  future_t *future = NULL;
  loop_t *loop;
  int status = loop_getaddrinfo(inherited, "127.0.0.1", "80", 0, 0, 0, &future);
  if (status != LOOP_EFORKED || future) return 1;
  if (loop_close(inherited)) return 2;
#ifndef __SANITIZE_THREAD__ /* which makes no threads in a child */
  if (loop_new(NULL, &loop)) return 3;
  if (loop_getaddrinfo(loop, "localhost", "80", AF_INET, SOCK_STREAM, 0, &future)) return 4;
  if (loop_run_until_complete(loop, future, NULL)) return 5;
  future_unref(future);
  loop_unref(loop);
#else
  (void)loop;
#endif
  return 0;
}

/* In the child there is no thread that looks it up; in the parent all goes on. */
static void fork_leaves_look_ups_to_the_parent(void **state) {
  loop_t *loop = new_loop();
  int status;
  (void)state;
  value_unref(finish(loop, look_up(loop, "localhost", "80"))); /* a thread waits for work */
  names_stop();
  future_t *future = look_up(loop, "slow-a", "80");
  names_await(1);
  pid_t child = fork();
  if (child == 0) _exit(look_up_in_child(loop));
  assert_int_equal(child, waitpid(child, &status, 0));
  assert_int_equal(0, status);
  names_go();
  assert_first("", "127.0.0.1:80", finish(loop, future));
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(equal_look_ups_under_way_are_one),
      TEST(look_ups_that_differ_in_anything_are_several),
      TEST(cancel_ends_the_waiting_at_once),
      TEST(cancel_of_one_leaves_it_to_the_others),
      TEST(abandoned_look_up_is_joined_by_an_equal_one),
      TEST(cancel_drops_a_look_up_that_has_not_begun),
      TEST(cancel_of_what_was_answered_already_drops_the_answer),
      TEST(wait_for_a_slow_name_times_out),
      TEST(close_does_not_wait_for_a_look_up),
      TEST(last_unref_does_not_wait_either),
      TEST(close_amid_answers_loses_nothing),
      TEST(shutdown_waits_for_no_look_up),
      TEST(fork_leaves_look_ups_to_the_parent),
  };
  return cmocka_run_group_tests_name("dns_life", tests, NULL, NULL);
}
