/* What every test of the public API uses.
 *
 * 1. TEST(name) is a cmocka test that also fails if objects of the library stay alive, or if the set of open file
 *    descriptors is not what it was before.
 * 2. Tests run on the virtual clock: new_virtual_loop(). They never sleep.
 * 3. collect_reports notes the loop's reports in a trace. */
#ifndef BOUCLE_TESTS_SUPPORT_H
#define BOUCLE_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <boucle/boucle.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, remember_world, compare_world)
#define COUNT(array) (sizeof(array) / sizeof *(array))

int remember_world(void **state);
int compare_world(void **state);

/* Fails unless the call's status is the expected one; prints both by name. */
#define assert_status(expected, call) assert_status_at((expected), (call), #call, __FILE__, __LINE__)
#define assert_ok(call) assert_status(0, call)
void assert_status_at(int expected, int actual, const char *call, const char *file, int line);

loop_t *new_virtual_loop(void);
/* A loop on the real clock: for threads, signals and descriptors. */
loop_t *new_loop(void);
/* The same, with so many executor threads. */
loop_t *new_loop_of_threads(size_t count);
future_t *run_job(loop_t *loop, executor_fn fn, void *userdata);

/* A text to which things that happen are appended, words separated by blanks. */
struct trace {
  char text[512];
};
void trace_add(struct trace *trace, const char *word);
#define assert_trace(expected, trace) assert_string_equal((expected), (trace)->text)

/* An entry in a trace: the userdata of callbacks that only note that they were called. */
struct mark {
  struct trace *trace;
  const char *word;
};
void mark_callback(loop_t *loop, void *mark);
void mark_step(task_t *task, void *mark);
void mark_done(future_t *future, void *mark);

/* Fail if they are called. */
void never_call(loop_t *loop, void *userdata);
void never_step(task_t *task, void *userdata);
void ignore_callback(loop_t *loop, void *userdata);

/* Userdata that counts how often it was destroyed. */
void count_destroy(void *counter);

/* Notes each report of the loop in the trace: "[MESSAGE: KIND: MESSAGE]". */
void collect_reports(loop_t *loop, struct trace *trace);

/* Futures and tasks that end as the test wants them. */
future_t *new_future(loop_t *loop);
task_t *new_task(loop_t *loop, task_step_fn step, void *userdata);
void return_seven(task_t *task, void *userdata);
/* Raises ValueError("boom"). */
void raise_boom(task_t *task, void *userdata);
exception_t *new_exception(const char *kind, const char *message);
value_t *new_int(int64_t integer);
/* The integer in a value, which is unreferenced. */
int64_t take_int(value_t *value);
/* Fails unless it is an exception of that kind and message; unreferences it. */
void assert_exception(const char *kind, const char *message, exception_t *exception);
/* Runs until nothing is ready and no timer is left: on the virtual clock only. */
void run_dry(loop_t *loop);
/* One turn that does not wait. */
void turn(loop_t *loop);

/* How deep tests nest objects that users may nest. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { DEEP = 50000 };
#else
enum { DEEP = 1000000 };
#endif
/* Limits the main thread's stack to 256 KiB, so that deep recursion overflows it. */
void limit_stack(void);

#endif
