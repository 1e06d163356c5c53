#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct world {
  size_t live_objects;
  char fds[256]; /* fds[n] is 1 if the descriptor n is open */
};

static void look_at(struct world *world) {
  struct dirent *entry;
  DIR *directory = opendir("/proc/self/fd");
  memset(world, 0, sizeof *world);
  world->live_objects = loop_live_objects();
  if (!directory) abort();
  while ((entry = readdir(directory))) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(directory) && (size_t)fd < sizeof world->fds) world->fds[fd] = 1;
  }
  closedir(directory);
}

/* Not in *state, which the tests use. */
static struct world before;

int remember_world(void **state) {
  (void)state;
  look_at(&before);
  return 0;
}

int compare_world(void **state) {
  struct world after;
  int differences = 0;
  (void)state;
  look_at(&after);
  if (after.live_objects != before.live_objects) {
    print_error("live objects: %zu before, %zu after\n", before.live_objects, after.live_objects);
    differences++;
  }
  for (size_t fd = 0; fd < sizeof after.fds; fd++) {
    if (after.fds[fd] == before.fds[fd]) continue;
    print_error("file descriptor %zu was %s\n", fd, after.fds[fd] ? "left open" : "closed");
    differences++;
  }
  return differences ? -1 : 0;
}

void assert_status_at(int expected, int actual, const char *call, const char *file, int line) {
  if (actual == expected) return;
  print_error("%s\n  is %d (%s), expected %d (%s)\n", call, actual, loop_status_name(actual), expected,
              loop_status_name(expected));
  _fail(file, line);
}

static loop_t *new_loop_on(loop_clock_t clock) {
  loop_options_t *options;
  loop_t *loop;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_clock(options, clock));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  return loop;
}

loop_t *new_virtual_loop(void) { return new_loop_on(LOOP_CLOCK_VIRTUAL); }
loop_t *new_loop(void) { return new_loop_on(LOOP_CLOCK_MONOTONIC); }

void trace_add(struct trace *trace, const char *word) {
  size_t used = strlen(trace->text);
  snprintf(trace->text + used, sizeof trace->text - used, "%s%s", used ? " " : "", word);
}

static void mark_it(const struct mark *mark) { trace_add(mark->trace, mark->word); }

void mark_callback(loop_t *loop, void *mark) {
  (void)loop;
  mark_it(mark);
}

void mark_step(task_t *task, void *mark) {
  (void)task;
  mark_it(mark);
}

void mark_done(future_t *future, void *mark) {
  (void)future;
  mark_it(mark);
}

void never_call(loop_t *loop, void *userdata) {
  (void)loop, (void)userdata;
  fail_msg("a callback was called that should not be");
}

void never_step(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  fail_msg("a task was stepped that should not be");
}

void ignore_callback(loop_t *loop, void *userdata) { (void)loop, (void)userdata; }

void count_destroy(void *counter) { ++*(int *)counter; }

static void collect_report(loop_t *loop, const report_t *report, void *trace) {
  const exception_t *exception = report_exception(report);
  const char *message = exception ? exception_message(exception) : NULL;
  char line[256];
  (void)loop;
  if (exception)
    snprintf(line, sizeof line, "[%s: %s: %s]", report_message(report), exception_kind(exception),
             message ? message : "");
  else
    snprintf(line, sizeof line, "[%s]", report_message(report));
  trace_add(trace, line);
}

void collect_reports(loop_t *loop, struct trace *trace) {
  assert_ok(loop_set_exception_handler(loop, collect_report, trace, NULL));
}

future_t *new_future(loop_t *loop) {
  future_t *future;
  assert_ok(loop_create_future(loop, &future));
  return future;
}

task_t *new_task(loop_t *loop, task_step_fn step, void *userdata) {
  task_t *task;
  assert_ok(loop_ensure_future(loop, step, userdata, NULL, &task));
  return task;
}

exception_t *new_exception(const char *kind, const char *message) {
  exception_t *exception;
  assert_ok(exception_new(kind, message, &exception));
  return exception;
}

value_t *new_int(int64_t integer) {
  value_t *value;
  assert_ok(value_new_int(integer, &value));
  return value;
}

int64_t take_int(value_t *value) {
  int64_t integer = 0;
  assert_ok(value_get_int(value, &integer));
  value_unref(value);
  return integer;
}

void assert_exception(const char *kind, const char *message, exception_t *exception) {
  assert_non_null(exception);
  assert_string_equal(kind, exception_kind(exception));
  if (message)
    assert_string_equal(message, exception_message(exception));
  else
    assert_null(exception_message(exception));
  exception_unref(exception);
}

void return_seven(task_t *task, void *userdata) {
  value_t *value = new_int(7);
  (void)userdata;
  assert_ok(task_return(task, value));
  value_unref(value);
}

void raise_boom(task_t *task, void *userdata) {
  exception_t *exception = new_exception("ValueError", "boom");
  (void)userdata;
  assert_ok(task_raise(task, exception));
  exception_unref(exception);
}

void run_dry(loop_t *loop) { assert_status(LOOP_EDEADLOCK, loop_run_forever(loop)); }

void turn(loop_t *loop) { assert_ok(loop_run_once(loop, 0)); }

/* The kernel asks for this limit whenever the stack grows. */
void limit_stack(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_STACK, &limit)) abort();
  limit.rlim_cur = 256 * 1024;
  if (setrlimit(RLIMIT_STACK, &limit)) abort();
}

future_t *run_job(loop_t *loop, executor_fn fn, void *userdata) {
  future_t *future;
  assert_ok(loop_run_in_executor(loop, fn, userdata, NULL, &future));
  return future;
}

loop_t *new_loop_of_threads(size_t count) {
  loop_options_t *options;
  loop_t *loop;
  assert_ok(loop_options_new(&options));
  assert_ok(loop_options_set_executor_threads(options, count));
  assert_ok(loop_new(options, &loop));
  loop_options_unref(options);
  return loop;
}
