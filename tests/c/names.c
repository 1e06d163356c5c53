#define _GNU_SOURCE
#include "names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stopped, waiting, asked;

typedef int (*getaddrinfo_fn)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static void wait_to_go(void) {
  waiting++;
  pthread_cond_broadcast(&changed);
  while (stopped) pthread_cond_wait(&changed, &mutex);
  waiting--;
  pthread_cond_broadcast(&changed);
}

__attribute__((visibility("default"))) int getaddrinfo(const char *host, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **ret) {
  union {
    void *object;
    getaddrinfo_fn function;
  } system = {dlsym(RTLD_NEXT, "getaddrinfo")};
  int is_slow = host && strncmp(host, "slow-", 5) == 0;
  const char *end = host ? strrchr(host, '.') : NULL;
  pthread_mutex_lock(&mutex);
  asked++;
  if (is_slow) wait_to_go();
  pthread_mutex_unlock(&mutex);
  if (end && strcmp(end, ".invalid") == 0) return EAI_NONAME;
  return system.function(is_slow ? "127.0.0.1" : host, service, hints, ret);
}

void names_stop(void) {
  pthread_mutex_lock(&mutex);
  stopped = 1;
  asked = 0;
  pthread_mutex_unlock(&mutex);
}

void names_go(void) {
  pthread_mutex_lock(&mutex);
  stopped = 0;
  pthread_cond_broadcast(&changed);
  while (waiting > 0) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
}

void names_await(int count) {
  pthread_mutex_lock(&mutex);
  while (waiting < count) pthread_cond_wait(&changed, &mutex);
  pthread_mutex_unlock(&mutex);
}

int names_asked(void) {
  pthread_mutex_lock(&mutex);
  int count = asked;
  pthread_mutex_unlock(&mutex);
  return count;
}

/* ---- look-ups ---- */

future_t *look_up(loop_t *loop, const char *host, const char *service) {
  future_t *future;
  assert_ok(loop_getaddrinfo(loop, host, service, AF_INET, SOCK_STREAM, 0, &future));
  return future;
}
/* The result, once it is there; the future is unreferenced. */
value_t *finish(loop_t *loop, future_t *future) {
  value_t *value;
  assert_ok(loop_run_until_complete(loop, future, &value));
  future_unref(future);
  return value;
}
const char *text_at(const value_t *list, size_t index) {
  value_t *item;
  const char *text;
  assert_ok(value_get_item(list, index, &item));
  assert_ok(value_get_text(item, &text, NULL));
  return text;
}
int int_at(const value_t *list, size_t index) {
  value_t *item;
  int64_t number;
  assert_ok(value_get_item(list, index, &item));
  assert_ok(value_get_int(item, &number));
  return (int)number;
}
size_t size_of(const value_t *list) {
  size_t size;
  assert_ok(value_get_size(list, &size));
  return size;
}

/* Fails unless the first of the addresses reads so; unreferences the list. */
void assert_first(const char *canonical, const char *text, value_t *list) {
  value_t *first, *address;
  const char *is_text;
  assert_true(size_of(list) > 0);
  assert_ok(value_get_item(list, 0, &first));
  assert_int_equal(5, size_of(first));
  assert_int_equal(SOCK_STREAM, int_at(first, 1));
  assert_int_equal(IPPROTO_TCP, int_at(first, 2));
  assert_string_equal(canonical, text_at(first, 3));
  assert_ok(value_get_item(first, 4, &address));
  assert_ok(address_get_text(address, &is_text));
  assert_string_equal(text, is_text);
  value_unref(list);
}
