/* libev, which also has libevent's functions, such as event_set. */
#include <ev.h>

#include "coexist.h"

struct event;
void event_set(struct event *event, int fd, short events, void (*fn)(int, short, void *), void *argument);

static struct ev_loop *loop;
static int called;

static void on_timer(struct ev_loop *running, ev_timer *timer, int events) {
  (void)timer;
  called = running == loop && (events & EV_TIMER);
}

/* Of libev's size, which its event.h tells and the linker need not. */
static int has_its_own_event_set(void) {
  static long long room[64];
  event_set((struct event *)room, 3, 0, 0, &loop);
  for (unsigned i = 0; i < sizeof room / sizeof *room; i++)
    if (room[i]) return 1;
  return 0;
}

int other_begin(void) {
  loop = ev_loop_new(EVFLAG_AUTO);
  return loop != 0 && has_its_own_event_set();
}

int other_works(void) {
  ev_timer timer;
  called = 0;
  ev_timer_init(&timer, on_timer, 1e-4, 0);
  ev_timer_start(loop, &timer);
  ev_run(loop, 0);
  return called;
}

void other_end(void) {
  if (loop) ev_loop_destroy(loop);
}
