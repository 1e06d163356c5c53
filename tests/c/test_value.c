#include "support.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static void value_nil_is_null(void **state) {
  (void)state;
  assert_int_equal(VALUE_NIL, value_kind(NULL));
  assert_null(value_ref(NULL));
  value_unref(NULL);
  assert_int_equal(1, value_equal(NULL, NULL));
}

static void value_int_keeps_all_64_bits(void **state) {
  const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN};
  (void)state;
  for (size_t i = 0; i < COUNT(numbers); i++) {
    value_t *value = new_int(numbers[i]);
    assert_int_equal(VALUE_INT, value_kind(value));
    assert_true(take_int(value) == numbers[i]);
  }
}

static void value_bool_is_zero_or_one(void **state) {
  const int given[] = {0, 1, -7};
  (void)state;
  for (size_t i = 0; i < COUNT(given); i++) {
    value_t *value;
    int boolean;
    assert_ok(value_new_bool(given[i], &value));
    assert_int_equal(VALUE_BOOL, value_kind(value));
    assert_ok(value_get_bool(value, &boolean));
    assert_int_equal(given[i] != 0, boolean);
    value_unref(value);
  }
}

static void value_double_keeps_its_bits(void **state) {
  const double numbers[] = {0.1, -0.0, INFINITY, 5e-324};
  (void)state;
  for (size_t i = 0; i < COUNT(numbers); i++) {
    value_t *value;
    double number;
    assert_ok(value_new_double(numbers[i], &value));
    assert_int_equal(VALUE_DOUBLE, value_kind(value));
    assert_ok(value_get_double(value, &number));
    assert_memory_equal(&numbers[i], &number, sizeof number);
    value_unref(value);
  }
}

static void value_text_is_a_copy(void **state) {
  char source[] = "h\xc3\xa9llo";
  const char *text;
  size_t size;
  value_t *value;
  (void)state;
  assert_ok(value_new_text(source, &value));
  source[0] = 'x';
  assert_int_equal(VALUE_TEXT, value_kind(value));
  assert_ok(value_get_text(value, &text, &size));
  assert_string_equal("h\xc3\xa9llo", text);
  assert_int_equal(6, size);
  assert_ok(value_get_text(value, &text, NULL));
  value_unref(value);
}

static void value_text_sized_keeps_nuls_and_is_terminated(void **state) {
  const char *text;
  size_t size;
  value_t *value;
  (void)state;
  assert_ok(value_new_text_sized("a\0bc", 3, &value));
  assert_ok(value_get_text(value, &text, &size));
  assert_int_equal(3, size);
  assert_memory_equal("a\0b", text, 4);
  value_unref(value);
}

static void value_bytes_keep_nuls(void **state) {
  const void *data;
  size_t size;
  value_t *value;
  (void)state;
  assert_ok(value_new_bytes("\0\xff\0", 3, &value));
  assert_int_equal(VALUE_BYTES, value_kind(value));
  assert_ok(value_get_bytes(value, &data, &size));
  assert_int_equal(3, size);
  assert_memory_equal("\0\xff\0", data, 3);
  value_unref(value);
}

static void value_empty_bytes_may_come_from_null(void **state) {
  const void *data;
  size_t size = 7;
  value_t *value;
  (void)state;
  assert_ok(value_new_bytes(NULL, 0, &value));
  assert_ok(value_get_bytes(value, &data, &size));
  assert_int_equal(0, size);
  value_unref(value);
}

static void value_list_keeps_its_items(void **state) {
  value_t *items[2] = {new_int(4), NULL};
  value_t *list, *item;
  size_t size;
  int64_t integer;
  (void)state;
  assert_ok(value_new_list(items, 2, &list));
  value_unref(items[0]);
  assert_int_equal(VALUE_LIST, value_kind(list));
  assert_ok(value_get_size(list, &size));
  assert_int_equal(2, size);
  assert_ok(value_get_item(list, 0, &item));
  assert_ok(value_get_int(item, &integer));
  assert_int_equal(4, integer);
  assert_ok(value_get_item(list, 1, &item));
  assert_null(item);
  value_unref(list);
}

