/* Callbacks of the machine: userdata that counts how often it was destroyed, and functions that make further calls. */
#include "machine.h"

#include <stdlib.h>

struct triple *new_triple(enum place place) {
  struct triple *triple = calloc(1, sizeof *triple);
  if (!triple) abort();
  triple->next = m->triples;
  triple->owner = m;
  triple->place = place;
  triple->number = m->calls;
  triple->function = m->ring[m->calls % RING].function;
  m->triples = triple;
  return triple;
}

static void alive(const struct triple *triple) {
  if (triple->destroyed) finding("a callback was called after its destroy");
}

static void on_destroy(void *userdata) {
  struct triple *triple = userdata;
  struct frame frame;
  if (triple->destroyed++) finding("a destroy ran twice");
  if (!m || m->is_intruder) return; /* on another thread than the one that made it */
  if (!enter(&frame, DESTROY, triple)) return;
  perform(2);
  leave(&frame);
}

destroy_fn draw_destroy(struct triple *triple) {
  triple->has_destroy = !chance(8);
  return triple->has_destroy ? on_destroy : NULL;
}

int settle(struct triple *triple, int status) {
  if (status < 0 && triple->has_destroy && !triple->destroyed)
    finding("a call that failed with %s did not destroy its userdata", loop_status_name(status));
  return status;
}

void take_triples(struct machine *from) {
  while (from->triples) {
    struct triple *triple = from->triples;
    from->triples = triple->next;
    triple->next = m->triples;
    m->triples = triple;
  }
}

void check_triples(void) {
  struct triple *triple = m->triples;
  m->triples = NULL;
  while (triple) {
    struct triple *next = triple->next;
    if (triple->has_destroy && triple->destroyed != 1)
      finding("the destroy given by call %lu, %s, ran %d times", triple->number,
              documented_name((enum documented)triple->function), triple->destroyed);
    free(triple);
    triple = next;
  }
}

void on_callback(loop_t *loop, void *userdata) {
  struct frame frame;
  alive(userdata);
  /* A descriptor that is always ready holds up the virtual clock, and with it the timer that would stop the run. */
  if (must_stop(m->world) && chance(5)) loop_stop(loop);
  if (!enter(&frame, CALLBACK, userdata)) {
    if (must_stop(m->world)) loop_stop(loop);
    return;
  }
  perform(4);
  leave(&frame);
}

void on_done(future_t *future, void *userdata) {
  struct frame frame;
  alive(userdata);
  if (!future_done(future)) finding("a done-callback of a pending future");
  if (!enter(&frame, DONE_CALLBACK, userdata)) return;
  perform(4);
  leave(&frame);
}

void on_exception(loop_t *loop, const report_t *report, void *userdata) {
  struct frame frame;
  (void)loop;
  alive(userdata);
  if (!enter(&frame, HANDLER, userdata)) return;
  frame.report = report;
  perform(3);
  leave(&frame);
}

int on_predicate(void *userdata) {
  struct frame frame;
  alive(userdata);
  if (!enter(&frame, PREDICATE, userdata)) return 1;
  perform(3);
  leave(&frame);
  return chance(50);
}

/* It must leave the queue alone, and so must whatever it calls: values and exceptions only. */
int on_compare(const value_t *left, const value_t *right, void *userdata) {
  struct frame frame;
  alive(userdata);
  if (!enter(&frame, COMPARE, userdata)) return 0;
  m->in_compare++;
  perform(2);
  m->in_compare--;
  leave(&frame);
  return (int)value_kind(left) - (int)value_kind(right);
}

/* It may call no more of this loop than what other threads may. */
void on_wait(loop_t *loop, int begins, void *userdata) {
  struct frame frame;
  (void)loop, (void)begins;
  alive(userdata);
  if (!enter(&frame, HOOK, userdata)) return;
  m->in_hook++;
  perform(2);
  m->in_hook--;
  leave(&frame);
}

void on_step(task_t *task, void *userdata) {
  static const enum documented says[] = {
      DOCUMENTED_task_await,       DOCUMENTED_task_await_catch,       DOCUMENTED_task_await_coroutine,
      DOCUMENTED_task_sleep,       DOCUMENTED_task_await_coroutine_catch,
      DOCUMENTED_task_sleep_catch, DOCUMENTED_task_return,            DOCUMENTED_task_raise};
  struct frame frame;
  alive(userdata);
  if (!enter(&frame, STEP, userdata)) return;
  frame.task = task;
  perform(4);
  frame.insists = 1;
  if (chance(85)) act_one_of(says, sizeof says / sizeof *says);
  leave(&frame);
}

int on_body(void *userdata, value_t **ret_value) {
  static const enum documented waits[] = {DOCUMENTED_await_future, DOCUMENTED_await_coroutine, DOCUMENTED_await_sleep,
                                          DOCUMENTED_await_sleep, DOCUMENTED_await_raise};
  static const int statuses[] = {0, 0, 0, LOOP_ECANCELLED, LOOP_EEXCEPTION, -1, LOOP_EEXIT, 1};
  struct frame frame;
  alive(userdata);
  if (!enter(&frame, BODY, userdata)) return 0;
  for (unsigned i = below(4); i-- > 0;) {
    perform(3);
    act_one_of(waits, sizeof waits / sizeof *waits);
  }
  if (chance(50)) *ret_value = value_ref(draw_value());
  leave(&frame);
  return statuses[below(sizeof statuses / sizeof *statuses)];
}

/* On a worker: it has no machine, and no pools. */
int on_job(void *userdata, value_t **ret_value) {
  struct triple *triple = userdata;
  int status = 0;
  if (triple->destroyed) abort();
  switch (triple->serial % 5) {
    case 0: status = -5; break;
    case 1: status = value_new_text("done", ret_value); break;
    case 2: status = triple->stops ? loop_stop_threadsafe(triple->loop) : 0; break;
    case 3: (void)loop_is_running(triple->loop); break;
    default: status = LOOP_EEXCEPTION;
  }
  return status;
}
