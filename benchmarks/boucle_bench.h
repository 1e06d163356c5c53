/* What the parts of Boucle's competitor share. */
#ifndef BOUCLE_BENCH_H
#define BOUCLE_BENCH_H

#include "peers/common.h"

#include <boucle/boucle.h>
#include <stdbool.h>

extern loop_t *the_loop;

static inline void must(int status) {
  if (status == 0) return;
  fprintf(stderr, "%s: %s\n", loop_status_name(status), loop_status_message(status));
  abort();
}

/* Serves 127.0.0.1:port until it is killed. */
void echo(char **argv);
/* A second thread posts n callbacks; with ping, each waits for the one before. */
void cross(char **argv, uint64_t count, bool ping);
/* `window` jobs at a time on worker threads, `count` in all. */
void offload(char **argv, uint64_t count, uint64_t window);
/* The workload by tasks on stacks of their own; 2 if there is none such. */
int on_stacks(char **argv, uint64_t count, uint64_t width);

#endif
