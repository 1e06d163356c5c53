#include "support.h"

#include <errno.h>

static void exception_has_kind_and_message(void **state) {
  (void)state;
  assert_exception("ValueError", "no such thing", new_exception("ValueError", "no such thing"));
  assert_exception("MyError", NULL, new_exception("MyError", NULL));
  assert_exception("KeyError", "", new_exception("KeyError", ""));
}

static void exception_plain_has_nothing_else(void **state) {
  exception_t *exception = new_exception("ValueError", "x");
  (void)state;
  assert_int_equal(0, exception_status(exception));
  assert_null(exception_cause(exception));
  assert_int_equal(0, exception_member_count(exception));
  assert_null(exception_member(exception, 0));
  assert_int_equal(0, exception_note_count(exception));
  assert_null(exception_note(exception, 0));
  exception_unref(exception);
}

static void exception_null_is_harmless(void **state) {
  (void)state;
  assert_null(exception_ref(NULL));
  exception_unref(NULL);
}

static void exception_constructor_with_null_is_einval(void **state) {
  exception_t *exception = NULL;
  (void)state;
  assert_status(-EINVAL, exception_new(NULL, "x", &exception));
  assert_status(-EINVAL, exception_new("ValueError", "x", NULL));
  assert_status(-EINVAL, exception_new_from_status(LOOP_ECLOSED, NULL));
  assert_status(-EINVAL, exception_new_group("x", NULL, 1, &exception));
  assert_status(-EINVAL, exception_new_group("x", NULL, 0, &exception));
  assert_null(exception);
}

static void exception_from_status_follows_asyncio(void **state) {
  static const struct {
    int status;
    const char *kind;
  } cases[] = {
      {LOOP_EINVALIDSTATE, "InvalidStateError"},
      {LOOP_ECANCELLED, "CancelledError"},
      {LOOP_ECLOSED, "RuntimeError"},
      {LOOP_ERUNNING, "RuntimeError"},
      {-ENOMEM, "MemoryError"},
      {LOOP_EQUEUEEMPTY, "QueueEmpty"},
      {LOOP_EQUEUEFULL, "QueueFull"},
      {LOOP_EQUEUESHUTDOWN, "QueueShutDown"},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    exception_t *exception;
    assert_ok(exception_new_from_status(cases[i].status, &exception));
    assert_int_equal(cases[i].status, exception_status(exception));
    assert_string_equal(cases[i].kind, exception_kind(exception));
    exception_unref(exception);
  }
}

/* tests/kinds.py asks Python about each errno. */
static void exception_from_errno_is_the_oserror_of_python(void **state) {
  static const struct {
    int status;
    const char *kind, *message;
  } cases[] = {
      {-EBADF, "OSError", "[Errno 9] Bad file descriptor"},
      {-ECONNRESET, "ConnectionResetError", "[Errno 104] Connection reset by peer"},
      {-EAGAIN, "BlockingIOError", "[Errno 11] Resource temporarily unavailable"},
      {-ETIMEDOUT, "TimeoutError", "[Errno 110] Connection timed out"},
      {-4000, "OSError", "[Errno 4000] Unknown error 4000"},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    exception_t *exception;
    assert_ok(exception_new_from_status(cases[i].status, &exception));
    assert_int_equal(cases[i].status, exception_status(exception));
    assert_int_equal(1, exception_matches(exception, "OSError"));
    assert_exception(cases[i].kind, cases[i].message, exception);
  }
}

static void exception_foreign_hands_back_the_object(void **state) {
  static const int tag, other;
  int destroyed = 0;
  void *userdata = NULL;
  exception_t *exception;
  (void)state;
  assert_ok(exception_new_foreign("LuaError", "x", &tag, &destroyed, count_destroy, &exception));
  assert_status(LOOP_EKIND, exception_get_foreign(exception, &other, &userdata));
  assert_ok(exception_get_foreign(exception, &tag, &userdata));
  assert_ptr_equal(&destroyed, userdata);
  exception_unref(exception);
  assert_int_equal(1, destroyed);
}

static void exception_foreign_that_fails_destroys_its_userdata(void **state) {
  static const int tag;
  int destroyed = 0;
  (void)state;
  assert_status(-EINVAL, exception_new_foreign("LuaError", "x", &tag, &destroyed, count_destroy, NULL));
  assert_int_equal(1, destroyed);
}

static void exception_with_cause_keeps_the_original_unchanged(void **state) {
  exception_t *cause = new_exception("OSError", "why"), *exception = new_exception("ValueError", "x"), *both;
  (void)state;
  assert_ok(exception_new_with_cause(exception, cause, &both));
  assert_null(exception_cause(exception));
  assert_ptr_equal(cause, exception_cause(both));
  exception_unref(cause);
  exception_unref(exception);
  assert_string_equal("why", exception_message(exception_cause(both)));
  assert_exception("ValueError", "x", both);
}

