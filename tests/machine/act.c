/* Chooses the next call, and from where it is made. */
#include "machine.h"

#include <stdio.h>
#include <string.h>

#define DECLARE(name) void op_##name(void) __attribute__((weak));
DOCUMENTED_FUNCTIONS(DECLARE)
#define ROW(name) op_##name,
static void (*const operations[DOCUMENTED_COUNT])(void) = {DOCUMENTED_FUNCTIONS(ROW)};

int missing_operations(void) {
  int missing = 0;
  for (int f = 0; f < DOCUMENTED_COUNT; f++) {
    if (operations[f]) continue;
    fprintf(stderr, "machine: %s has no operation\n", documented_name((enum documented)f));
    missing++;
  }
  return missing;
}

/* ---- frames ---- */

int enter(struct frame *frame, enum place place, struct triple *triple) {
  int depth = m->top ? m->top->depth + 1 : 0;
  if (triple) triple->calls++;
  if (m->budget <= 0 || depth > DEEPEST) return 0;
  m->budget--;
  memset(frame, 0, sizeof *frame);
  frame->outer = m->top;
  frame->place = place;
  frame->depth = depth;
  frame->triple = triple;
  m->top = frame;
  return 1;
}

void leave(struct frame *frame) { m->top = frame->outer; }

/* While a body waits, whatever the loop calls lies on the frames of whoever runs the loop. */
void wait_in_body(struct frame **ret_me) {
  *ret_me = m->top;
  if (m->top && m->top->place == BODY) m->top = m->top->outer;
}

void wake_in_body(struct frame *me) {
  if (me && me->place == BODY) {
    me->outer = m->top;
    me->depth = m->top ? m->top->depth + 1 : 0;
  }
  m->top = me;
}

static int inside_body(void) {
  for (struct frame *frame = m->top; frame; frame = frame->outer) {
    if (frame->place == BODY) return 1;
  }
  return 0;
}

/* ---- the next call ---- */

static int begins(enum documented f, const char *prefix) {
  return strncmp(documented_name(f), prefix, strlen(prefix)) == 0;
}

/* What would empty the world too soon. */
static int is_rare(enum documented f) {
  return f == DOCUMENTED_loop_close || f == DOCUMENTED_loop_unref || f == DOCUMENTED_loop_shutdown ||
         f == DOCUMENTED_queue_shutdown || f == DOCUMENTED_host_new || f == DOCUMENTED_loop_run;
}

/* Where other threads are about, there is one loop, which runs without a break: what could stop it, free it or make
 * another is left out, and so are hosts, which do not ask for the thread. */
static int is_no_part_of_threads(enum documented f) {
  static const char *const prefixes[] = {"host_", "loop_stop", "loop_run", "loop_close", "loop_shutdown", "loop_raise",
                                         "loop_new", "loop_add_signal", "task_raise", "loop_call_soon_locked",
                                         "loop_set_wait_hook", "loop_unref", "loop_ref"};
  for (unsigned i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (begins(f, prefixes[i])) return f != DOCUMENTED_loop_run_in_executor;
  }
  return 0;
}

/* What the headers forbid there. */
static int is_forbidden(enum documented f) {
  if (m->in_hook && !begins(f, "value_") && !begins(f, "exception_") && f != DOCUMENTED_loop_call_soon_threadsafe) return 1;
  if (m->in_compare && !begins(f, "value_") && !begins(f, "exception_")) return 1;
  if (m->world == THREADED && is_no_part_of_threads(f)) return 1;
  /* An await belongs into the body and the functions that it calls, not into a destroy or a handler called meanwhile. */
  if (begins(f, "await_") && m->top && m->top->place != BODY && inside_body()) return 1;
  return 0;
}

static void call(enum documented f) {
  struct call *call;
  unsigned long number;
  if (m->budget <= 0 || is_forbidden(f)) return;
  m->budget--;
  number = ++m->calls;
  call = &m->ring[number % RING];
  *call = (struct call){.function = (int)f, .depth = m->top ? m->top->depth + 1 : 0};
  __atomic_fetch_add(&called[f], 1, __ATOMIC_RELAXED);
  operations[f]();
  if (m->calls < number + RING) m->ring[number % RING].returned = 1;
}

void act(void) {
  enum documented f = (enum documented)below(DOCUMENTED_COUNT);
  if (is_rare(f) && !chance(15)) return;
  if (m->is_intruder && !documented_any_thread(f) && !documented_can_fail(f)) return;
  call(f);
}

void act_one_of(const enum documented *functions, unsigned count) { call(functions[below(count)]); }

void perform(unsigned most) {
  for (unsigned i = below(most + 1); i-- > 0;) act();
}
