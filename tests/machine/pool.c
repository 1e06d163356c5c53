/* The objects that calls draw from. Each slot owns a reference. */
#include "machine.h"

#include <stdlib.h>
#include <string.h>

typedef void *(*ref_fn)(void *);
typedef void (*unref_fn)(void *);

#define KIND(name) {(ref_fn)(void (*)(void))name##_ref, (unref_fn)(void (*)(void))name##_unref}
static const struct {
  ref_fn ref;
  unref_fn unref;
} kinds[KINDS] = {
    [LOOP] = KIND(loop),           [OPTIONS] = KIND(loop_options), [HANDLE] = KIND(handle),
    [FUTURE] = KIND(future),       [TASK] = KIND(task),            [COROUTINE] = KIND(coroutine),
    [VALUE] = KIND(value),         [EXCEPTION] = KIND(exception),  [COMPLETION] = KIND(completion),
    [TIMEOUT] = KIND(timeout),     [GROUP] = KIND(task_group),     [LOCK] = KIND(lock),
    [EVENT] = KIND(event),         [CONDITION] = KIND(condition),  [SEMAPHORE] = KIND(semaphore),
    [BARRIER] = KIND(barrier),     [QUEUE] = KIND(queue),          [VAR] = KIND(context_var),
    [CONTEXT] = KIND(context),     [CONCURRENT] = KIND(concurrent), [HOST] = KIND(host),
    [TASK_OPTIONS] = KIND(task_options),
};

void *add_reference(enum kind kind, void *object) { return object ? kinds[kind].ref(object) : NULL; }
void drop(enum kind kind, void *object) {
  if (object) kinds[kind].unref(object);
}

void drop_slot(enum kind kind, int index) {
  struct slot *slot = &m->slots[kind][index];
  void *object = slot->object;
  memset(slot, 0, sizeof *slot);
  drop(kind, object);
}

/* Mostly the first loop, so that most objects belong together. */
static unsigned draw_index(enum kind kind) {
  if (kind == LOOP && chance(85)) return 0;
  return below(kind == LOOP ? 3 : SLOTS);
}

struct slot *draw_slot(enum kind kind) {
  static _Thread_local struct slot nothing;
  unsigned index = draw_index(kind);
  if (!chance(3)) {
    for (unsigned i = 0; i < SLOTS; i++) {
      struct slot *slot = &m->slots[kind][(index + i) % SLOTS];
      if (!slot->object) continue;
      note_argument((char)kind, (index + i) % SLOTS);
      return slot;
    }
  }
  note_argument((char)kind, -1);
  memset(&nothing, 0, sizeof nothing);
  return &nothing;
}

void *draw(enum kind kind) { return draw_slot(kind)->object; }

void put(enum kind kind, void *object) {
  struct slot *slot = &m->slots[kind][draw_index(kind)];
  void *former = slot->object;
  *slot = (struct slot){object};
  drop(kind, former);
}

static int may_be_null(enum kind kind) { return kind == VALUE || kind == EXCEPTION || kind == CONTEXT; }

int keep(enum kind kind, int status, const void *ret, const void *made) {
  void *object;
  memcpy(&object, made, sizeof object);
  if (status < 0 || !ret) {
    if (object != POISON) finding("a call that failed with %s wrote an output", loop_status_name(status));
  } else if (object == POISON || (!object && !may_be_null(kind))) {
    finding("a call that succeeded wrote no output");
  } else if (object) {
    put(kind, object);
  }
  return status;
}

void poison(void *made, size_t size) { memset(made, 0x5a, size); }

int check_number(int status, const void *made, size_t size) {
  for (size_t i = 0; status < 0 && i < size; i++) {
    if (((const unsigned char *)made)[i] != 0x5a) finding("a call that failed with %s wrote a number", loop_status_name(status));
  }
  return status;
}

task_t *draw_task(void) {
  struct frame *top = m->top;
  if (top && top->task && (top->insists || chance(50))) {
    note_argument('T', 0);
    return top->task;
  }
  return draw(TASK);
}

const report_t *draw_report(void) { return m->top && !chance(5) ? m->top->report : NULL; }