static void exception_with_a_long_chain_of_causes_is_freed(void **state) {
  exception_t *chain = new_exception("ValueError", "x");
  (void)state;
  for (int depth = 0; depth < 100000; depth++) {
    exception_t *outer = new_exception("ValueError", "x"), *both;
    assert_ok(exception_new_with_cause(outer, chain, &both));
    exception_unref(outer);
    exception_unref(chain);
    chain = both;
  }
  exception_unref(chain);
}

static void exception_notes_are_appended(void **state) {
  exception_t *plain = new_exception("ValueError", "x"), *one, *two;
  (void)state;
  assert_ok(exception_new_with_note(plain, "first", &one));
  assert_ok(exception_new_with_note(one, "second", &two));
  assert_int_equal(1, exception_note_count(one));
  assert_int_equal(2, exception_note_count(two));
  assert_string_equal("first", exception_note(two, 0));
  assert_string_equal("second", exception_note(two, 1));
  assert_null(exception_note(two, 2));
  exception_unref(plain);
  exception_unref(one);
  exception_unref(two);
}

static void exception_group_kind_depends_on_its_members(void **state) {
  exception_t *members[2] = {new_exception("ValueError", "x"), new_exception("KeyboardInterrupt", NULL)};
  exception_t *group, *base_group;
  (void)state;
  assert_ok(exception_new_group("several", members, 1, &group));
  assert_ok(exception_new_group("several", members, 2, &base_group));
  assert_int_equal(1, exception_member_count(group));
  assert_ptr_equal(members[1], exception_member(base_group, 1));
  assert_null(exception_member(base_group, 2));
  exception_unref(members[0]);
  exception_unref(members[1]);
  assert_exception("ExceptionGroup", "several", group);
  assert_exception("BaseExceptionGroup", "several", base_group);
}

static void exception_matches_its_base_classes(void **state) {
  static const struct {
    const char *kind, *clause;
    int matches;
  } cases[] = {
      {"ValueError", "ValueError", 1},        {"ValueError", "Exception", 1},
      {"ValueError", "BaseException", 1},     {"ValueError", "KeyError", 0},
      {"TimeoutError", "OSError", 1},         {"BrokenBarrierError", "RuntimeError", 1},
      {"CancelledError", "BaseException", 1}, {"CancelledError", "Exception", 0},
      {"KeyboardInterrupt", "Exception", 0},  {"SystemExit", "Exception", 0},
      {"LuaError", "Exception", 1},           {"LuaError", "RuntimeError", 0},
      {"Exception", "ValueError", 0},         {"ExceptionGroup", "BaseExceptionGroup", 1},
      {"BaseExceptionGroup", "Exception", 0}, {"ExceptionGroup", "Exception", 1},
      {"BrokenPipeError", "OSError", 1},      {"BrokenPipeError", "ConnectionError", 1},
      {"FileExistsError", "OSError", 1},      {"FileExistsError", "ConnectionError", 0},
      {"IndexError", "LookupError", 1},       {"ConnectionError", "BrokenPipeError", 0},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    exception_t *exception = new_exception(cases[i].kind, NULL);
    if (exception_matches(exception, cases[i].clause) != cases[i].matches)
      fail_msg("%s, except %s: not %d", cases[i].kind, cases[i].clause, cases[i].matches);
    exception_unref(exception);
  }
}

static void exception_counts_as_a_live_object(void **state) {
  size_t before = loop_live_objects();
  exception_t *exception = new_exception("ValueError", "x");
  (void)state;
  assert_int_equal(before + 1, loop_live_objects());
  exception_unref(exception);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(exception_has_kind_and_message),
      TEST(exception_plain_has_nothing_else),
      TEST(exception_null_is_harmless),
      TEST(exception_constructor_with_null_is_einval),
      TEST(exception_from_status_follows_asyncio),
      TEST(exception_from_errno_is_the_oserror_of_python),
      TEST(exception_foreign_hands_back_the_object),
      TEST(exception_foreign_that_fails_destroys_its_userdata),
      TEST(exception_with_cause_keeps_the_original_unchanged),
      TEST(exception_with_a_long_chain_of_causes_is_freed),
      TEST(exception_notes_are_appended),
      TEST(exception_group_kind_depends_on_its_members),
      TEST(exception_matches_its_base_classes),
      TEST(exception_counts_as_a_live_object),
  };
  return cmocka_run_group_tests_name("exception", tests, NULL, NULL);
}
