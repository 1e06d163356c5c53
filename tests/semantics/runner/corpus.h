/* Scenario files: finding them, running them, comparing what they print. */
#ifndef RUNNER_CORPUS_H
#define RUNNER_CORPUS_H

#include "env.h"

/* One file of the corpus, read and parsed. */
struct sample {
  char *path;
  struct scenario scenario;
  char *expected; /* NULL if there is no .trace beside it */
};

/* Calls fn for each .scn under the paths (files or directories), in order; the sum of what it returns.
 * Prints what cannot be read, and counts it too. */
typedef size_t (*sample_fn)(struct sample *sample, void *userdata);
size_t corpus_each(char **paths, size_t count, sample_fn fn, void *userdata);

/* Runs the scenario; the caller frees the trace. Returns a status: not 0 if there was no loop to run it on.
 * *ret_leaked: how many objects of the library are alive afterwards that were not before. */
int scenario_run(const struct scenario *scenario, enum mode mode, struct buffer *ret_trace, size_t *ret_leaked);

/* Shows where the traces differ, each line behind the margin. */
void print_difference(const char *margin, const char *path, const char *expected, const char *actual);

/* The file's text, to be freed; NULL if it cannot be read. */
char *file_text(const char *path);

#endif
