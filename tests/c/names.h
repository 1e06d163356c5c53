/* For the tests of look-ups: what they all do, and a resolver that a test holds: defined in the program, getaddrinfo comes before the system's for the library too.
 *
 *   slow-X    waits until names_go() is called, and is 127.0.0.1
 *   X.invalid is unknown at once, whatever the network says
 *   all else is asked of the system */
#ifndef BOUCLE_TESTS_NAMES_H
#define BOUCLE_TESTS_NAMES_H

#include "support.h"

/* From here on slow names wait. */
void names_stop(void);
/* They go on, all of them. */
void names_go(void);
/* Waits until so many look-ups of slow names are under way. */
void names_await(int count);
/* How many times the system was asked since names_stop(). */
int names_asked(void);

/* Looks up the IPv4 addresses for streams. */
future_t *look_up(loop_t *loop, const char *host, const char *service);
/* The result, once it is there; the future is unreferenced. */
value_t *finish(loop_t *loop, future_t *future);
size_t size_of(const value_t *list);
const char *text_at(const value_t *list, size_t index);
int int_at(const value_t *list, size_t index);
/* Fails unless the first of the addresses reads so; unreferences the list. */
void assert_first(const char *canonical, const char *text, value_t *list);

#endif
