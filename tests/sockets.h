/* A pair of connected sockets, and what is asked of them. */
#ifndef BOUCLE_TESTS_SOCKETS_H
#define BOUCLE_TESTS_SOCKETS_H

#include "support.h"

struct fixture {
  loop_t *loop; /* on the real clock */
  int ends[2];  /* they may block */
};
void open_fixture(struct fixture *fixture);
void close_fixture(struct fixture *fixture);

future_t *receive(loop_t *loop, int fd, size_t max);
/* Runs until the future is done; its bytes must be these. Unreferences it. */
void assert_bytes(loop_t *loop, const char *expected, future_t *future);
/* The same for an OSError of that status. */
void assert_fails_with(loop_t *loop, int status, future_t *future);
void put(int fd, const char *text);
/* A callback that counts its calls. */
void on_call(loop_t *loop, void *calls);

#endif
