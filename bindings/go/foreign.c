#include "foreign.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

struct foreign {
  struct foreign *next;
  int64_t id;
};

static const char tag[] = "Go";
static _Atomic(struct foreign *) destroyed;
int64_t go_destroyed_count;

/* The destroy function of the values. Any thread may call it. */
static void foreign_destroy(void *userdata) {
  struct foreign *self = userdata, *top = atomic_load_explicit(&destroyed, memory_order_relaxed);
  do {
    self->next = top;
  } while (!atomic_compare_exchange_weak_explicit(&destroyed, &top, self, memory_order_release, memory_order_relaxed));
  __atomic_add_fetch(&go_destroyed_count, 1, __ATOMIC_RELEASE);
}

static struct foreign *foreign_new(int64_t id) {
  struct foreign *self = malloc(sizeof *self);
  if (self) self->id = id;
  return self;
}

int go_value_foreign(int64_t id, value_t **ret_value) {
  struct foreign *self = foreign_new(id);
  return self ? value_new_foreign(tag, self, foreign_destroy, ret_value) : -ENOMEM;
}

int go_value_text(const char *text, size_t size, value_t **ret_value) {
  return value_new_text_sized(size ? text : "", size, ret_value);
}

int go_exception_foreign(const char *kind, const char *message, int64_t id, exception_t **ret_exception) {
  struct foreign *self = foreign_new(id);
  return self ? exception_new_foreign(kind, message, tag, self, foreign_destroy, ret_exception) : -ENOMEM;
}

int64_t go_value_id(const value_t *value) {
  void *userdata;
  return value_get_foreign(value, tag, &userdata) == 0 ? ((struct foreign *)userdata)->id : -1;
}

int64_t go_exception_id(const exception_t *exception) {
  void *userdata;
  return exception_get_foreign(exception, tag, &userdata) == 0 ? ((struct foreign *)userdata)->id : -1;
}

size_t go_take_destroyed(int64_t *ids, size_t capacity) {
  size_t count = 0;
  struct foreign *self = atomic_exchange_explicit(&destroyed, NULL, memory_order_acquire);
  while (self && count < capacity) {
    struct foreign *next = self->next;
    ids[count++] = self->id;
    free(self);
    self = next;
  }
  __atomic_sub_fetch(&go_destroyed_count, (int64_t)count, __ATOMIC_RELEASE);
  while (self) { /* there was no room for the rest: put it back */
    struct foreign *next = self->next;
    __atomic_sub_fetch(&go_destroyed_count, 1, __ATOMIC_RELEASE);
    foreign_destroy(self);
    self = next;
  }
  return count;
}

/* A work request for the loop's executor: a virtual clock stands still while there is one. It may have to wait for a
 * thread, which does no harm. */
struct go_hold {
  sem_t released;
  atomic_int users;
};

static void hold_unref(void *userdata) {
  struct go_hold *hold = userdata;
  if (atomic_fetch_sub(&hold->users, 1) > 1) return;
  sem_destroy(&hold->released);
  free(hold);
}

static int hold_wait(void *userdata, value_t **ret_value) {
  struct go_hold *hold = userdata;
  (void)ret_value;
  while (sem_wait(&hold->released) != 0 && errno == EINTR) {
  }
  return 0;
}

struct go_hold *go_hold_clock(loop_t *loop) {
  struct go_hold *hold = malloc(sizeof *hold);
  if (!hold) return NULL;
  sem_init(&hold->released, 0, 0);
  atomic_init(&hold->users, 2);
  if (loop_run_in_executor(loop, hold_wait, hold, hold_unref, NULL) == 0) return hold;
  hold_unref(hold);
  return NULL;
}

void go_hold_release(struct go_hold *hold) {
  sem_post(&hold->released);
  hold_unref(hold);
}

void go_empty_call(void) {}
