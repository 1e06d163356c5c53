/* Boucle, with names that other libraries have too: event_new, event_set, queue_new, timers of the loop. */
#include <boucle/boucle.h>

#include "coexist.h"

static loop_t *loop;
static event_t *event;
static queue_t *queue;
static int called;

static void on_call(loop_t *running, void *userdata) {
  value_t *value = NULL;
  (void)userdata;
  called = running == loop && event_set(event) == 0 && value_new_int(7, &value) == 0 && queue_put_nowait(queue, value) == 0;
  value_unref(value);
  (void)loop_stop(loop);
}

int boucle_begin(void) {
  return loop_new(NULL, &loop) == 0 && event_new(loop, &event) == 0 && queue_new(loop, 0, &queue) == 0;
}

int boucle_works(void) {
  value_t *value = NULL;
  int64_t number = 0;
  called = 0;
  if (event_clear(event) != 0 || loop_call_later(loop, 1e-4, on_call, NULL, NULL, NULL) != 0) return 0;
  if (loop_run_forever(loop) != 0 || !called || !event_is_set(event)) return 0;
  if (queue_get_nowait(queue, &value) != 0 || value_get_int(value, &number) != 0) return 0;
  value_unref(value);
  return number == 7;
}

void boucle_end(void) {
  queue_unref(queue);
  event_unref(event);
  loop_unref(loop);
}
