/* What the default exception handler prints; the effects of options; and memory that is given back. */
#define _GNU_SOURCE /* memfd_create */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

/* ---- printing ---- */

/* Returns what a loop with the default handler prints for the error. */
static void assert_printed(const char *expected, const char *message, exception_t *exception) {
  loop_t *loop = new_virtual_loop();
  int file = memfd_create("stderr", MFD_CLOEXEC), former = dup(2);
  char text[2048] = {0};
  dup2(file, 2);
  int status = loop_call_exception_handler(loop, message, exception, NULL);
  fflush(stderr);
  dup2(former, 2);
  assert_ok(status);
  assert_true(pread(file, text, sizeof text - 1, 0) >= 0);
  assert_string_equal(expected, text);
  close(file), close(former);
  exception_unref(exception);
  loop_unref(loop);
}

static exception_t *with_note(exception_t *exception, const char *note) {
  exception_t *noted;
  assert_ok(exception_new_with_note(exception, note, &noted));
  exception_unref(exception);
  return noted;
}
static exception_t *with_cause(exception_t *exception, exception_t *cause) {
  exception_t *caused;
  assert_ok(exception_new_with_cause(exception, cause, &caused));
  exception_unref(exception), exception_unref(cause);
  return caused;
}

static void print_shows_the_message_and_the_exception(void **state) {
  (void)state;
  assert_printed("boucle: hello\n", "hello", NULL);
  assert_printed("boucle: hello\n  ValueError: boom\n", "hello", new_exception("ValueError", "boom"));
  assert_printed("boucle: hello\n  ValueError\n", "hello", new_exception("ValueError", NULL));
  assert_printed("boucle: hello\n  ValueError\n", "hello", new_exception("ValueError", ""));
}

static void print_shows_notes_causes_and_members(void **state) {
  exception_t *members[] = {new_exception("KeyError", "a"), new_exception("OSError", NULL)}, *group;
  (void)state;
  assert_printed("boucle: m\n  ValueError: boom\n    one\n    two\n", "m",
                 with_note(with_note(new_exception("ValueError", "boom"), "one"), "two"));
  assert_printed("boucle: m\n  ValueError: boom\n  caused by\n  KeyError: k\n", "m",
                 with_cause(new_exception("ValueError", "boom"), new_exception("KeyError", "k")));
  assert_ok(exception_new_group("g", members, 2, &group));
  for (int i = 0; i < 2; i++) exception_unref(members[i]);
  assert_printed("boucle: m\n  ExceptionGroup: g\n    | KeyError: a\n    | OSError\n", "m", group);
}

static void print_of_a_long_chain_of_causes_ends(void **state) {
  exception_t *exception = new_exception("KeyError", "last");
  char expected[2048] = "boucle: m\n";
  (void)state;
  for (int i = 0; i < 30; i++) exception = with_cause(new_exception("ValueError", "v"), exception);
  for (int i = 0; i < 16; i++) strcat(expected, i ? "  caused by\n  ValueError: v\n" : "  ValueError: v\n");
  strcat(expected, "  caused by\n  ...\n");
  assert_printed(expected, "m", exception);
}

/* ---- options ---- */

static int starts_in_debug_mode(const char *environment, int option) {
  loop_options_t *options;
  loop_t *loop;
  int debug;
  if (environment) assert_int_equal(0, setenv("BOUCLE_DEBUG", environment, 1));
  assert_ok(loop_options_new(&options));
  if (option >= 0) assert_ok(loop_options_set_debug(options, option));
  assert_ok(loop_new(option >= 0 || environment ? options : NULL, &loop));
  debug = loop_get_debug(loop);
  loop_unref(loop);
  loop_options_unref(options);
  assert_int_equal(0, unsetenv("BOUCLE_DEBUG"));
  return debug;
}

static void debug_mode_is_set_by_options_or_environment(void **state) {
  (void)state;
  assert_int_equal(0, starts_in_debug_mode(NULL, -1));
  assert_int_equal(1, starts_in_debug_mode(NULL, 1));
  assert_int_equal(1, starts_in_debug_mode(NULL, 5));
  assert_int_equal(0, starts_in_debug_mode(NULL, 0));
  assert_int_equal(1, starts_in_debug_mode("1", -1));
  assert_int_equal(0, starts_in_debug_mode("0", -1));
  assert_int_equal(0, starts_in_debug_mode("1", 0));
}

static void poller_is_the_one_in_the_environment(void **state) {
  const char *former = getenv("BOUCLE_POLLER");
  char *kept = former ? strdup(former) : NULL;
  loop_t *loop;
  (void)state;
  for (int poll = 0; poll < 2; poll++) {
    assert_int_equal(0, setenv("BOUCLE_POLLER", poll ? "poll" : "epoll", 1));
    assert_ok(loop_new(NULL, &loop));
    assert_int_equal(poll, loop_fd(loop) < 0);
    loop_unref(loop);
  }
  if (kept) {
    setenv("BOUCLE_POLLER", kept, 1);
  } else {
    unsetenv("BOUCLE_POLLER");
  }
  free(kept);
}

