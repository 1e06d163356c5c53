/* Comparing values: which are equal, and in which order a priority queue returns them. And sizes that are too large. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

static value_t *new_text(const char *text) {
  value_t *value;
  assert_ok(value_new_text(text, &value));
  return value;
}
static value_t *new_double(double number) {
  value_t *value;
  assert_ok(value_new_double(number, &value));
  return value;
}
static value_t *new_bool(int boolean) {
  value_t *value;
  assert_ok(value_new_bool(boolean, &value));
  return value;
}
static value_t *new_bytes(const char *data, size_t size) {
  value_t *value;
  assert_ok(value_new_bytes(data, size, &value));
  return value;
}
/* Of integers. */
static value_t *new_list(size_t count, const int64_t *integers) {
  value_t *items[8] = {NULL}, *list;
  for (size_t i = 0; i < count; i++) items[i] = new_int(integers[i]);
  assert_ok(value_new_list(items, count, &list));
  for (size_t i = 0; i < count; i++) value_unref(items[i]);
  return list;
}
#define LIST(...) \
  new_list(sizeof((int64_t[]){0, __VA_ARGS__}) / sizeof(int64_t) - 1, (int64_t[]){__VA_ARGS__ __VA_OPT__(, ) 0})

/* Each is equal to itself only. Gives the values up. */
static void assert_all_differ(value_t **values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < count; j++) {
      if (value_equal(values[i], values[j]) != (i == j)) fail_msg("%zu, %zu", i, j);
    }
  }
  for (size_t i = 0; i < count; i++) value_unref(values[i]);
}

static void lists_of_other_lengths_differ(void **state) {
  value_t *lists[] = {LIST(), LIST(1), LIST(1, 2), LIST(1, 2, 3), LIST(2), LIST(1, 3), LIST(0, 2)};
  (void)state;
  assert_all_differ(lists, COUNT(lists));
}

static void texts_differ_in_length_and_in_each_byte(void **state) {
  value_t *values[] = {new_text(""),        new_text("a"),        new_text("ab"),
                       new_text("b"),       new_text("aa"),       new_bytes("a", 1),
                       new_bytes("a\0", 2), new_bytes("a\0b", 3), new_bytes("a\0c", 3)};
  (void)state;
  assert_all_differ(values, COUNT(values));
}

static void numbers_differ_at_their_ends(void **state) {
  value_t *values[] = {new_int(INT64_MIN),
                       new_int(INT64_MIN + 1),
                       new_int(INT64_MIN / 2),
                       new_int(INT64_MIN / 2 - 1),
                       new_int(-1),
                       new_int(0),
                       new_int(1),
                       new_int(INT64_MAX / 2),
                       new_int(INT64_MAX / 2 + 1),
                       new_int(INT64_MAX - 1),
                       new_int(INT64_MAX),
                       new_bool(0),
                       new_bool(1),
                       NULL,
                       new_double(0.5),
                       new_double(-0.5),
                       new_double(INFINITY),
                       new_double(-INFINITY)};
  (void)state;
  assert_all_differ(values, COUNT(values));
}

static void numbers_keep_what_they_are(void **state) {
  static const int64_t integers[] = {INT64_MIN, INT64_MIN / 2 - 1, INT64_MIN / 2,     -1,       0,
                                     1,         INT64_MAX / 2,     INT64_MAX / 2 + 1, INT64_MAX};
  (void)state;
  for (size_t i = 0; i < COUNT(integers); i++) assert_true(take_int(new_int(integers[i])) == integers[i]);
}

static void values_made_twice_are_equal(void **state) {
  value_t *left[] = {LIST(),          LIST(1, 2),           new_text("ab"),
                     new_text(""),    new_bytes("a\0b", 3), new_int(INT64_MAX),
                     new_double(1.5), new_bool(1)};
  value_t *right[] = {LIST(),          LIST(1, 2),           new_text("ab"),
                      new_text(""),    new_bytes("a\0b", 3), new_int(INT64_MAX),
                      new_double(1.5), new_bool(1)};
  (void)state;
  for (size_t i = 0; i < COUNT(left); i++) {
    assert_int_equal(1, value_equal(left[i], right[i]));
    value_unref(left[i]), value_unref(right[i]);
  }
}

static value_t *new_foreign(const void *tag, void *userdata) {
  value_t *value;
  assert_ok(value_new_foreign(tag, userdata, NULL, &value));
  return value;
}
static value_t *new_exception_value(const char *kind) {
  exception_t *exception = new_exception(kind, NULL);
  value_t *value;
  assert_ok(value_new_exception(exception, &value));
  exception_unref(exception);
  return value;
}

static void foreign_values_and_exceptions_are_what_they_hold(void **state) {
  static const int tags[2];
  int objects[2];
  value_t *values[] = {new_foreign(&tags[0], &objects[0]), new_foreign(&tags[0], &objects[1]),
                       new_foreign(&tags[1], &objects[0]), new_exception_value("ValueError"),
                       new_exception_value("ValueError")};
  value_t *again = new_foreign(&tags[0], &objects[0]);
  (void)state;
  assert_int_equal(1, value_equal(values[0], again));
  value_unref(again);
  assert_all_differ(values, COUNT(values));
}

/* ---- the default order ---- */