static void value_item_past_the_end_is_erange(void **state) {
  value_t *list, *item = (value_t *)state;
  assert_ok(value_new_list(NULL, 0, &list));
  assert_status(-ERANGE, value_get_item(list, 0, &item));
  assert_ptr_equal(state, item);
  value_unref(list);
}

static void value_deep_list_is_freed_without_recursion_overflow(void **state) {
  value_t *list = NULL;
  (void)state;
  for (int depth = 0; depth < 200000; depth++) {
    value_t *outer;
    assert_ok(value_new_list(&list, 1, &outer));
    value_unref(list);
    list = outer;
  }
  value_unref(list);
}

static void value_foreign_is_known_by_its_tag(void **state) {
  static const int tag, other;
  int destroyed = 0;
  void *userdata = NULL;
  value_t *value;
  (void)state;
  assert_ok(value_new_foreign(&tag, &destroyed, count_destroy, &value));
  assert_int_equal(VALUE_FOREIGN, value_kind(value));
  assert_status(LOOP_EKIND, value_get_foreign(value, &other, &userdata));
  assert_null(userdata);
  assert_ok(value_get_foreign(value, &tag, &userdata));
  assert_ptr_equal(&destroyed, userdata);
  value_unref(value_ref(value));
  assert_int_equal(0, destroyed);
  value_unref(value);
  assert_int_equal(1, destroyed);
}

