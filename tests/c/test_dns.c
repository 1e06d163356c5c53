/* Look-ups: loop_getaddrinfo, loop_getnameinfo: what is answered. */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "names.h"

static future_t *name_of(loop_t *loop, const char *host, int flags) {
  value_t *address;
  future_t *future;
  assert_ok(address_new(host, 80, &address));
  assert_ok(loop_getnameinfo(loop, address, flags, &future));
  value_unref(address);
  return future;
}
static exception_t *failure(loop_t *loop, future_t *future) {
  exception_t *exception;
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(loop, future, NULL));
  assert_ok(future_exception(future, &exception));
  future_unref(future);
  return exception;
}

/* Fails unless it says why; unreferences it. */
static void assert_gaierror(int code, const char *about, exception_t *exception) {
  char message[200];
  int64_t number;
  (void)snprintf(message, sizeof message, "%s: '%s'", gai_strerror(code), about);
  assert_true(exception_matches(exception, "OSError"));
  assert_int_equal(LOOP_EGAI, exception_status(exception));
  assert_ok(value_get_int(exception_value(exception), &number));
  assert_int_equal(code, number);
  assert_exception("gaierror", message, exception);
}

/* ---- what is answered without a thread ---- */

static void digits_are_answered_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = look_up(loop, "127.0.0.1", "80");
  value_t *value;
  (void)state;
  assert_true(future_done(future));
  assert_ok(future_result(future, &value));
  assert_int_equal(1, size_of(value));
  assert_first("", "127.0.0.1:80", value);
  future_unref(future);
  assert_ok(loop_getaddrinfo(loop, "::1", "443", 0, SOCK_STREAM, AI_CANONNAME, &future));
  assert_true(future_done(future));
  assert_first("::1", "[::1]:443", finish(loop, future));
  loop_unref(loop);
}

static void host_of_null_is_this_one_or_all_of_its_addresses(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = look_up(loop, NULL, "80");
  (void)state;
  assert_true(future_done(future));
  assert_first("", "127.0.0.1:80", finish(loop, future));
  assert_ok(loop_getaddrinfo(loop, NULL, "80", AF_INET, SOCK_STREAM, AI_PASSIVE, &future));
  assert_true(future_done(future));
  assert_first("", "0.0.0.0:80", finish(loop, future));
  loop_unref(loop);
}

static void service_of_null_is_port_0(void **state) {
  loop_t *loop = new_virtual_loop();
  (void)state;
  assert_first("", "127.0.0.1:0", finish(loop, look_up(loop, "127.0.0.1", NULL)));
  loop_unref(loop);
}

static void numeric_flags_answer_at_once_that_it_is_none(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future;
  (void)state;
  assert_ok(loop_getaddrinfo(loop, "localhost", "80", 0, 0, AI_NUMERICHOST, &future));
  assert_true(future_done(future));
  assert_gaierror(EAI_NONAME, "localhost:80", failure(loop, future));
  assert_ok(loop_getaddrinfo(loop, "::1", "http", 0, 0, AI_NUMERICSERV, &future));
  assert_true(future_done(future));
  assert_gaierror(EAI_NONAME, "::1:http", failure(loop, future));
  loop_unref(loop);
}

static void names_in_digits_are_answered_at_once(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = name_of(loop, "::1", NI_NUMERICHOST | NI_NUMERICSERV);
  value_t *names;
  (void)state;
  assert_true(future_done(future));
  names = finish(loop, future);
  assert_int_equal(2, size_of(names));
  assert_string_equal("::1", text_at(names, 0));
  assert_string_equal("80", text_at(names, 1));
  value_unref(names);
  loop_unref(loop);
}

static void unix_socket_has_no_names(void **state) {
  loop_t *loop = new_virtual_loop();
  value_t *address;
  future_t *future;
  (void)state;
  assert_ok(address_new_unix("/run/x", 6, &address));
  assert_ok(loop_getnameinfo(loop, address, 0, &future));
  assert_gaierror(EAI_FAMILY, "unix:/run/x", failure(loop, future));
  value_unref(address);
  loop_unref(loop);
}

/* ---- what the system is asked ---- */

static void localhost_is_looked_up_in_a_thread(void **state) {
  loop_t *loop = new_loop();
  future_t *future = look_up(loop, "localhost", "http");
  (void)state;
  assert_false(future_done(future));
  assert_first("", "127.0.0.1:80", finish(loop, future));
  assert_ok(loop_getaddrinfo(loop, "localhost", "80", AF_INET, SOCK_STREAM, AI_CANONNAME, &future));
  assert_first("localhost", "127.0.0.1:80", finish(loop, future));
  loop_unref(loop);
}

static void address_is_called_by_its_name(void **state) {
  loop_t *loop = new_loop();
  future_t *future = name_of(loop, "127.0.0.1", 0);
  (void)state;
  assert_false(future_done(future));
  value_t *names = finish(loop, future);
  assert_string_equal("localhost", text_at(names, 0));
  assert_string_equal("http", text_at(names, 1));
  value_unref(names);
  loop_unref(loop);
}

static void unknown_host_is_a_gaierror(void **state) {
  loop_t *loop = new_loop();
  (void)state;
  assert_gaierror(EAI_NONAME, "nowhere.invalid:80", failure(loop, look_up(loop, "nowhere.invalid", "80")));
  assert_gaierror(EAI_NONAME, "nowhere.invalid", failure(loop, look_up(loop, "nowhere.invalid", NULL)));
  assert_gaierror(EAI_SERVICE, "127.0.0.1:no such", failure(loop, look_up(loop, "127.0.0.1", "no such")));
  assert_gaierror(EAI_NONAME, "", failure(loop, look_up(loop, NULL, NULL)));
  loop_unref(loop);
}