/* Puts the values in reverse order, and again in their order: they come out in their order. Gives the values up. */
static void assert_comes_in_order(value_t **values, size_t count) {
  loop_t *loop = new_virtual_loop();
  queue_t *queue;
  assert_ok(queue_new_priority(loop, 0, NULL, NULL, NULL, &queue));
  for (int round = 0; round < 2; round++) {
    for (size_t i = 0; i < count; i++) assert_ok(queue_put_nowait(queue, values[round ? i : count - 1 - i]));
    for (size_t i = 0; i < count; i++) {
      value_t *value;
      assert_ok(queue_get_nowait(queue, &value));
      if (!value_equal(value, values[i])) fail_msg("round %d, place %zu", round, i);
      value_unref(value);
    }
  }
  queue_unref(queue);
  loop_unref(loop);
  for (size_t i = 0; i < count; i++) value_unref(values[i]);
}

static void order_of_numbers_is_that_of_their_size(void **state) {
  value_t *values[] = {new_double(-INFINITY),
                       new_int(INT64_MIN),
                       new_int(INT64_MIN / 2 - 1),
                       new_double(-2.5),
                       new_int(-2),
                       new_double(-1.5),
                       new_int(0),
                       new_double(0.5),
                       new_int(1),
                       new_double(1.5),
                       new_int(2),
                       new_int(INT64_MAX / 2 + 1),
                       new_int(INT64_MAX),
                       new_double(INFINITY)};
  (void)state;
  assert_comes_in_order(values, COUNT(values));
}

static void order_of_texts_is_that_of_their_bytes_then_of_their_length(void **state) {
  value_t *values[] = {new_text(""),   new_text("a"), new_text("aa"),
                       new_text("ab"), new_text("b"), new_text("\xc3\xa9")};
  value_t *bytes[] = {new_bytes("", 0), new_bytes("\0", 1), new_bytes("\0\0", 2), new_bytes("\1", 1)};
  (void)state;
  assert_comes_in_order(values, COUNT(values));
  assert_comes_in_order(bytes, COUNT(bytes));
}

static void order_of_lists_is_that_of_their_items_then_of_their_length(void **state) {
  value_t *values[] = {LIST(), LIST(1), LIST(1, 1), LIST(1, 2), LIST(1, 2, 0), LIST(2), LIST(2, 0)};
  (void)state;
  assert_comes_in_order(values, COUNT(values));
}

static void order_of_booleans_and_of_kinds(void **state) {
  value_t *values[] = {NULL, new_bool(0), new_bool(1), new_int(0), new_text("0"), new_bytes("0", 1), LIST(0)};
  (void)state;
  assert_comes_in_order(values, COUNT(values));
}

/* ---- sizes ---- */

static void sizes_that_cannot_be_are_enomem(void **state) {
  static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 8, SIZE_MAX / 2, SIZE_MAX / 2 - 64};
  static const size_t counts[] = {SIZE_MAX,         SIZE_MAX / 2, SIZE_MAX / 4, SIZE_MAX / 8 + 1,
                                  SIZE_MAX / 8 + 2, SIZE_MAX / 8, SIZE_MAX / 16};
  value_t *value = (value_t *)state, *item = NULL;
  for (size_t i = 0; i < COUNT(sizes); i++) {
    assert_status(-ENOMEM, value_new_bytes("", sizes[i], &value));
    assert_status(-ENOMEM, value_new_text_sized("", sizes[i], &value));
  }
  for (size_t i = 0; i < COUNT(counts); i++) assert_status(-ENOMEM, value_new_list(&item, counts[i], &value));
  assert_ptr_equal(state, value);
}

static void large_values_keep_all_of_their_bytes(void **state) {
  char data[3000];
  (void)state;
  for (size_t size = 0; size < sizeof data; size += 37) {
    const char *text;
    size_t length = 1;
    value_t *value;
    memset(data, 'a' + (int)(size % 26), size);
    assert_ok(value_new_text_sized(data, size, &value));
    assert_ok(value_get_text(value, &text, &length));
    assert_int_equal(size, length);
    assert_memory_equal(data, text, size);
    assert_int_equal(0, text[size]);
    value_unref(value);
  }
}

static void item_of_a_list_is_lent_by_its_place(void **state) {
  value_t *list = LIST(5, 6, 7), *item = NULL;
  size_t size;
  (void)state;
  assert_ok(value_get_size(list, &size));
  assert_int_equal(3, size);
  for (size_t i = 0; i < 3; i++) {
    int64_t integer;
    assert_ok(value_get_item(list, i, &item));
    assert_ok(value_get_int(item, &integer));
    assert_int_equal(5 + (int64_t)i, integer);
  }
  assert_status(-ERANGE, value_get_item(list, 3, &item));
  value_unref(list);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(lists_of_other_lengths_differ),
      TEST(texts_differ_in_length_and_in_each_byte),
      TEST(numbers_differ_at_their_ends),
      TEST(numbers_keep_what_they_are),
      TEST(values_made_twice_are_equal),
      TEST(foreign_values_and_exceptions_are_what_they_hold),
      TEST(order_of_numbers_is_that_of_their_size),
      TEST(order_of_texts_is_that_of_their_bytes_then_of_their_length),
      TEST(order_of_lists_is_that_of_their_items_then_of_their_length),
      TEST(order_of_booleans_and_of_kinds),
      TEST(sizes_that_cannot_be_are_enomem),
      TEST(large_values_keep_all_of_their_bytes),
      TEST(item_of_a_list_is_lent_by_its_place),
  };
  return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
