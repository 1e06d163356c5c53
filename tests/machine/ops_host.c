/* Hosts. op_host_pump answers each event of a batch; most answers follow the rules. */
#include "machine.h"

#include <string.h>

enum { WORDS = 4, IDS = 12, ANSWERS = 40 };
struct answers {
  int64_t words[ANSWERS][WORDS];
  size_t count;
};

static int64_t draw_id(void) {
  static const int64_t odd[] = {0, -1, 1000, INT32_MAX, (int64_t)INT32_MAX + 1, INT64_MIN};
  if (chance(4)) return odd[number(0, 5)];
  return number(1, IDS);
}
static int64_t bits_of(double drawn) {
  int64_t bits;
  memcpy(&bits, &drawn, sizeof bits);
  return bits;
}
static int64_t word_of(const void *pointer) { return (int64_t)(intptr_t)pointer; }

static void answer(struct answers *answers, host_answer_t what, int64_t id, int64_t kind, int64_t payload) {
  int64_t words[WORDS] = {what, id, kind, payload};
  if (answers->count < ANSWERS) memcpy(answers->words[answers->count++], words, sizeof words);
}

static void answer_value(struct answers *answers) {
  value_t *value = value_ref(draw_value());
  int64_t kind = value_kind(value);
  if (kind == VALUE_NIL || kind == VALUE_BOOL || kind == VALUE_INT || kind == VALUE_DOUBLE) {
    value_unref(value);
    answer(answers, HOST_RETURN, 0, kind, kind == VALUE_DOUBLE ? bits_of(seconds()) : number(0, 1));
  } else {
    answer(answers, HOST_RETURN, 0, kind, word_of(value)); /* given away */
  }
}

/* Those that end no event. */
static void answer_more(struct answers *answers) {
  switch (below(4)) {
    case 0: answer(answers, HOST_SPAWN, draw_id(), 0, 0); break;
    case 1: answer(answers, HOST_CALL_SOON, draw_id(), 0, 0); break;
    case 2: answer(answers, HOST_FORGET, draw_id(), 0, 0); break;
    default: break;
  }
}

static void answer_exception(struct answers *answers) {
  exception_t *exception = exception_ref(draw_exception());
  answer(answers, exception ? HOST_RAISE : HOST_END, 0, 0, word_of(exception));
}

/* One that ends an event, at times of the wrong sort. */
static void answer_end(struct answers *answers, const int64_t *event) {
  int is_step = event[0] == HOST_STEP || event[0] == HOST_STEP_FAILED;
  int64_t id = draw_id();
  if (chance(3)) is_step = !is_step;
  if (chance(15))
    answer_exception(answers);
  else if (!is_step)
    answer(answers, HOST_END, 0, 0, 0);
  else if (chance(40))
    answer(answers, HOST_SLEEP, 0, 0, bits_of(seconds()));
  else if (chance(20) && !task_done(host_task(m->batch.host, id)))
    answer(answers, HOST_AWAIT_TASK, id, 0, 0);
  else
    answer_value(answers);
}

static const int64_t *event_at(int index) { return host_events(m->batch.host) + (ptrdiff_t)WORDS * index; }

static void draw_answers(struct answers *answers, host_t *host) {
  int count = host == m->batch.host ? m->batch.count : 0;
  answers->count = 0;
  if (chance(2)) answer(answers, (host_answer_t)number(-1, 12), draw_id(), VALUE_NIL, 0);
  for (; m->batch.at < count; m->batch.at++) {
    if (event_at(m->batch.at)[0] == HOST_REPORT) continue;
    if (chance(30)) answer(answers, HOST_BEGIN, 0, 0, 0);
    if (chance(40)) answer_more(answers);
    if (!chance(2)) answer_end(answers, event_at(m->batch.at));
  }
  if (chance(50)) answer_more(answers);
}

OP(host_pump) {
  struct answers answers;
  host_t *host = draw_host();
  int events;
  draw_answers(&answers, host);
  host_ref(host); /* a host keeps what it calls upon */
  events = host_pump(host, answers.words[0], answers.count);
  if (events >= 0 && host) {
    m->batch.host = host;
    m->batch.count = events;
    m->batch.at = 0;
  }
  host_unref(host);
}
OP(host_submit) {
  struct answers answers = {.count = 0};
  host_t *host = draw_host();
  for (unsigned i = below(3); i-- > 0;) answer_more(&answers);
  if (chance(3)) answer(&answers, HOST_BEGIN, 0, 0, 0);
  host_submit(host, chance(3) ? NULL : answers.words[0], answers.count);
}

