/* Functions of a host whose comment says "Thread: any": several threads continue one run in turn, and others post to
 * it. */
#include <pthread.h>

#include "support.h"

enum { WORDS = 4, POSTS = 50 };
struct driver {
  host_t *host;
  int status, events, posted;
};

static void *begin_run(void *userdata) {
  struct driver *driver = userdata;
  host_unref(host_ref(driver->host));
  driver->status = host_run_begin(driver->host, NULL);
  return NULL;
}
static void *pump_until_all_came(void *userdata) {
  struct driver *driver = userdata;
  int64_t answer[WORDS] = {HOST_END};
  while (driver->events < POSTS) {
    int events = host_pump(driver->host, NULL, 0);
    if (events < 1) break;
    driver->events += events;
    for (int i = 0; i < events; i++) driver->status |= host_submit(driver->host, answer, 1);
  }
  return NULL;
}
static void *post_many(void *userdata) {
  struct driver *driver = userdata;
  for (int i = 0; i < POSTS; i++) driver->posted |= host_call_soon_threadsafe(driver->host);
  return NULL;
}
static void *end_run(void *userdata) {
  struct driver *driver = userdata;
  driver->status |= host_run_end(driver->host);
  host_unref(driver->host);
  return NULL;
}
static void *make_host(void *userdata) {
  void **loop_and_driver = userdata;
  struct driver *driver = loop_and_driver[1];
  driver->status = host_new(loop_and_driver[0], 8, &driver->host);
  return NULL;
}

static void in_a_thread(void *(*main)(void *), void *userdata) {
  pthread_t thread;
  assert_int_equal(0, pthread_create(&thread, NULL, main, userdata));
  pthread_join(thread, NULL);
}

static void host_is_driven_by_one_thread_after_another(void **state) {
  loop_t *loop = new_loop();
  struct driver driver = {.posted = 0};
  void *both[] = {loop, &driver};
  pthread_t poster;
  (void)state;
  in_a_thread(make_host, both);
  assert_ok(driver.status);
  in_a_thread(begin_run, &driver);
  assert_ok(driver.status);
  assert_int_equal(0, pthread_create(&poster, NULL, post_many, &driver));
  in_a_thread(pump_until_all_came, &driver);
  pthread_join(poster, NULL);
  assert_ok(driver.posted);
  assert_int_equal(POSTS, driver.events);
  in_a_thread(end_run, &driver);
  assert_ok(driver.status);
  loop_unref(loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(host_is_driven_by_one_thread_after_another),
  };
  return cmocka_run_group_tests_name("any_host", tests, NULL, NULL);
}
