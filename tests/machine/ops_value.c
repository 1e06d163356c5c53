/* Values and exceptions, which belong to no loop. */
#include "machine.h"

#include <limits.h>
#include <string.h>

static char tag_a, tag_b;
static const void *draw_tag(void) { return chance(5) ? NULL : chance(70) ? &tag_a : &tag_b; }

/* An array of references that the pool owns. */
static size_t draw_items(enum kind kind, void **items) {
  size_t count = below(4);
  for (size_t i = 0; i < count; i++) items[i] = draw(kind);
  return count;
}

OP(value_ref) { put(VALUE, value_ref(draw_value())); }
OP(value_unref) { drop_slot(VALUE, number(0, SLOTS - 1)); }

OP(value_new_bool) {
  OUT(value_t);
  keep(VALUE, value_new_bool(number(-1, 2), ret), ret, &made);
}
OP(value_new_int) {
  static const int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX / 2, INT64_MIN / 2, 1LL << 62};
  OUT(value_t);
  keep(VALUE, value_new_int(integers[number(0, 7)], ret), ret, &made);
}
OP(value_new_double) {
  OUT(value_t);
  keep(VALUE, value_new_double(seconds(), ret), ret, &made);
}
OP(value_new_text) {
  OUT(value_t);
  keep(VALUE, value_new_text(text(), ret), ret, &made);
}
OP(value_new_text_sized) {
  OUT(value_t);
  const char *drawn = text();
  size_t size = drawn ? strlen(drawn) + below(2) : below(2);
  keep(VALUE, value_new_text_sized(drawn, size, ret), ret, &made);
}
OP(value_new_bytes) {
  static const char data[4096];
  OUT(value_t);
  const char *drawn = chance(10) ? NULL : data;
  keep(VALUE, value_new_bytes(drawn, chance(30) ? 0 : below(sizeof data), ret), ret, &made);
}
OP(value_new_list) {
  void *items[4];
  OUT(value_t);
  size_t count = draw_items(VALUE, items);
  keep(VALUE, value_new_list(chance(5) ? NULL : (value_t *const *)items, count, ret), ret, &made);
}
OP(value_new_foreign) {
  struct triple *triple = new_triple(OUTSIDE);
  OUT(value_t);
  settle(triple, keep(VALUE, value_new_foreign(draw_tag(), triple, draw_destroy(triple), ret), ret, &made));
}
OP(value_new_exception) {
  OUT(value_t);
  keep(VALUE, value_new_exception(draw_exception(), ret), ret, &made);
}

OP(value_kind) { (void)value_kind(draw_value()); }
OP(value_get_bool) {
  NUMBER(int);
  check_number(value_get_bool(draw_value(), ret), &made, sizeof made);
}
OP(value_get_int) {
  NUMBER(int64_t);
  check_number(value_get_int(draw_value(), ret), &made, sizeof made);
}
OP(value_get_double) {
  NUMBER(double);
  check_number(value_get_double(draw_value(), ret), &made, sizeof made);
}
OP(value_get_text) {
  const char *words = POISON;
  NUMBER(size_t);
  int status = check_number(value_get_text(draw_value(), chance(4) ? NULL : &words, ret), &made, sizeof made);
  if (status == 0 && ret && strlen(words) > made) finding("value_get_text: its size is %zu", made);
  if (status < 0 && words != POISON) finding("value_get_text failed and wrote its text");
}
OP(value_get_bytes) {
  const void *data = POISON;
  NUMBER(size_t);
  int status = check_number(value_get_bytes(draw_value(), chance(4) ? NULL : &data, ret), &made, sizeof made);
  if (status < 0 && data != POISON) finding("value_get_bytes failed and wrote its data");
}
OP(value_get_size) {
  NUMBER(size_t);
  check_number(value_get_size(draw_value(), ret), &made, sizeof made);
}
OP(value_get_item) {
  value_t *item = POISON;
  int status = value_get_item(draw_value(), (size_t)number(-1, 4), chance(4) ? NULL : &item);
  if (status < 0 && item != POISON) finding("value_get_item failed and wrote its item");
  if (status == 0) put(VALUE, value_ref(item));
}
OP(value_get_foreign) {
  void *userdata = POISON;
  int status = value_get_foreign(draw_value(), draw_tag(), chance(4) ? NULL : &userdata);
  if (status < 0 && userdata != POISON) finding("value_get_foreign failed and wrote its userdata");
  if (status == 0 && ((struct triple *)userdata)->destroyed) finding("a foreign value that was destroyed");
}
OP(value_get_exception) {
  exception_t *exception = POISON;
  int status = value_get_exception(draw_value(), chance(4) ? NULL : &exception);
  if (status < 0 && exception != POISON) finding("value_get_exception failed and wrote its exception");
  if (status == 0) put(EXCEPTION, exception_ref(exception));
}
OP(value_equal) {
  value_t *left = draw_value(), *right = draw_value();
  if (value_equal(left, right) != value_equal(right, left)) finding("value_equal is not symmetric");
}