static void value_foreign_that_fails_destroys_its_userdata(void **state) {
  static const int tag;
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, value_new_foreign(&tag, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
}

static void value_exception_lends_the_exception(void **state) {
  exception_t *exception = new_exception("ValueError", "no"), *lent = NULL;
  value_t *value;
  (void)state;
  assert_ok(value_new_exception(exception, &value));
  assert_int_equal(VALUE_EXCEPTION, value_kind(value));
  assert_ok(value_get_exception(value, &lent));
  assert_ptr_equal(exception, lent);
  exception_unref(exception);
  value_unref(value);
}

static void value_of_another_kind_is_ekind_and_writes_nothing(void **state) {
  value_t *value = new_int(1), *item = NULL;
  exception_t *exception = NULL;
  int boolean = 42;
  double number = 42;
  const char *text = NULL;
  const void *data = NULL;
  size_t size = 42;
  (void)state;
  assert_status(LOOP_EKIND, value_get_bool(value, &boolean));
  assert_status(LOOP_EKIND, value_get_double(value, &number));
  assert_status(LOOP_EKIND, value_get_text(value, &text, &size));
  assert_status(LOOP_EKIND, value_get_bytes(value, &data, &size));
  assert_status(LOOP_EKIND, value_get_item(value, 0, &item));
  assert_status(LOOP_EKIND, value_get_exception(value, &exception));
  assert_true(boolean == 42 && number == 42 && size == 42 && !text && !data && !item && !exception);
  value_unref(value);
}

static void value_getter_of_nil_fails(void **state) {
  int64_t integer = 42;
  (void)state;
  assert_true(value_get_int(NULL, &integer) < 0);
  assert_int_equal(42, integer);
}

static void value_constructor_without_output_is_einval(void **state) {
  value_t *value = NULL;
  (void)state;
  assert_status(-EINVAL, value_new_bool(1, NULL));
  assert_status(-EINVAL, value_new_int(1, NULL));
  assert_status(-EINVAL, value_new_double(1, NULL));
  assert_status(-EINVAL, value_new_text("", NULL));
  assert_status(-EINVAL, value_new_bytes("", 0, NULL));
  assert_status(-EINVAL, value_new_list(NULL, 0, NULL));
  assert_status(-EINVAL, value_new_text(NULL, &value));
  assert_status(-EINVAL, value_new_bytes(NULL, 1, &value));
  assert_status(-EINVAL, value_new_list(NULL, 1, &value));
  assert_status(-EINVAL, value_new_exception(NULL, &value));
  assert_null(value);
}

static value_t *text_list(const char *text, int64_t integer) {
  value_t *items[2] = {NULL, new_int(integer)}, *list;
  assert_ok(value_new_text(text, &items[0]));
  assert_ok(value_new_list(items, 2, &list));
  value_unref(items[0]);
  value_unref(items[1]);
  return list;
}

static void value_lists_are_equal_item_by_item(void **state) {
  value_t *one = text_list("a", 1), *same = text_list("a", 1), *other = text_list("a", 2);
  (void)state;
  assert_int_equal(1, value_equal(one, same));
  assert_int_equal(0, value_equal(one, other));
  assert_int_equal(0, value_equal(one, NULL));
  value_unref(one);
  value_unref(same);
  value_unref(other);
}

static value_t *list_of_foreign(int *userdata) {
  static const int tag;
  value_t *item, *list;
  assert_ok(value_new_foreign(&tag, userdata, NULL, &item));
  assert_ok(value_new_list(&item, 1, &list));
  value_unref(item);
  return list;
}

static void value_lists_of_foreign_values_compare_their_identity(void **state) {
  int one, two;
  value_t *left = list_of_foreign(&one), *same = list_of_foreign(&one), *other = list_of_foreign(&two);
  (void)state;
  assert_int_equal(1, value_equal(left, same));
  assert_int_equal(0, value_equal(left, other));
  value_unref(left);
  value_unref(same);
  value_unref(other);
}

static void value_kinds_are_never_equal_to_one_another(void **state) {
  value_t *integer = new_int(1), *number, *boolean;
  (void)state;
  assert_ok(value_new_double(1, &number));
  assert_ok(value_new_bool(1, &boolean));
  assert_int_equal(0, value_equal(integer, number));
  assert_int_equal(0, value_equal(integer, boolean));
  value_unref(integer);
  value_unref(number);
  value_unref(boolean);
}

static void value_nan_equals_no_number(void **state) {
  value_t *nan_value, *other_nan, *number;
  (void)state;
  assert_ok(value_new_double(NAN, &nan_value));
  assert_ok(value_new_double(NAN, &other_nan));
  assert_ok(value_new_double(5, &number));
  assert_int_equal(0, value_equal(nan_value, number));
  assert_int_equal(0, value_equal(number, nan_value));
  assert_int_equal(0, value_equal(nan_value, other_nan));
  assert_int_equal(1, value_equal(nan_value, nan_value));
  value_unref(number);
  value_unref(other_nan);
  value_unref(nan_value);
}

static void value_counts_as_a_live_object(void **state) {
  size_t before = loop_live_objects();
  value_t *value;
  (void)state;
  assert_ok(value_new_text("x", &value));
  assert_int_equal(before + 1, loop_live_objects());
  value_unref(value);
  assert_int_equal(before, loop_live_objects());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(value_nil_is_null),
      TEST(value_int_keeps_all_64_bits),
      TEST(value_bool_is_zero_or_one),
      TEST(value_double_keeps_its_bits),
      TEST(value_text_is_a_copy),
      TEST(value_text_sized_keeps_nuls_and_is_terminated),
      TEST(value_bytes_keep_nuls),
      TEST(value_empty_bytes_may_come_from_null),
      TEST(value_list_keeps_its_items),
      TEST(value_item_past_the_end_is_erange),
      TEST(value_deep_list_is_freed_without_recursion_overflow),
      TEST(value_foreign_is_known_by_its_tag),
      TEST(value_foreign_that_fails_destroys_its_userdata),
      TEST(value_exception_lends_the_exception),
      TEST(value_of_another_kind_is_ekind_and_writes_nothing),
      TEST(value_getter_of_nil_fails),
      TEST(value_constructor_without_output_is_einval),
      TEST(value_lists_are_equal_item_by_item),
      TEST(value_lists_of_foreign_values_compare_their_identity),
      TEST(value_kinds_are_never_equal_to_one_another),
      TEST(value_nan_equals_no_number),
      TEST(value_counts_as_a_live_object),
  };
  return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
