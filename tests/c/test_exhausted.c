/* There are no more threads, descriptors, or places in a host's batch: a call that fails changes nothing. */
#define _GNU_SOURCE /* pthread_setattr_default_np */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support.h"

/* ---- threads ---- */

#ifndef __SANITIZE_THREAD__ /* it makes threads in its own way */
static int return_three(void *userdata, value_t **ret_value) {
  (void)userdata;
  return value_new_int(3, ret_value);
}

/* Makes new threads need a stack that is larger than the memory allowed. */
static void make_threads_impossible(pthread_attr_t *former) {
  pthread_attr_t attributes;
  assert_int_equal(0, pthread_getattr_default_np(former));
  assert_int_equal(0, pthread_getattr_default_np(&attributes));
  assert_int_equal(0, pthread_attr_setstacksize(&attributes, (size_t)1 << 50));
  assert_int_equal(0, pthread_setattr_default_np(&attributes));
  pthread_attr_destroy(&attributes);
}
static void make_threads_possible(pthread_attr_t *former) {
  assert_int_equal(0, pthread_setattr_default_np(former));
  pthread_attr_destroy(former);
}

static void job_without_a_thread_fails_and_is_dropped(void **state) {
  loop_t *loop = new_loop();
  pthread_attr_t former;
  future_t *future = (future_t *)state;
  value_t *value;
  int destroyed = 0;
  make_threads_impossible(&former);
  for (int i = 1; i <= 3; i++) {
    assert_true(loop_run_in_executor(loop, return_three, &destroyed, count_destroy, &future) < 0);
    assert_int_equal(i, destroyed);
    assert_ptr_equal(state, future);
  }
  make_threads_possible(&former);
  assert_ok(loop_run_in_executor(loop, return_three, &destroyed, count_destroy, &future));
  assert_ok(loop_run_until_complete(loop, future, &value));
  assert_int_equal(3, take_int(value));
  assert_int_equal(4, destroyed);
  future_unref(future);
  assert_ok(loop_shutdown(loop)); /* does not wait for the job that failed to start */
  loop_unref(loop);
}

/* One thread is enough: if a second cannot be started, the jobs wait for the first. */
static void job_waits_for_a_thread_if_there_can_be_no_other(void **state) {
  loop_t *loop = new_loop();
  pthread_attr_t former;
  future_t *futures[5];
  (void)state;
  assert_ok(loop_run_in_executor(loop, return_three, NULL, NULL, &futures[0]));
  make_threads_impossible(&former);
  for (int i = 1; i < 5; i++) assert_ok(loop_run_in_executor(loop, return_three, NULL, NULL, &futures[i]));
  for (int i = 0; i < 5; i++) {
    assert_ok(loop_run_until_complete(loop, futures[i], NULL));
    future_unref(futures[i]);
  }
  make_threads_possible(&former);
  loop_unref(loop);
}

static void look_up_without_a_thread_fails(void **state) {
  loop_t *loop = new_virtual_loop();
  pthread_attr_t former;
  future_t *future = (future_t *)state;
  make_threads_impossible(&former);
  for (int i = 0; i < 3; i++) {
    assert_status(-EAGAIN, loop_getaddrinfo(loop, "localhost", "80", 0, 0, 0, &future));
    assert_ptr_equal(state, future);
  }
  make_threads_possible(&former);
  assert_status(LOOP_EDEADLOCK, loop_run_forever(loop)); /* waits for no look-up that never was */
  assert_ok(loop_getaddrinfo(loop, "localhost", "80", 0, 0, 0, &future));
  make_threads_impossible(&former); /* one thread is enough */
  for (int i = 0; i < 3; i++) {
    future_unref(future);
    assert_ok(loop_getaddrinfo(loop, "localhost", "81", 0, 0, 0, &future));
  }
  make_threads_possible(&former);
  assert_ok(loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  loop_unref(loop);
}
#endif

/* ---- descriptors ---- */

/* Allows no new descriptor but `spare` of the lowest that are free. */
static void limit_descriptors(int spare, struct rlimit *former) {
  struct rlimit limit;
  int lowest = dup(0);
  close(lowest);
  assert_int_equal(0, getrlimit(RLIMIT_NOFILE, former));
  limit = *former;
  limit.rlim_cur = (rlim_t)(lowest + spare);
  assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
}

static void loop_that_gets_no_descriptors_leaves_none_open(void **state) {
  (void)state;
  for (int spare = 0; spare < 2; spare++) {
    struct rlimit former;
    loop_t *loop = (loop_t *)state;
    limit_descriptors(spare, &former);
    int status = loop_new(NULL, &loop);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &former));
    if (status == 0) { /* with poll(2) one is enough */
      assert_int_equal(1, spare);
      loop_unref(loop);
      continue;
    }
    assert_status(-EMFILE, status);
    assert_ptr_equal(state, loop);
  }
}

