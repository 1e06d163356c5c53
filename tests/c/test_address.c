/* Addresses as values. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "support.h"

static value_t *address(const char *host, int port) {
  value_t *made;
  assert_ok(address_new(host, port, &made));
  return made;
}
static value_t *unix_address(const char *path, size_t size) {
  value_t *made;
  assert_ok(address_new_unix(path, size, &made));
  return made;
}

/* Fails unless the address reads so; unreferences it. */
static void assert_address(int family, const char *host, int port, const char *text, value_t *made) {
  int is_family, is_port;
  const char *is_host, *is_text;
  size_t size;
  assert_int_equal(VALUE_ADDRESS, value_kind(made));
  assert_ok(address_get_family(made, &is_family));
  assert_ok(address_get_host(made, &is_host, &size));
  assert_ok(address_get_port(made, &is_port));
  assert_ok(address_get_text(made, &is_text));
  assert_int_equal(family, is_family);
  assert_string_equal(host, is_host);
  assert_int_equal(strlen(host), size);
  assert_int_equal(port, is_port);
  assert_string_equal(text, is_text);
  value_unref(made);
}

static void address_of_digits_reads_as_people_write_it(void **state) {
  (void)state;
  assert_address(AF_INET, "127.0.0.1", 80, "127.0.0.1:80", address("127.0.0.1", 80));
  assert_address(AF_INET, "0.0.0.0", 0, "0.0.0.0:0", address("0.0.0.0", 0));
  assert_address(AF_INET6, "::1", 65535, "[::1]:65535", address("::1", 65535));
  assert_address(AF_INET6, "2001:db8::2", 443, "[2001:db8::2]:443", address("2001:DB8:0:0::2", 443));
  assert_address(AF_INET6, "::ffff:1.2.3.4", 1, "[::ffff:1.2.3.4]:1", address("::ffff:1.2.3.4", 1));
}

static void scope_of_an_address_is_a_name_or_a_number(void **state) {
  char host[64], text[80], name[IF_NAMESIZE];
  value_t *named, *numbered, *other;
  (void)state;
  assert_non_null(if_indextoname(1, name));
  (void)snprintf(host, sizeof host, "fe80::1%%%s", name);
  (void)snprintf(text, sizeof text, "[%s]:9", host);
  named = address(host, 9), numbered = address("fe80::1%1", 9), other = address("fe80::1", 9);
  assert_true(value_equal(named, numbered));
  assert_false(value_equal(named, other));
  value_unref(numbered), value_unref(other);
  assert_address(AF_INET6, host, 9, text, named);
  assert_address(AF_INET6, "fe80::1%4000000", 9, "[fe80::1%4000000]:9", address("fe80::1%4000000", 9));
}

static void address_of_what_is_no_literal_is_refused(void **state) {
  static const char *const hosts[] = {"localhost", "", " 127.0.0.1", "127.1", "1.2.3.4.5", "256.0.0.1", "[::1]", "::1 ", "%1",
                                      "::1%", "1.2.3.4%1", ":::", "0123456789:0123456789:0123456789:0123456789:012345"};
  value_t *made = NULL;
  (void)state;
  for (size_t i = 0; i < COUNT(hosts); i++) assert_status(LOOP_ENOADDRESS, address_new(hosts[i], 80, &made));
  assert_status(-ENODEV, address_new("fe80::1%nowhere", 80, &made));
  assert_status(-ENODEV, address_new("fe80::1%a_name_that_no_interface_can_have", 80, &made));
  assert_status(-ENODEV, address_new("fe80::1%0", 80, &made));
  assert_status(-EINVAL, address_new("::1", -1, &made));
  assert_status(-EINVAL, address_new("::1", 65536, &made));
  assert_status(-EINVAL, address_new(NULL, 80, &made));
  assert_status(-EINVAL, address_new("::1", 80, NULL));
  assert_null(made);
}

static void status_of_no_literal_is_a_value_error(void **state) {
  exception_t *exception;
  (void)state;
  assert_ok(exception_new_from_status(LOOP_ENOADDRESS, &exception));
  assert_exception("ValueError", "the host is not an IPv4 or IPv6 address", exception);
}

