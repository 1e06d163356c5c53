/* scenario [--coroutine] FILE             prints the trace
 * scenario [--coroutine] --check PATH...  compares with the .trace beside each .scn
 * scenario [--coroutine] --tap PATH...    the same, a line for each scenario in the Test Anything Protocol */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "corpus.h"

struct check {
  enum mode mode;
  bool tap;
  size_t passed, failed;
};

enum { MOST_DIFFERENCES = 5 };

/* What is wrong with the run, shown if few were shown before; in TAP a line that starts with # is a comment. */
static void print_failure(struct check *check, const struct sample *sample, const char *trace, size_t leaked) {
  const char *expected = sample->expected != NULL ? sample->expected : "";
  if (strcmp(expected, trace) != 0 && check->failed < MOST_DIFFERENCES)
    print_difference(check->tap ? "# " : "", sample->path, expected, trace);
  else if (strcmp(expected, trace) != 0 && !check->tap)
    printf("--- %s\n", sample->path);
  if (leaked != 0) printf("%s--- %s: %zd objects left alive\n", check->tap ? "# " : "", sample->path, (ssize_t)leaked);
}

static void print_verdict(struct check *check, bool good, const struct sample *sample) {
  const char *name = strrchr(sample->path, '/') ? strrchr(sample->path, '/') + 1 : sample->path;
  if (check->tap)
    printf("%sok %zu - %.*s\n", good ? "" : "not ", check->passed + check->failed, (int)strcspn(name, "."), name);
}

static size_t check_sample(struct sample *sample, void *userdata) {
  struct check *check = userdata;
  struct buffer trace = {0};
  size_t leaked = 0;
  int status = scenario_run(&sample->scenario, check->mode, &trace, &leaked);
  bool good = status == 0 && leaked == 0 && sample->expected != NULL && strcmp(sample->expected, trace.text) == 0;
  if (!good) print_failure(check, sample, trace.text, leaked);
  if (good)
    check->passed++;
  else
    check->failed++;
  print_verdict(check, good, sample);
  buffer_free(&trace);
  return 0;
}

static int run_check(enum mode mode, bool tap, char **paths, size_t count) {
  struct check check = {.mode = mode, .tap = tap};
  check.failed += corpus_each(paths, count, check_sample, &check);
  if (tap) {
    printf("1..%zu\n", check.passed + check.failed);
    return check.failed > 0;
  }
  printf("%zu passed, %zu failed\n", check.passed, check.failed);
  return check.failed > 0 || check.passed == 0;
}

static size_t print_sample(struct sample *sample, void *userdata) {
  struct buffer trace = {0};
  size_t leaked = 0;
  int status = scenario_run(&sample->scenario, *(enum mode *)userdata, &trace, &leaked);
  fputs(trace.text, stdout);
  if (status != 0) fprintf(stderr, "%s: no loop: %s\n", sample->path, loop_status_message(status));
  if (leaked != 0) fprintf(stderr, "%s: %zd objects left alive\n", sample->path, (ssize_t)leaked);
  buffer_free(&trace);
  return status != 0 || leaked != 0;
}

int main(int argc, char **argv) {
  enum mode mode = MODE_CALLBACKS;
  int next = 1;
  if (next < argc && strcmp(argv[next], "--coroutine") == 0) {
    mode = MODE_COROUTINES;
    next++;
  }
  bool tap = next < argc && strcmp(argv[next], "--tap") == 0;
  if (next + 1 < argc && (tap || strcmp(argv[next], "--check") == 0))
    return run_check(mode, tap, argv + next + 1, (size_t)(argc - next - 1));
  if (next + 1 == argc && argv[next][0] != '-') return corpus_each(argv + next, 1, print_sample, &mode) != 0;
  fputs("usage: scenario [--coroutine] FILE\n       scenario [--coroutine] --check|--tap PATH...\n", stderr);
  return 2;
}