/* ---- exceptions ---- */

OP(exception_ref) { put(EXCEPTION, exception_ref(draw_exception())); }
OP(exception_unref) { drop_slot(EXCEPTION, number(0, SLOTS - 1)); }
OP(exception_new) {
  OUT(exception_t);
  keep(EXCEPTION, exception_new(exception_kind_text(), text(), ret), ret, &made);
}
OP(exception_new_from_status) {
  static const int statuses[] = {0, 1, -1, -4095, -4096, LOOP_ECLOSED, LOOP_ECANCELLED, LOOP_EQUEUEFULL, INT_MIN, -12};
  OUT(exception_t);
  keep(EXCEPTION, exception_new_from_status(statuses[number(0, 9)], ret), ret, &made);
}
OP(exception_new_foreign) {
  struct triple *triple = new_triple(OUTSIDE);
  OUT(exception_t);
  int status = exception_new_foreign(exception_kind_text(), text(), draw_tag(), triple, draw_destroy(triple), ret);
  settle(triple, keep(EXCEPTION, status, ret, &made));
}
OP(exception_new_group) {
  void *members[4];
  OUT(exception_t);
  size_t count = draw_items(EXCEPTION, members);
  exception_t *const *given = chance(5) ? NULL : (exception_t *const *)members;
  keep(EXCEPTION, exception_new_group(text(), given, count, ret), ret, &made);
}
OP(exception_new_with_cause) {
  OUT(exception_t);
  keep(EXCEPTION, exception_new_with_cause(draw_exception(), draw_exception(), ret), ret, &made);
}
OP(exception_new_with_note) {
  OUT(exception_t);
  keep(EXCEPTION, exception_new_with_note(draw_exception(), text(), ret), ret, &made);
}
OP(exception_kind) {
  const char *kind = exception_kind(draw_exception());
  if (kind && !*kind) (void)strlen(kind);
}
OP(exception_message) {
  const char *message = exception_message(draw_exception());
  if (message) (void)strlen(message);
}
OP(exception_status) {
  if (exception_status(draw_exception()) > 0) finding("exception_status is positive");
}
OP(exception_value) { put(VALUE, value_ref(exception_value(draw_exception()))); }
OP(exception_cause) { put(EXCEPTION, exception_ref(exception_cause(draw_exception()))); }
OP(exception_member_count) { (void)exception_member_count(draw_exception()); }
OP(exception_member) {
  put(EXCEPTION, exception_ref(exception_member(draw_exception(), (size_t)number(-1, 3))));
}
OP(exception_note_count) { (void)exception_note_count(draw_exception()); }
OP(exception_note) {
  const char *note = exception_note(draw_exception(), (size_t)number(-1, 3));
  if (note) (void)strlen(note);
}
OP(exception_get_foreign) {
  void *userdata = POISON;
  int status = exception_get_foreign(draw_exception(), draw_tag(), chance(4) ? NULL : &userdata);
  if (status < 0 && userdata != POISON) finding("exception_get_foreign failed and wrote its userdata");
}
OP(exception_matches) { (void)exception_matches(draw_exception(), exception_kind_text()); }

OP(loop_status_name) { (void)strlen(loop_status_name(number(-10030, 5))); }
OP(loop_status_message) { (void)strlen(loop_status_message(-number(-5, 140))); }
