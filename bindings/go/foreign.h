/* Values of Go inside values and exceptions of Boucle. When such a value is destroyed, C does not call Go: it puts the id
 * on a list, which Go empties later. */
#ifndef BOUCLE_GO_FOREIGN_H
#define BOUCLE_GO_FOREIGN_H

#include <boucle/boucle.h>

int go_value_foreign(int64_t id, value_t **ret_value);
int go_value_text(const char *text, size_t size, value_t **ret_value);
int go_exception_foreign(const char *kind, const char *message, int64_t id, exception_t **ret_exception);
/* Returns the id, or -1 if the value is not Go's. */
int64_t go_value_id(const value_t *value);
int64_t go_exception_id(const exception_t *exception);
/* Takes up to `capacity` ids of destroyed values from the list. Returns their number. */
size_t go_take_destroyed(int64_t *ids, size_t capacity);
/* The number of ids on the list. Atomic. */
extern int64_t go_destroyed_count;

/* Stops the loop's virtual clock until go_hold_release. Returns NULL on failure. */
struct go_hold;
struct go_hold *go_hold_clock(loop_t *loop);
void go_hold_release(struct go_hold *hold);

/* Does nothing: the benchmarks measure the cost of a call. */
void go_empty_call(void);

#endif
