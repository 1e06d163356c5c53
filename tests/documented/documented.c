/* Is a returned status one that the header names? See documented.py, which makes the table and the macros. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "documented.h"

enum { STATUSES = 24 };

static const struct row {
  const char *name;
  int can_fail, any_errno, may_be_positive, any_thread;
  int statuses[STATUSES]; /* ends with 0 */
} rows[] = {
#include "documented.inc"
};

static int is_listed(const struct row *row, int status) {
  if (!row->can_fail || status == 0) return 1;
  if (status > 0) return row->may_be_positive;
  if (status >= -4095 && row->any_errno) return 1;
  for (const int *listed = row->statuses; *listed; listed++)
    if (*listed == status) return 1;
  return 0;
}

const char *documented_name(enum documented function) { return rows[function].name; }
int documented_can_fail(enum documented function) { return rows[function].can_fail; }
int documented_any_thread(enum documented function) { return rows[function].any_thread; }

int documented_check(enum documented function, int status) {
  if (is_listed(&rows[function], status)) return status;
  fprintf(stderr, "%s returned %d (%s), which its header does not list\n", rows[function].name, status,
          loop_status_name(status));
  abort();
}