static void closed_loop_has_closed_its_poller(void **state) {
  loop_t *loop = new_loop();
  int fd = loop_fd(loop);
  (void)state;
  assert_ok(loop_close(loop));
  if (fd >= 0) assert_int_equal(-1, fcntl(fd, F_GETFD));
  assert_true(loop_timeout(loop) < 0);
  loop_unref(loop);
}

static size_t count_threads(void) {
  size_t count = 0;
  DIR *tasks = opendir("/proc/self/task");
  while (readdir(tasks)) count++;
  closedir(tasks);
  return count;
}
static int do_nothing(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 0;
}

static void closed_loop_has_ended_its_threads(void **state) {
  loop_t *loop = new_loop();
  future_t *future;
  size_t before = count_threads();
  (void)state;
  assert_ok(loop_run_in_executor(loop, do_nothing, NULL, NULL, &future));
  assert_ok(loop_run_until_complete(loop, future, NULL));
  future_unref(future);
  assert_int_equal(before + 1, count_threads());
  assert_ok(loop_close(loop));
  for (int i = 0; i < 1000 && count_threads() > before; i++)
    usleep(1000); /* a thread that was joined may be listed a little longer */
  assert_int_equal(before, count_threads());
  loop_unref(loop);
}

/* ---- memory that is given back: not where a sanitizer keeps it ---- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static size_t mapped_kilobytes(void) {
  size_t pages = 0;
  char text[64] = {0};
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  assert_true(read(file, text, sizeof text - 1) > 0);
  close(file);
  assert_int_equal(1, sscanf(text, "%zu", &pages));
  return pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

enum { PEAK = 60000 };

static void peak_of_timers_is_given_back_before_the_loop_sleeps(void **state) {
  static handle_t *handles[PEAK];
  loop_t *loop = new_loop();
  size_t before = mapped_kilobytes();
  (void)state;
  for (int i = 0; i < PEAK; i++) assert_ok(loop_call_later(loop, 60, never_call, NULL, NULL, &handles[i]));
  assert_true(mapped_kilobytes() > before + 5000);
  for (int i = 0; i < PEAK; i++) {
    assert_ok(handle_cancel(handles[i]));
    handle_unref(handles[i]);
  }
  assert_ok(loop_run_once(loop, 0.001));
  assert_ok(loop_run_once(loop, 0.001));
  assert_true(mapped_kilobytes() < before + 3000);
  loop_unref(loop);
}

static void stay_stopped(loop_t *loop, future_t *future) {
  assert_ok(loop_stop(loop));
  assert_status(LOOP_ESTOPPED, loop_run_until_complete(loop, future, NULL));
}
static void never_told(future_t *future, void *userdata) {
  (void)future, (void)userdata;
  fail_msg("a done-callback was called");
}
static void add_and_remove(loop_t *loop, future_t *future) {
  (void)loop;
  assert_ok(future_add_done_callback(future, never_told, loop, NULL));
  assert_ok(future_remove_done_callback(future, never_told, loop, NULL));
}
static void await_nothing(loop_t *loop, future_t *future) {
  coroutine_t *coroutine;
  assert_ok(coroutine_await(loop, future, &coroutine));
  coroutine_unref(coroutine);
}
static void call_in_a_turn(loop_t *loop, future_t *future) {
  (void)future;
  for (int i = 0; i < 3; i++) assert_ok(loop_call_soon(loop, ignore_callback, NULL, NULL, NULL));
  assert_ok(loop_call_soon_threadsafe(loop, ignore_callback, NULL, NULL, NULL));
  turn(loop);
}

static int return_at_once(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  return 0;
}
/* If there are stacks: each has 64 KiB. */
static void run_a_body(loop_t *loop, future_t *future) {
  (void)future;
  (void)loop_create_task(loop, return_at_once, NULL, NULL, NULL);
  turn(loop);
}

static void make_options(loop_t *loop, future_t *future) {
  loop_options_t *options;
  (void)loop, (void)future;
  assert_ok(loop_options_new(&options));
  loop_options_unref(loop_options_ref(options));
  loop_options_unref(options);
}

/* To repeat something needs no more memory than to do it once. */
static void rounds_without_end_need_no_memory(void **state) {
  static void (*const all[])(loop_t *, future_t *) = {stay_stopped,   add_and_remove, await_nothing,
                                                      call_in_a_turn, run_a_body,     make_options};
  (void)state;
  for (size_t i = 0; i < COUNT(all); i++) {
    loop_t *loop = new_virtual_loop();
    future_t *future = new_future(loop);
    for (int round = 0; round < 100; round++) all[i](loop, future);
    size_t before = mapped_kilobytes();
    for (int round = 0; round < 30000; round++) all[i](loop, future);
    assert_true(mapped_kilobytes() < before + 900);
    future_unref(future);
    loop_unref(loop);
  }
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    TEST(print_shows_the_message_and_the_exception),
    TEST(print_shows_notes_causes_and_members),
    TEST(print_of_a_long_chain_of_causes_ends),
    TEST(debug_mode_is_set_by_options_or_environment),
    TEST(poller_is_the_one_in_the_environment),
    TEST(closed_loop_has_closed_its_poller),
    TEST(closed_loop_has_ended_its_threads),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    TEST(peak_of_timers_is_given_back_before_the_loop_sleeps),
    TEST(rounds_without_end_need_no_memory),
#endif
  };
  return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