static void unix_address_has_a_path_or_an_abstract_name(void **state) {
  const char *host, *text;
  size_t size;
  value_t *abstract = unix_address("\0na\1me", 6);
  (void)state;
  assert_address(AF_UNIX, "/run/x", 0, "unix:/run/x", unix_address("/run/x", 6));
  assert_ok(address_get_host(abstract, &host, &size));
  assert_int_equal(6, size);
  assert_memory_equal("\0na\1me", host, 7);
  assert_ok(address_get_text(abstract, &text));
  assert_string_equal("unix:@na\\x01me", text);
  value_unref(abstract);
}

static void unix_address_has_its_longest_path(void **state) {
  char path[109];
  value_t *made = NULL;
  (void)state;
  memset(path, 'p', sizeof path);
  value_unref(unix_address(path, 107));
  assert_status(-ENAMETOOLONG, address_new_unix(path, 108, &made));
  path[0] = 0;
  value_unref(unix_address(path, 108));
  assert_status(-ENAMETOOLONG, address_new_unix(path, 109, &made));
  assert_status(-EINVAL, address_new_unix(path, 0, &made));
  assert_status(-EINVAL, address_new_unix("a\0b", 3, &made));
  assert_status(-EINVAL, address_new_unix("\0\0", 2, &made));
  assert_status(-EINVAL, address_new_unix(NULL, 3, &made));
  assert_status(-EINVAL, address_new_unix(path, 3, NULL));
  assert_null(made);
}

static void sockaddr_comes_back_as_it_was(void **state) {
  value_t *all[] = {address("10.0.0.1", 7), address("fe80::1%1", 7), unix_address("/x", 2), unix_address("\0x", 2)};
  static const size_t sizes[] = {sizeof(struct sockaddr_in), sizeof(struct sockaddr_in6),
                                 offsetof(struct sockaddr_un, sun_path) + 3, offsetof(struct sockaddr_un, sun_path) + 2};
  (void)state;
  for (size_t i = 0; i < COUNT(all); i++) {
    const void *bytes;
    size_t size;
    value_t *copy;
    assert_ok(address_get_sockaddr(all[i], &bytes, &size));
    assert_int_equal(sizes[i], size);
    assert_ok(address_new_sockaddr(bytes, size, &copy));
    assert_true(value_equal(all[i], copy));
    value_unref(copy), value_unref(all[i]);
  }
}

static void sockaddr_is_what_the_system_takes(void **state) {
  const void *bytes;
  size_t size;
  struct sockaddr_in ipv4;
  value_t *made = address("10.0.0.1", 7);
  (void)state;
  assert_ok(address_get_sockaddr(made, &bytes, &size));
  memcpy(&ipv4, bytes, sizeof ipv4);
  assert_int_equal(AF_INET, ipv4.sin_family);
  assert_int_equal(htons(7), ipv4.sin_port);
  assert_int_equal(htonl(0x0a000001), ipv4.sin_addr.s_addr);
  memset(ipv4.sin_zero, 1, sizeof ipv4.sin_zero); /* what the system leaves there makes no difference */
  value_unref(made);
  assert_ok(address_new_sockaddr(&ipv4, sizeof ipv4, &made));
  value_t *other = address("10.0.0.1", 7);
  assert_true(value_equal(made, other));
  value_unref(made), value_unref(other);
}

static void sockaddr_of_a_socket_without_a_name_is_empty(void **state) {
  struct sockaddr_un none = {.sun_family = AF_UNIX};
  value_t *made;
  (void)state;
  assert_ok(address_new_sockaddr(&none, sizeof none.sun_family, &made));
  assert_address(AF_UNIX, "", 0, "unix:", made);
}

static void sockaddr_of_nonsense_is_refused(void **state) {
  struct sockaddr_storage storage = {.ss_family = AF_INET};
  value_t *made = NULL;
  (void)state;
  assert_status(-EINVAL, address_new_sockaddr(&storage, sizeof(struct sockaddr_in) - 1, &made));
  assert_status(-EINVAL, address_new_sockaddr(&storage, 1, &made));
  assert_status(-EINVAL, address_new_sockaddr(&storage, sizeof storage + 1, &made));
  assert_status(-EINVAL, address_new_sockaddr(NULL, 16, &made));
  assert_status(-EINVAL, address_new_sockaddr(&storage, sizeof storage, NULL));
  storage.ss_family = AF_INET6;
  assert_status(-EINVAL, address_new_sockaddr(&storage, sizeof(struct sockaddr_in6) - 1, &made));
  storage.ss_family = AF_UNSPEC;
  assert_status(-EAFNOSUPPORT, address_new_sockaddr(&storage, sizeof storage, &made));
  assert_null(made);
}