static void nonsense_is_the_systems_to_refuse(void **state) {
  loop_t *loop = new_loop();
  future_t *future;
  (void)state;
  assert_ok(loop_getaddrinfo(loop, "::1", "80", 0, 0, 0x40000000, &future));
  assert_gaierror(EAI_BADFLAGS, "::1:80", failure(loop, future));
  assert_ok(loop_getaddrinfo(loop, "::1", "80", 12345, 0, 0, &future));
  assert_gaierror(EAI_FAMILY, "::1:80", failure(loop, future));
  loop_unref(loop);
}

static void error_that_nobody_reads_is_reported(void **state) {
  loop_t *loop = new_loop();
  struct trace reports = {""};
  (void)state;
  collect_reports(loop, &reports);
  future_unref(look_up(loop, "127.0.0.1", NULL));
  assert_trace("", &reports);
  future_unref(look_up(loop, NULL, NULL));
  assert_non_null(strstr(reports.text, "Future exception was never retrieved: gaierror: "));
  loop_unref(loop);
}

static void virtual_clock_stands_still_while_a_name_is_looked_up(void **state) {
  loop_t *loop = new_virtual_loop();
  struct trace trace = {""};
  struct mark timer = {&trace, "timer"}, name = {&trace, "name"};
  (void)state;
  assert_ok(loop_call_later(loop, 0.001, mark_callback, &timer, NULL, NULL));
  future_t *future = look_up(loop, "localhost", "80");
  assert_ok(future_add_done_callback(future, mark_done, &name, NULL));
  run_dry(loop);
  assert_trace("name timer", &trace);
  future_unref(future);
  loop_unref(loop);
}

/* ---- misuse ---- */

static void getaddrinfo_of_nonsense_is_refused(void **state) {
  loop_t *loop = new_virtual_loop();
  future_t *future = NULL;
  value_t *address, *number = new_int(3);
  (void)state;
  assert_ok(address_new("::1", 80, &address));
  assert_status(-EINVAL, loop_getaddrinfo(NULL, "localhost", "80", 0, 0, 0, &future));
  assert_status(-EINVAL, loop_getaddrinfo(loop, "localhost", "80", 0, 0, 0, NULL));
  assert_status(-EINVAL, loop_getnameinfo(NULL, address, 0, &future));
  assert_status(-EINVAL, loop_getnameinfo(loop, address, 0, NULL));
  assert_status(LOOP_EKIND, loop_getnameinfo(loop, NULL, 0, &future));
  assert_status(LOOP_EKIND, loop_getnameinfo(loop, number, 0, &future));
  assert_ok(loop_close(loop));
  assert_status(LOOP_ECLOSED, loop_getaddrinfo(loop, "localhost", "80", 0, 0, 0, &future));
  assert_status(LOOP_ECLOSED, loop_getaddrinfo(loop, "::1", "80", 0, 0, 0, &future));
  assert_status(LOOP_ECLOSED, loop_getnameinfo(loop, address, 0, &future));
  assert_null(future);
  value_unref(address), value_unref(number);
  loop_unref(loop);
}

struct stranger {
  loop_t *loop;
  value_t *address;
  int statuses[3];
};

static void *look_up_elsewhere(void *userdata) {
  struct stranger *stranger = userdata;
  future_t *future;
  stranger->statuses[0] = loop_getaddrinfo(stranger->loop, "localhost", "80", 0, 0, 0, &future);
  stranger->statuses[1] = loop_getaddrinfo(stranger->loop, "::1", "80", 0, 0, 0, &future);
  stranger->statuses[2] = loop_getnameinfo(stranger->loop, stranger->address, 0, &future);
  return NULL;
}

static void run_stranger(loop_t *loop, void *stranger) {
  pthread_t thread;
  (void)loop;
  assert_int_equal(0, pthread_create(&thread, NULL, look_up_elsewhere, stranger));
  pthread_join(thread, NULL);
}

static void another_thread_is_refused(void **state) {
  struct stranger stranger = {.loop = new_loop()};
  (void)state;
  assert_ok(address_new("::1", 80, &stranger.address));
  assert_ok(loop_call_soon(stranger.loop, run_stranger, &stranger, NULL, NULL));
  turn(stranger.loop);
  for (int i = 0; i < 3; i++) assert_status(LOOP_EWRONGTHREAD, stranger.statuses[i]);
  value_unref(stranger.address);
  loop_unref(stranger.loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(digits_are_answered_at_once),
      TEST(host_of_null_is_this_one_or_all_of_its_addresses),
      TEST(service_of_null_is_port_0),
      TEST(numeric_flags_answer_at_once_that_it_is_none),
      TEST(names_in_digits_are_answered_at_once),
      TEST(unix_socket_has_no_names),
      TEST(localhost_is_looked_up_in_a_thread),
      TEST(address_is_called_by_its_name),
      TEST(unknown_host_is_a_gaierror),
      TEST(nonsense_is_the_systems_to_refuse),
      TEST(error_that_nobody_reads_is_reported),
      TEST(virtual_clock_stands_still_while_a_name_is_looked_up),
      TEST(getaddrinfo_of_nonsense_is_refused),
      TEST(another_thread_is_refused),
  };
  return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
