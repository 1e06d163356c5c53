#include "driver.h"

#include <string.h>

void open_driver(struct driver *driver, size_t capacity) {
  memset(driver, 0, sizeof *driver);
  driver->loop = new_virtual_loop();
  assert_ok(host_new(driver->loop, capacity, &driver->host));
  driver->events = host_events(driver->host);
}

void close_driver(struct driver *driver) {
  host_unref(driver->host);
  loop_unref(driver->loop);
}

void say(struct driver *driver, int64_t what, int64_t id, int64_t kind, int64_t payload) {
  int64_t *words = &driver->answers[WORDS * driver->count++];
  words[0] = what, words[1] = id, words[2] = kind, words[3] = payload;
}

void say_sleep(struct driver *driver, double seconds) {
  int64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  say(driver, HOST_SLEEP, 0, 0, bits);
}

int submit(struct driver *driver) {
  size_t count = driver->count;
  driver->count = 0;
  return host_submit(driver->host, driver->answers, count);
}

int pump(struct driver *driver) {
  size_t count = driver->count;
  driver->count = 0;
  return host_pump(driver->host, driver->answers, count);
}

int64_t payload(const struct driver *driver, size_t index) { return driver->events[WORDS * index + 3]; }

void spawn(struct driver *driver, int64_t id) {
  say(driver, HOST_SPAWN, id, 0, 0);
  assert_ok(submit(driver));
}

future_t *task_of(const struct driver *driver, int64_t id) {
  return task_as_future(host_task(driver->host, id));
}