static void addresses_are_equal_if_all_of_them_is(void **state) {
  value_t *all[] = {address("127.0.0.1", 80), address("127.0.0.1", 81),    address("127.0.0.2", 80),
                    address("::1", 80),       unix_address("/run/x", 6),   unix_address("\0run/x", 6),
                    address("fe80::1", 80),   address("fe80::1%1", 80),    address("::ffff:127.0.0.1", 80)};
  value_t *text;
  (void)state;
  for (size_t i = 0; i < COUNT(all); i++)
    for (size_t j = 0; j < COUNT(all); j++) assert_int_equal(i == j, value_equal(all[i], all[j]));
  assert_ok(value_new_text("127.0.0.1:80", &text));
  assert_false(value_equal(all[0], text) || value_equal(all[0], NULL));
  value_unref(text);
  for (size_t i = 0; i < COUNT(all); i++) value_unref(all[i]);
}

/* A priority queue has one order for them. */
static void addresses_have_an_order(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *items[] = {address("::1", 80), address("127.0.0.1", 80), address("::1", 80)}, *first, *second;
  queue_t *queue;
  (void)state;
  assert_ok(queue_new_priority(loop, 0, NULL, NULL, NULL, &queue));
  for (size_t i = 0; i < COUNT(items); i++) assert_ok(queue_put_nowait(queue, items[i]));
  assert_ok(queue_get_nowait(queue, &first));
  assert_ok(queue_get_nowait(queue, &second));
  assert_ptr_equal(items[1], first);
  assert_ptr_equal(items[0], second);
  value_unref(first), value_unref(second);
  for (size_t i = 0; i < COUNT(items); i++) value_unref(items[i]);
  queue_unref(queue), loop_unref(loop);
}

static void getters_refuse_what_is_no_address(void **state) {
  value_t *values[] = {NULL, new_int(3)}, *made = address("::1", 1);
  const char *text = NULL;
  const void *bytes = NULL;
  size_t size = 77;
  int number = 77;
  (void)state;
  for (size_t i = 0; i < COUNT(values); i++) {
    assert_status(LOOP_EKIND, address_get_family(values[i], &number));
    assert_status(LOOP_EKIND, address_get_port(values[i], &number));
    assert_status(LOOP_EKIND, address_get_host(values[i], &text, &size));
    assert_status(LOOP_EKIND, address_get_text(values[i], &text));
    assert_status(LOOP_EKIND, address_get_sockaddr(values[i], &bytes, &size));
  }
  assert_status(-EINVAL, address_get_family(made, NULL));
  assert_status(-EINVAL, address_get_port(made, NULL));
  assert_status(-EINVAL, address_get_host(made, NULL, &size));
  assert_status(-EINVAL, address_get_text(made, NULL));
  assert_status(-EINVAL, address_get_sockaddr(made, NULL, &size));
  assert_status(-EINVAL, address_get_sockaddr(made, &bytes, NULL));
  assert_true(!text && !bytes && size == 77 && number == 77);
  assert_ok(address_get_host(made, &text, NULL));
  value_unref(values[1]), value_unref(made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(address_of_digits_reads_as_people_write_it),
      TEST(scope_of_an_address_is_a_name_or_a_number),
      TEST(address_of_what_is_no_literal_is_refused),
      TEST(status_of_no_literal_is_a_value_error),
      TEST(unix_address_has_a_path_or_an_abstract_name),
      TEST(unix_address_has_its_longest_path),
      TEST(sockaddr_comes_back_as_it_was),
      TEST(sockaddr_is_what_the_system_takes),
      TEST(sockaddr_of_a_socket_without_a_name_is_empty),
      TEST(sockaddr_of_nonsense_is_refused),
      TEST(addresses_are_equal_if_all_of_them_is),
      TEST(addresses_have_an_order),
      TEST(getters_refuse_what_is_no_address),
  };
  return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
