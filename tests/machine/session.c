/* A session: a few loops, from the beginning to the end. */
#include "machine.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t open_descriptors(void) {
  uint64_t open = 0;
  DIR *directory = opendir("/proc/self/fd");
  struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(directory) && fd < 64) open |= UINT64_C(1) << fd;
  }
  if (directory) closedir(directory);
  return open;
}

/* ---- loops ---- */

enum { STOP_MS = 2 };
/* Worlds in which a run could wait for ever have a timer that stops it, again and again. */
static void stop_again(loop_t *loop, void *userdata) {
  loop_stop(loop);
  if (loop_call_later(loop, STOP_MS / 1e3, stop_again, userdata, NULL, NULL)) finding("a callback cannot schedule");
}

loop_t *new_random_loop(void) {
  struct triple *triple = new_triple(HANDLER);
  loop_options_t *options;
  loop_t *loop;
  if (loop_options_new(&options)) finding("loop_options_new fails");
  loop_options_set_clock(options, m->world == THREADED || (m->world == LIVE && chance(70)) ? LOOP_CLOCK_MONOTONIC : LOOP_CLOCK_VIRTUAL);
  loop_options_set_poller(options, chance(30) ? LOOP_POLLER_POLL : LOOP_POLLER_EPOLL);
  loop_options_set_debug(options, chance(20));
  loop_options_set_executor_threads(options, 1 + below(2));
  if (loop_new(options, &loop)) finding("loop_new fails");
  loop_options_unref(options);
  settle(triple, loop_set_exception_handler(loop, on_exception, triple, draw_destroy(triple)));
  if (must_stop(m->world)) loop_call_later(loop, STOP_MS / 1e3, stop_again, NULL, NULL, NULL);
  return loop;
}

static void renew_loop(void) {
  loop_t *first = m->slots[LOOP][0].object;
  if (first && !loop_is_closed(first)) return;
  if (first && chance(60)) return;
  first = new_random_loop();
  drop_slot(LOOP, 0);
  if (m->slots[LOOP][0].object)
    put(LOOP, first); /* a destroy was quicker */
  else
    m->slots[LOOP][0].object = first;
}

/* ---- what happens outside of the library ---- */

static void disturb(void) {
  static const int signals[] = {SIGUSR1, SIGUSR2, SIGWINCH, SIGURG};
  struct sigaction action;
  int fd = m->fds[below(FDS)], number = signals[below(4)];
  char bytes[64] = "";
  if (chance(60)) {
    if (chance(50) ? write(fd, bytes, 1 + below(16)) : read(fd, bytes, sizeof bytes)) return;
  } else if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL) {
    raise(number);
  }
}

static void step_outside(void) {
  static const enum documented runs[] = {
      DOCUMENTED_loop_run_once,       DOCUMENTED_loop_run_once, DOCUMENTED_loop_run_until_complete,
      DOCUMENTED_loop_run_forever,    DOCUMENTED_host_run_begin};
  renew_loop();
  if (m->world != PURE && chance(20)) disturb();
  if (chance(8))
    act_one_of(runs, sizeof runs / sizeof *runs);
  else
    act();
}

/* ---- begin and end ---- */

static void open_fds(void) {
  for (int i = 0; i < FDS; i += 2) {
    int type = (i == 4 ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK;
    int failed = socketpair(AF_UNIX, type, 0, m->fds + i);
    if (failed) finding("no descriptors");
  }
}

/* Runs end, loops close in any order, and then everything goes. Destroy functions may put more into the pool. */
static void end_world(void) {
  end_hosts();
  loop_set_current(NULL);
  for (int i = 0; i < SLOTS; i++) {
    loop_t *loop = m->slots[LOOP][i].object;
    loop_ref(loop);
    if (chance(30)) loop_run_once(loop, 0);
    if (chance(70)) loop_close(loop);
    loop_unref(loop);
  }
  for (int pass = 0; pass < 2; pass++) {
    unsigned first = below(KINDS);
    for (unsigned k = 0; k < KINDS; k++) {
      for (int i = 0; i < SLOTS; i++) drop_slot((enum kind)((first + k) % KINDS), i);
    }
  }
}

/* Steps to leave out: a 1 for each. shrink.py finds out which of them matter. */
const char *skipped_steps = "";
static int is_skipped(long n) { return n < (long)strlen(skipped_steps) && skipped_steps[n] == '1'; }

/* Look-ups that nobody waits for any more may be reading files still. */
static uint64_t settled_descriptors(uint64_t before) {
  const struct timespec moment = {0, 1000000};
  uint64_t now = open_descriptors();
  for (int i = 0; i < 5000 && m->world >= LIVE && now != before; i++) {
    nanosleep(&moment, NULL);
    now = open_descriptors();
  }
  return now;
}

enum { NESTED = 4, FILLING = 250 };

long session(uint64_t seed, enum world world, long steps) {
  static struct machine machine;
  uint64_t fds = open_descriptors(), fds_after;
  size_t objects = loop_live_objects();
  memset(&machine, 0, sizeof machine);
  m = &machine;
  m->seed = m->state = seed;
  m->world = world;
  m->budget = steps * NESTED;
  watch(m, 20);
  open_fds();
  if (world == THREADED) renew_loop();
  for (long n = 0; n < (world == THREADED ? FILLING : steps); n++) {
    m->state = seed ^ (uint64_t)n * 0x9e3779b97f4a7c15U; /* a step is the same, whatever those before it drew */
    if (!is_skipped(n)) step_outside();
  }
  if (world == THREADED) m->calls += (unsigned long)run_with_intruders(steps);
  m->budget = 0;
  end_world();
  for (int i = 0; i < FDS; i++) close(m->fds[i]);
  fds_after = settled_descriptors(fds);
  if (loop_live_objects() != objects) look_for_leaks("objects are left");
  if (loop_live_objects() != objects) finding("%zu live objects before, %zu after", objects, loop_live_objects());
  check_triples();
  if (fds != fds_after) finding("descriptors %llx before, %llx after", (unsigned long long)fds, (unsigned long long)fds_after);
  watch(NULL, 0);
  return (long)m->calls;
}
