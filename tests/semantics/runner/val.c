#include "val.h"

#include <stdlib.h>
#include <string.h>

#include "errors.h"

static const char tag[] = "scenario";

struct val val_bool(bool boolean) {
  return (struct val){VAL_BOOL, {.integer = boolean}};
}

struct val val_int(int64_t integer) {
  return (struct val){VAL_INT, {.integer = integer}};
}

struct val val_text(const char *text) {
  size_t size = strlen(text) + 1;
  struct val_text *copy = xmalloc(sizeof *copy + size);
  copy->references = 1;
  memcpy(copy->text, text, size);
  return (struct val){VAL_TEXT, {.text = copy}};
}

struct val val_list(size_t count) {
  struct val_list *list = xcalloc(1, sizeof *list + count * sizeof list->items[0]);
  list->references = 1;
  list->count = count;
  return (struct val){VAL_LIST, {.list = list}};
}

struct val val_object(enum val_kind kind, void *object) {
  return (struct val){kind, {.object = object}};
}

struct val val_copy(struct val val) {
  switch (val.kind) {
    case VAL_NONE:
    case VAL_BOOL:
    case VAL_INT: break;
    case VAL_TEXT: val.of.text->references++; break;
    case VAL_LIST: val.of.list->references++; break;
    case VAL_FUTURE: future_ref(val.of.object); break;
    case VAL_HANDLE: handle_ref(val.of.object); break;
    case VAL_LOCK: lock_ref(val.of.object); break;
    case VAL_EVENT: event_ref(val.of.object); break;
    case VAL_CONDITION: condition_ref(val.of.object); break;
    case VAL_SEMAPHORE: semaphore_ref(val.of.object); break;
    case VAL_BARRIER: barrier_ref(val.of.object); break;
    case VAL_QUEUE: queue_ref(val.of.object); break;
    case VAL_TIMEOUT: timeout_ref(val.of.object); break;
    case VAL_GROUP: task_group_ref(val.of.object); break;
    case VAL_ITERATOR: completion_ref(val.of.object); break;
  }
  return val;
}

static void list_release(struct val_list *list) {
  if (--list->references > 0) return;
  for (size_t i = 0; i < list->count; i++) val_release(list->items[i]);
  free(list);
}

void val_release(struct val val) {
  switch (val.kind) {
    case VAL_NONE:
    case VAL_BOOL:
    case VAL_INT: break;
    case VAL_TEXT:
      if (--val.of.text->references == 0) free(val.of.text);
      break;
    case VAL_LIST: list_release(val.of.list); break;
    case VAL_FUTURE: future_unref(val.of.object); break;
    case VAL_HANDLE: handle_unref(val.of.object); break;
    case VAL_LOCK: lock_unref(val.of.object); break;
    case VAL_EVENT: event_unref(val.of.object); break;
    case VAL_CONDITION: condition_unref(val.of.object); break;
    case VAL_SEMAPHORE: semaphore_unref(val.of.object); break;
    case VAL_BARRIER: barrier_unref(val.of.object); break;
    case VAL_QUEUE: queue_unref(val.of.object); break;
    case VAL_TIMEOUT: timeout_unref(val.of.object); break;
    case VAL_GROUP: task_group_unref(val.of.object); break;
    case VAL_ITERATOR: completion_unref(val.of.object); break;
  }
}

void val_replace(struct val *slot, struct val val) {
  struct val before = *slot;
  *slot = val;
  val_release(before);
}

static bool is_number(struct val val) { return val.kind == VAL_BOOL || val.kind == VAL_INT; }

bool val_equal(struct val left, struct val right) {
  if (is_number(left) && is_number(right)) return left.of.integer == right.of.integer;
  if (left.kind != right.kind) return false;
  switch (left.kind) {
    case VAL_NONE: return true;
    case VAL_TEXT: return strcmp(left.of.text->text, right.of.text->text) == 0;
    case VAL_LIST:
      if (left.of.list->count != right.of.list->count) return false;
      for (size_t i = 0; i < left.of.list->count; i++)
        if (!val_equal(left.of.list->items[i], right.of.list->items[i])) return false;
      return true;
    default: return left.of.object == right.of.object;
  }
}

const char *val_kind_name(enum val_kind kind) {
  static const char *const names[] = {"NoneType", "bool",    "int",       "str",        "list",      "Future",
                                      "Handle",   "Lock",    "Event",     "Condition",  "Semaphore", "Barrier",
                                      "Queue",    "Timeout", "TaskGroup", "AsCompleted"};
  return names[kind];
}

/* ---- across the border ---- */

static void foreign_destroy(void *userdata) {
  struct val val = *(struct val *)userdata;
  free(userdata);
  val_release(val);
}

static int foreign_value(struct val val, value_t **ret_value) {
  struct val *copy = xmalloc(sizeof *copy);
  *copy = val_copy(val);
  return value_new_foreign(tag, copy, foreign_destroy, ret_value);
}

static int list_value(const struct val_list *list, value_t **ret_value) {
  value_t **items = xcalloc(list->count, sizeof(value_t *));
  int status = 0;
  for (size_t i = 0; i < list->count && status == 0; i++) status = val_to_value(list->items[i], &items[i]);
  if (status == 0) status = value_new_list(items, list->count, ret_value);
  for (size_t i = 0; i < list->count; i++) value_unref(items[i]);
  free(items);
  return status;
}

int val_to_value(struct val val, value_t **ret_value) {
  switch (val.kind) {
    case VAL_NONE: *ret_value = NULL; return 0;
    case VAL_BOOL: return value_new_bool(val.of.integer != 0, ret_value);
    case VAL_INT: return value_new_int(val.of.integer, ret_value);
    case VAL_TEXT: return value_new_text(val.of.text->text, ret_value);
    case VAL_LIST: return list_value(val.of.list, ret_value);
    default: return foreign_value(val, ret_value);
  }
}

static struct val list_from(const value_t *value) {
  size_t count = 0;
  value_get_size(value, &count);
  struct val list = val_list(count);
  for (size_t i = 0; i < count; i++) {
    value_t *item = NULL;
    value_get_item(value, i, &item);
    list.of.list->items[i] = val_from_value(item);
  }
  return list;
}

static struct val foreign_from(const value_t *value) {
  void *userdata = NULL;
  return value_get_foreign(value, tag, &userdata) == 0 ? val_copy(*(struct val *)userdata) : val_text("<foreign>");
}

struct val val_from_value(const value_t *value) {
  int boolean = 0;
  int64_t integer = 0;
  const char *text = "";
  exception_t *exception = NULL;
  switch (value_kind(value)) {
    case VALUE_NIL: return (struct val){0};
    case VALUE_BOOL: value_get_bool(value, &boolean); return val_bool(boolean);
    case VALUE_INT: value_get_int(value, &integer); return val_int(integer);
    case VALUE_TEXT: value_get_text(value, &text, NULL); return val_text(text);
    case VALUE_LIST: return list_from(value);
    case VALUE_FOREIGN: return foreign_from(value);
    case VALUE_EXCEPTION: value_get_exception(value, &exception); return exception_text(exception);
    default: return val_text("<value>");
  }
}
