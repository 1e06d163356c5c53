/* machine WORLD [SEED [CALLS]]: WORLD is pure, polled, live or threads; a SEED of 0 stands for a new one. A session makes
 * some thousand calls, and has a seed of its own, with which a failure can be repeated. MACHINE_SKIP: see shrink.py. */
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SESSION = 1000 };

void __lsan_do_leak_check(void) __attribute__((weak));

/* What the library prints, such as the reports of the default handler, is not looked at. */
static void silence_library(void) {
  FILE *nowhere = fopen("/dev/null", "w");
  if (nowhere) stderr = nowhere;
}

static uint64_t fresh_seed(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 20;
}

static int world_of(const char *name) {
  static const char *const names[] = {"pure", "polled", "live", "threads"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(names[i], name) == 0) return i;
  }
  return -1;
}

static void summarize(uint64_t seed, long calls, double took) {
  int covered = 0;
  for (int f = 0; f < DOCUMENTED_COUNT; f++) covered += called[f] > 0;
  printf("ok seed 0x%llx: %ld calls, %d of %d functions, %.0f calls/s\n", (unsigned long long)seed, calls, covered,
         DOCUMENTED_COUNT, (double)calls / took);
}

int main(int count, char **arguments) {
  int world = count > 1 ? world_of(arguments[1]) : -1;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 0) : 0;
  long calls = count > 3 ? atol(arguments[3]) : SESSION, made = 0;
  struct timespec begin, end;
  const long length = calls < SESSION ? calls : SESSION;
  if (world < 0) return fprintf(stderr, "usage: machine pure|polled|live|threads [SEED [CALLS]]\n"), 2;
  if (missing_operations()) return 1;
  if (seed == 0) seed = fresh_seed();
  printf("seed 0x%llx\n", (unsigned long long)seed);
  fflush(stdout);
  watch_for_crashes();
  if (getenv("MACHINE_SKIP")) skipped_steps = getenv("MACHINE_SKIP");
  silence_library();
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (uint64_t next = seed; made < calls; next = next * 6364136223846793005U + 1442695040888963407U) {
    made += session(next, (enum world)world, length);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  summarize(seed, made, (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
  return 0;
}
