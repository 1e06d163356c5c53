/* scenario-oom [--coroutine] PATH...
 *
 * Re-runs each scenario, failing the 1st, 2nd, 3rd, ... allocation (mmap too) that the library makes, until a run needs
 * no more. No run may crash, hang or leak; without a failure the trace must be right. A trace that differs without naming a
 * MemoryError is counted as silent, and should be looked at, because some code swallowed the error.
 *
 * The allocator is replaced here for the whole program; the runner's own allocations are not counted (memory.h). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "corpus.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool armed;
static size_t allocations, fails_at;

static bool must_fail(void) {
  if (!armed || runner_allocates > 0) return false;
  return ++allocations == fails_at;
}

void *malloc(size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_calloc(count, size); }

void *realloc(void *memory, size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_realloc(memory, size); }

void *memalign(size_t alignment, size_t size) {
  return must_fail() ? (errno = ENOMEM, NULL) : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **ret_memory, size_t alignment, size_t size) {
  void *memory = memalign(alignment, size);
  if (memory == NULL) return ENOMEM;
  *ret_memory = memory;
  return 0;
}

/* The stacks of coroutines come from here. */
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  if (must_fail()) return errno = ENOMEM, MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

/* ---- where we are, for the one who has to debug it ---- */

static char position[512];

static void died(int signal) {
  const char *what = signal == SIGALRM ? "hangs: " : "crashes: ";
  if (write(2, what, strlen(what)) < 0 || write(2, position, strlen(position)) < 0) _exit(4);
  _exit(3);
}

/* ---- the runs ---- */

/* Shared with the children. */
struct oom {
  enum mode mode;
  bool verbose;
  size_t scenarios, runs, failed, silent, diverged;
};

static bool is_good(struct oom *oom, const struct sample *sample, bool injected, int status, const char *trace) {
  if (status == 0 && strcmp(sample->expected, trace) == 0) return true;
  if (!injected) {
    print_difference("", sample->path, sample->expected, trace);
    return false;
  }
  oom->diverged++;
  if (status == 0 && strstr(trace, "MemoryError") == NULL) {
    oom->silent++;
    if (oom->verbose) {
      printf("silent: allocation %zu\n", fails_at);
      print_difference("", sample->path, sample->expected, trace);
    }
  }
  return true;
}

/* Returns whether the run had its failure. */
static bool run_once(struct oom *oom, struct sample *sample, bool *ret_good) {
  struct buffer trace = {0};
  size_t leaked = 0;
  snprintf(position, sizeof position, "%s, allocation %zu\n", sample->path, fails_at);
  allocations = 0;
  alarm(10);
  armed = true;
  int status = scenario_run(&sample->scenario, oom->mode, &trace, &leaked);
  armed = false;
  bool injected = allocations >= fails_at;
  *ret_good = is_good(oom, sample, injected, status, trace.text);
  if (leaked != 0) {
    printf("--- %s, allocation %zu: %zd objects left alive\n", sample->path, fails_at, (ssize_t)leaked);
    *ret_good = false;
  }
  buffer_free(&trace);
  oom->runs++;
  return injected;
}

static bool try_each_allocation(struct oom *oom, struct sample *sample) {
  bool injected = true, good = true, all_good = true;
  for (fails_at = 1; injected; fails_at++) {
    injected = run_once(oom, sample, &good);
    all_good = all_good && good;
  }
  return all_good;
}

/* In a process of its own, so that one that crashes does not hide the others. */
static size_t try_sample(struct sample *sample, void *userdata) {
  struct oom *oom = userdata;
  int result = 1;
  oom->scenarios++;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    bool good = try_each_allocation(oom, sample);
    fflush(stdout);
    _exit(good ? 0 : 1);
  }
  if (child > 0) waitpid(child, &result, 0);
  return result != 0;
}

int main(int argc, char **argv) {
  struct oom *oom = mmap(NULL, sizeof *oom, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (oom == MAP_FAILED) return 2;
  int next = 1;
  for (; next < argc && argv[next][0] == '-'; next++) {
    if (strcmp(argv[next], "--coroutine") == 0)
      oom->mode = MODE_COROUTINES;
    else if (strcmp(argv[next], "--verbose") == 0)
      oom->verbose = true;
  }
  signal(SIGALRM, died);
  signal(SIGSEGV, died);
  signal(SIGABRT, died);
  oom->failed = corpus_each(argv + next, (size_t)(argc - next), try_sample, oom);
  printf("%zu scenarios in %zu runs: %zu diverged (%zu in silence), %zu failed\n", oom->scenarios, oom->runs,
         oom->diverged, oom->silent, oom->failed);
  return oom->failed > 0 || oom->scenarios == 0;
}
