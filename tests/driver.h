/* A host in C: it does what a language such as Go does, and collects its answers until they are submitted. */
#ifndef BOUCLE_TESTS_DRIVER_H
#define BOUCLE_TESTS_DRIVER_H

#include "support.h"

enum { WORDS = 4, MOST = 16 };

struct driver {
  loop_t *loop;
  host_t *host;
  const int64_t *events;
  int64_t answers[MOST * WORDS];
  size_t count;
};

void open_driver(struct driver *driver, size_t capacity);
void close_driver(struct driver *driver);

/* Collects an answer. */
void say(struct driver *driver, int64_t what, int64_t id, int64_t kind, int64_t payload);
void say_sleep(struct driver *driver, double seconds);

/* Pass what was collected to host_submit or host_pump. */
int submit(struct driver *driver);
int pump(struct driver *driver);

#define assert_event(driver, index, what, event_id)                 \
  do {                                                              \
    assert_int_equal(what, (driver)->events[WORDS * (index)]);      \
    assert_int_equal(event_id, (driver)->events[WORDS * (index) + 1]); \
  } while (0)

int64_t payload(const struct driver *driver, size_t index);
void spawn(struct driver *driver, int64_t id);
future_t *task_of(const struct driver *driver, int64_t id);

#endif
