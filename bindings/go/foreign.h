/* Values of Go inside values and exceptions of Boucle. C does not call Go when one ends: it puts the id on a list, which
 * Go empties when it comes by. */
#ifndef BOUCLE_GO_FOREIGN_H
#define BOUCLE_GO_FOREIGN_H

#include <boucle/boucle.h>

int go_value_foreign(int64_t id, value_t **ret_value);
int go_value_text(const char *text, size_t size, value_t **ret_value);
int go_exception_foreign(const char *kind, const char *message, int64_t id, exception_t **ret_exception);
/* The id, or -1 if it is not Go's. */
int64_t go_value_id(const value_t *value);
int64_t go_exception_id(const exception_t *exception);
/* Writes up to `capacity` ids whose values ended; returns how many. */
size_t go_take_destroyed(int64_t *ids, size_t capacity);
/* Not 0 if there are any. */
extern int64_t go_destroyed_count;

/* Makes the loop's virtual clock stand still until hold_release. NULL if that cannot be. */
struct go_hold;
struct go_hold *go_hold_clock(loop_t *loop);
void go_hold_release(struct go_hold *hold);

/* What the benchmarks measure: one crossing that does nothing. */
void go_empty_call(void);

#endif