/* A whole run, as a host makes it. */
OP(host_run_begin) {
  static const enum documented pump = DOCUMENTED_host_pump;
  host_t *host = host_ref(draw_host());
  int status = host_run_begin(host, chance(50) ? NULL : draw_future());
  struct frame frame;
  if (status == 0 && host && enter(&frame, PUMP, NULL)) {
    m->batch.host = host;
    m->batch.count = m->batch.at = 0;
    for (int i = 0; i < 20; i++) {
      act_one_of(&pump, 1);
      if (i > 0 && m->batch.count == 0) break;
      perform(2);
    }
    leave(&frame);
  }
  if (m->left || !chance(10)) {
    host_run_end(host);
    m->batch.count = m->batch.at = 0;
    host_unref(host);
  } else {
    m->left = host;
  }
}
OP(host_run_end) {
  host_t *host = draw_host();
  if (host == m->batch.host) m->batch.count = m->batch.at = 0;
  host_run_end(host);
}

static void check_event(int status, const int64_t *event) {
  if (status != 1) check_number(status, event, sizeof(int64_t[WORDS]));
}
OP(host_await) {
  int64_t event[WORDS];
  poison(event, sizeof event);
  check_event(host_await(draw_host(), draw_slot(FUTURE)->object, chance(4) ? NULL : event), event);
}
OP(host_await_coroutine) {
  int64_t event[WORDS];
  struct slot *slot = draw_slot(COROUTINE);
  coroutine_t *coroutine = slot->object;
  poison(event, sizeof event);
  check_event(host_await_coroutine(draw_host(), coroutine, chance(4) ? NULL : event), event);
}

/* ---- the rest ---- */

/* A run that was begun holds its loop. */
void end_hosts(void) {
  host_run_end(m->left);
  host_unref(m->left);
  for (int i = 0; i < SLOTS; i++) host_run_end(m->slots[HOST][i].object);
}

OP(host_new) {
  OUT(host_t);
  int status = host_new(draw_loop(), (size_t)number(0, 4), ret);
  keep(HOST, status, ret, &made);
}
OP(host_ref) { put(HOST, host_ref(draw_host())); }
OP(host_unref) { drop_slot(HOST, number(0, SLOTS - 1)); }
OP(host_state) {
  const int64_t *state = host_state(draw_host());
  if (state && (state[HOST_STATE_EVENTS] < 0 || state[HOST_STATE_DROPPED_COUNT] < 0)) finding("a host counts below 0");
}
OP(host_events) { (void)host_events(draw_host()); }
OP(host_withdrawn) {
  const int64_t *withdrawn = host_withdrawn(draw_host());
  if (withdrawn && *withdrawn < 0) finding("host_withdrawn is negative");
}
OP(host_task) { put(TASK, task_ref(host_task(draw_host(), draw_id()))); }
OP(host_forget) { host_forget(draw_host(), draw_id()); }
OP(host_call_soon) {
  OUT(handle_t);
  keep(HANDLE, host_call_soon(draw_host(), draw_id(), ret), ret, &made);
}
OP(host_call_later) {
  OUT(handle_t);
  keep(HANDLE, host_call_later(draw_host(), seconds(), draw_id(), ret), ret, &made);
}
OP(host_call_at) {
  OUT(handle_t);
  keep(HANDLE, host_call_at(draw_host(), seconds(), draw_id(), ret), ret, &made);
}
OP(host_call_soon_threadsafe) { host_call_soon_threadsafe(draw_host()); }
OP(host_add_done_callback) { host_add_done_callback(draw_host(), draw_future(), draw_id()); }
OP(host_remove_done_callback) {
  NUMBER(size_t);
  check_number(host_remove_done_callback(draw_host(), draw_future(), draw_id(), ret), &made, sizeof made);
}
static int host_fd(void) { return m->world == PURE ? -1 : m->fds[number(0, FDS - 1)]; }
OP(host_add_reader) { host_add_reader(draw_host(), host_fd(), draw_id()); }
OP(host_add_writer) { host_add_writer(draw_host(), host_fd(), draw_id()); }
OP(host_take_reports) { host_take_reports(draw_host()); }
OP(host_take_report) {
  const char *message = POISON;
  exception_t *exception = POISON;
  future_t *future = POISON;
  NUMBER(int64_t);
  int status = host_take_report(draw_host(), chance(4) ? NULL : &message, &exception, &future, ret);
  check_number(status, &made, sizeof made);
  if (status == 0) {
    (void)strlen(message);
    put(EXCEPTION, exception);
    put(FUTURE, future);
  } else if (message != POISON || exception != POISON || future != POISON) {
    finding("host_take_report failed and wrote an output");
  }
}