static void signal_handler_without_descriptors_is_emfile(void **state) {
  loop_t *loop = new_loop();
  struct rlimit former;
  int destroyed = 0;
  (void)state;
  for (int spare = 0; spare < 2; spare++) {
    limit_descriptors(spare, &former);
    int status = loop_add_signal_handler(loop, SIGUSR1, never_call, &destroyed, count_destroy);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &former));
    assert_status(-EMFILE, status);
    assert_int_equal(spare + 1, destroyed);
  }
  assert_ok(loop_add_signal_handler(loop, SIGUSR1, ignore_callback, NULL, NULL));
  loop_unref(loop);
}

/* ---- a host's batches ---- */

enum { WORDS = 4 };

static void answer_all(host_t *host, int events, int64_t what) {
  int64_t answers[8 * WORDS] = {0};
  for (int i = 0; i < events; i++) answers[WORDS * i] = what;
  assert_ok(host_submit(host, answers, (size_t)events));
}

static void host_batch_is_never_longer_than_its_capacity(void **state) {
  (void)state;
  for (size_t capacity = 1; capacity <= 4; capacity++) {
    loop_t *loop = new_virtual_loop();
    host_t *host;
    int seen = 0;
    assert_ok(host_new(loop, capacity, &host));
    for (int64_t id = 1; id <= 10; id++) assert_ok(host_call_soon(host, id, NULL));
    assert_ok(host_run_begin(host, NULL));
    while (seen < 10) {
      int events = host_pump(host, NULL, 0);
      assert_int_equal(10 - seen < (int)capacity ? 10 - seen : (int)capacity, events);
      assert_int_equal(events, host_state(host)[HOST_STATE_EVENTS]);
      for (int i = 0; i < events; i++) {
        assert_int_equal(HOST_CALL, host_events(host)[WORDS * i]);
        assert_int_equal(++seen, host_events(host)[WORDS * i + 1]);
      }
      answer_all(host, events, HOST_END);
    }
    assert_ok(loop_stop_threadsafe(loop));
    assert_int_equal(0, host_pump(host, NULL, 0));
    assert_ok(host_run_end(host));
    host_unref(host);
    loop_unref(loop);
  }
}

static void host_of_no_capacity_is_einval(void **state) {
  loop_t *loop = new_virtual_loop();
  host_t *host = (host_t *)state;
  assert_status(-EINVAL, host_new(loop, 0, &host));
  assert_status(-EINVAL, host_new(loop, 65537, &host));
  assert_ptr_equal(state, host);
  assert_ok(host_new(loop, 65536, &host));
  host_unref(host);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_THREAD__
      TEST(job_without_a_thread_fails_and_is_dropped),    TEST(job_waits_for_a_thread_if_there_can_be_no_other),
    TEST(look_up_without_a_thread_fails),
#endif
      TEST(loop_that_gets_no_descriptors_leaves_none_open),    TEST(signal_handler_without_descriptors_is_emfile),
      TEST(host_batch_is_never_longer_than_its_capacity), TEST(host_of_no_capacity_is_einval),
  };
  return cmocka_run_group_tests_name("exhausted", tests, NULL, NULL);
}
