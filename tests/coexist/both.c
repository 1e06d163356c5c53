/* libevent and Boucle in one file, with prefixed.h. */
#include <event2/event.h>

#include <boucle/prefixed.h>

#include <stdio.h>

static boucle_loop_t *loop;
static int timers, calls;

/* Each loop calls the other's work. */
static void on_timer(evutil_socket_t fd, short what, void *argument) {
  (void)fd, (void)what, (void)argument;
  timers++;
  (void)boucle_loop_run_once(loop, 0);
}

static void on_call(boucle_loop_t *running, void *userdata) {
  boucle_event_t *event = NULL;
  calls += boucle_event_new(running, &event) == BOUCLE_LOOP_OK && boucle_event_set(event) == BOUCLE_LOOP_OK;
  boucle_event_unref(event);
  (void)event_base_loopbreak((struct event_base *)userdata);
}

int main(void) {
  struct timeval soon = {0, 100};
  struct event_base *base = event_base_new();
  struct event *timer = event_new(base, -1, 0, on_timer, NULL);
  if (boucle_loop_new(NULL, &loop) != BOUCLE_LOOP_OK) return 1;
  if (boucle_loop_call_soon(loop, on_call, base, NULL, NULL) != BOUCLE_LOOP_OK) return 1;
  event_add(timer, &soon);
  event_base_dispatch(base);
  event_free(timer);
  event_base_free(base);
  boucle_loop_unref(loop);
  puts(timers == 1 && calls == 1 ? "both work" : "they do not coexist");
  return !(timers == 1 && calls == 1);
}
