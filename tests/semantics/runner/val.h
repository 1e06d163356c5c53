/* The scenario's values: None, booleans, integers, texts, lists, and references to objects of the library.
 *
 * A struct val owns what it refers to: val_copy takes one more reference, val_release drops it, which may destroy a
 * task and so call back into the runner; store first, release afterwards. */
#ifndef RUNNER_VAL_H
#define RUNNER_VAL_H

#include <boucle/boucle.h>

#include "memory.h"

enum val_kind {
  VAL_NONE,
  VAL_BOOL,
  VAL_INT,
  VAL_TEXT,
  VAL_LIST,
  VAL_FUTURE, /* tasks too */
  VAL_HANDLE,
  VAL_LOCK,
  VAL_EVENT,
  VAL_CONDITION,
  VAL_SEMAPHORE,
  VAL_BARRIER,
  VAL_QUEUE,
  VAL_TIMEOUT,
  VAL_GROUP,
  VAL_ITERATOR
};

struct val_text {
  size_t references;
  char text[];
};

struct val {
  enum val_kind kind;
  union {
    int64_t integer;
    struct val_text *text;
    struct val_list *list;
    void *object;
  } of;
};

struct val_list {
  size_t references, count;
  struct val items[];
};

struct val val_bool(bool boolean);
struct val val_int(int64_t integer);
struct val val_text(const char *text);
/* A list of None; fill in list->items at once. */
struct val val_list(size_t count);
/* Takes the reference over. */
struct val val_object(enum val_kind kind, void *object);

struct val val_copy(struct val val);
void val_release(struct val val);
/* Stores, then releases what was there. */
void val_replace(struct val *slot, struct val val);
bool val_equal(struct val left, struct val right);
const char *val_kind_name(enum val_kind kind);

/* Across the border. What has no counterpart in the library is a foreign value. Returns a status. */
int val_to_value(struct val val, value_t **ret_value);
/* An exception becomes the text that it prints as. */
struct val val_from_value(const value_t *value);

#endif
