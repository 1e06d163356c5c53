/* Addresses are for any thread: two threads make and read them, and one that both have; for ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "support.h"

enum { ROUNDS = 1000, THREADS = 2 };

struct shared {
  value_t *address;
  atomic_int failed;
};

static int read_all(value_t *address) {
  const char *host, *text;
  const void *bytes;
  size_t size;
  int family, port;
  value_t *copy;
  int failed = address_get_family(address, &family) | address_get_host(address, &host, &size);
  failed |= address_get_port(address, &port) | address_get_text(address, &text);
  failed |= address_get_sockaddr(address, &bytes, &size) | address_new_sockaddr(bytes, size, &copy);
  if (failed || !value_equal(address, copy) || strstr(text, host) == NULL) return 1;
  value_unref(copy);
  return 0;
}

static void *read_and_make(void *userdata) {
  struct shared *shared = userdata;
  for (int i = 0; i < ROUNDS; i++) {
    value_t *kept = value_ref(shared->address), *made = NULL, *other = NULL;
    int failed = address_new("::1", i, &made) | address_new_unix("/run/x", 6, &other);
    if (failed || read_all(kept) || read_all(made) || read_all(other)) atomic_fetch_add(&shared->failed, 1);
    value_unref(kept), value_unref(made), value_unref(other);
  }
  return NULL;
}

static void addresses_are_for_any_thread(void **state) {
  struct shared shared = {NULL, 0};
  pthread_t threads[THREADS];
  (void)state;
  assert_ok(address_new("fe80::1%1", 80, &shared.address));
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(0, pthread_create(&threads[i], NULL, read_and_make, &shared));
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  assert_int_equal(0, atomic_load(&shared.failed));
  value_unref(shared.address);
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(addresses_are_for_any_thread)};
  return cmocka_run_group_tests_name("any_address", tests, NULL, NULL);
}
