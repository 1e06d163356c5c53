/* libevent, which also has an event_new. */
#include <event2/event.h>

#include "coexist.h"

static struct event_base *base;
static struct event *timer;
static int called;

static void on_timer(evutil_socket_t fd, short what, void *argument) { called = fd == -1 && (what & EV_TIMEOUT) && !argument; }

int other_begin(void) {
  base = event_base_new();
  timer = base ? event_new(base, -1, 0, on_timer, NULL) : NULL;
  return timer != NULL;
}

int other_works(void) {
  struct timeval soon = {0, 100};
  called = 0;
  return event_add(timer, &soon) == 0 && event_base_dispatch(base) >= 0 && called;
}

void other_end(void) {
  if (timer) event_free(timer);
  if (base) event_base_free(base);
}
