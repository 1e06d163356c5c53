/* Other threads, while the loop runs. They may call functions whose comment says "Thread: any"; all others that return a
 * status must fail. Each thread has a machine of its own, whose pools begin with references to the objects of the loop's. */
#include "machine.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 3 };

struct intruder {
  struct machine machine;
  pthread_t thread;
  long steps;
};

static atomic_int busy;

static void *intrude(void *userdata) {
  struct intruder *intruder = userdata;
  m = &intruder->machine;
  for (long i = 0; i < intruder->steps; i++) act();
  m->budget = 0;
  loop_set_current(NULL);
  for (unsigned kind = 0; kind < KINDS; kind++) {
    for (int i = 0; i < SLOTS; i++) drop_slot((enum kind)kind, i);
  }
  atomic_fetch_sub(&busy, 1);
  return NULL;
}

static void prepare(struct intruder *intruder, uint64_t seed, long steps) {
  memset(intruder, 0, sizeof *intruder);
  intruder->steps = steps;
  intruder->machine.seed = m->seed;
  intruder->machine.state = seed;
  intruder->machine.world = THREADED;
  intruder->machine.budget = steps * 4;
  intruder->machine.is_intruder = 1;
  for (unsigned kind = 0; kind < KINDS; kind++) {
    if (kind == OPTIONS || kind == TASK_OPTIONS) continue; /* one thread at a time */
    for (int i = 0; i < SLOTS; i++) {
      struct slot *slot = &intruder->machine.slots[kind][i];
      *slot = m->slots[kind][i];
      slot->object = add_reference((enum kind)kind, slot->object);
    }
  }
}

/* The loop goes on acting until the last thread is done: only while it runs do the others know what they may do. */
static void tend(loop_t *loop, void *userdata) {
  struct frame frame;
  if (enter(&frame, CALLBACK, NULL)) {
    perform(4);
    leave(&frame);
  }
  if (atomic_load(&busy) > 0)
    loop_call_later(loop, 0.00002, tend, userdata, NULL, NULL);
  else
    loop_stop(loop);
}

static void start(loop_t *loop, void *userdata) {
  struct intruder *intruders = userdata;
  (void)loop;
  for (int i = 0; i < THREADS; i++) {
    if (pthread_create(&intruders[i].thread, NULL, intrude, &intruders[i])) finding("no thread");
  }
}

long run_with_intruders(long steps) {
  struct intruder *intruders = calloc(THREADS, sizeof *intruders);
  loop_t *loop = loop_ref(m->slots[LOOP][0].object);
  long calls = 0;
  if (!intruders || !loop) abort();
  for (int i = 0; i < THREADS; i++) prepare(&intruders[i], random_bits(), steps);
  atomic_store(&busy, THREADS);
  m->budget = steps * 4;
  loop_call_soon(loop, start, intruders, NULL, NULL);
  loop_call_soon(loop, tend, NULL, NULL, NULL);
  if (loop_run_forever(loop) != 0 || atomic_load(&busy) > 0) finding("the loop stopped before its time");
  for (int i = 0; i < THREADS; i++) {
    pthread_join(intruders[i].thread, NULL);
    calls += (long)intruders[i].machine.calls;
    take_triples(&intruders[i].machine);
  }
  loop_unref(loop);
  free(intruders);
  return calls;
}
