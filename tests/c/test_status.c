#include "support.h"

#include <errno.h>
#include <string.h>

#define STATUS(name) \
  { name, #name }

static const struct {
  int status;
  const char *name;
} statuses[] = {
    STATUS(LOOP_OK),
    STATUS(LOOP_EINVALIDSTATE),
    STATUS(LOOP_ECANCELLED),
    STATUS(LOOP_EEXCEPTION),
    STATUS(LOOP_ECLOSED),
    STATUS(LOOP_ERUNNING),
    STATUS(LOOP_ESTOPPED),
    STATUS(LOOP_EDEADLOCK),
    STATUS(LOOP_EWRONGTHREAD),
    STATUS(LOOP_EFORKED),
    STATUS(LOOP_EEXIT),
    STATUS(LOOP_ENOTASK),
    STATUS(LOOP_EWRONGLOOP),
    STATUS(LOOP_EKIND),
    STATUS(LOOP_ENOTSUPPORTED),
    STATUS(LOOP_EBUSY),
    STATUS(LOOP_ENOTLOCKED),
    STATUS(LOOP_EQUEUEEMPTY),
    STATUS(LOOP_EQUEUEFULL),
    STATUS(LOOP_EQUEUESHUTDOWN),
    STATUS(LOOP_EOVERRELEASED),
    STATUS(LOOP_ESHUTTINGDOWN),
    STATUS(LOOP_EEXPIRED),
    STATUS(LOOP_ERECURSION),
    STATUS(LOOP_ENOPOLLER),
    STATUS(LOOP_ENOADDRESS),
    STATUS(LOOP_EGAI),
};

static void status_of_our_own_has_its_name(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(statuses); i++)
    assert_string_equal(statuses[i].name, loop_status_name(statuses[i].status));
}

static void status_values_are_frozen(void **state) {
  (void)state;
  for (size_t i = 1; i < COUNT(statuses); i++) assert_int_equal(-10000 - (int)i, statuses[i].status);
}

static void status_messages_differ_and_have_no_full_stop(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(statuses); i++) {
    const char *message = loop_status_message(statuses[i].status);
    assert_true(strlen(message) > 0);
    assert_true(message[strlen(message) - 1] != '.');
    for (size_t j = 0; j < i; j++) assert_string_not_equal(message, loop_status_message(statuses[j].status));
  }
}

static void status_of_the_system_has_its_errno_name(void **state) {
  (void)state;
  assert_string_equal("EINVAL", loop_status_name(-EINVAL));
  assert_string_equal("ENOMEM", loop_status_name(-ENOMEM));
  assert_string_equal("EBADF", loop_status_name(-EBADF));
  assert_string_equal("EPERM", loop_status_name(-EPERM));
  assert_true(strlen(loop_status_message(-EBADF)) > 0);
}

static void status_that_does_not_exist_is_unknown(void **state) {
  (void)state;
  assert_string_equal("UNKNOWN", loop_status_name(1));
  assert_string_equal("UNKNOWN", loop_status_name(-9999));
  assert_string_equal("UNKNOWN", loop_status_name(-10000));
  assert_string_equal("UNKNOWN", loop_status_name(-20000));
  assert_string_equal("UNKNOWN", loop_status_name(INT32_MIN));
  assert_non_null(loop_status_message(INT32_MIN));
}

static void version_is_that_of_the_header(void **state) {
  (void)state;
  assert_string_equal(BOUCLE_VERSION, loop_version());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(status_of_our_own_has_its_name),
      TEST(status_values_are_frozen),
      TEST(status_messages_differ_and_have_no_full_stop),
      TEST(status_of_the_system_has_its_errno_name),
      TEST(status_that_does_not_exist_is_unknown),
      TEST(version_is_that_of_the_header),
  };
  return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
