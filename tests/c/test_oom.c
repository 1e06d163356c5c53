/* Each call that allocates is repeated while its 1st, 2nd, 3rd ... allocation fails, until it needs no more. It
 * returns -ENOMEM, takes what it owns, and changes nothing else. The allocator of the whole program is replaced,
 * which sanitizers do not allow. */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Volatile, because the compiler assumes that malloc reads no variable. Allocations of other threads succeed. */
static _Thread_local volatile int armed;
static volatile size_t allocations, fails_at;

static int must_fail(void) { return armed && ++allocations == fails_at; }

void *malloc(size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { return must_fail() ? (errno = ENOMEM, NULL) : __libc_realloc(memory, size); }
void *memalign(size_t alignment, size_t size) {
  return must_fail() ? (errno = ENOMEM, NULL) : __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
  if (must_fail()) return errno = ENOMEM, MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

/* ---- the calls ---- */

static const int tag;
struct fixture {
  loop_t *loop; /* there is nothing in its pool yet */
  value_t *item;
  exception_t *exception;
  int ends[2], destroyed;
  int takes; /* how often the call must run a destroy */
};

/* Gives up what the calls have made. */
#define DROPPING(type, made, call, drop) \
  type *made = NULL;                     \
  int status = call;                     \
  if (status) assert_null(made);         \
  if (!status) drop(made);               \
  return status
#define TRIPLE(fn) fn, &f->destroyed, count_destroy

static int call_soon(struct fixture *f) {
  f->takes = 1;
  DROPPING(handle_t, handle, loop_call_soon(f->loop, TRIPLE(ignore_callback), &handle), handle_unref);
}
static int call_soon_without_handle(struct fixture *f) {
  f->takes = 1;
  return loop_call_soon(f->loop, TRIPLE(ignore_callback), NULL);
}
static int call_soon_threadsafe(struct fixture *f) {
  f->takes = 1;
  DROPPING(handle_t, handle, loop_call_soon_threadsafe(f->loop, TRIPLE(ignore_callback), &handle), handle_unref);
}
static int call_soon_threadsafe_without_handle(struct fixture *f) {
  f->takes = 1;
  return loop_call_soon_threadsafe(f->loop, TRIPLE(ignore_callback), NULL);
}
static int call_later(struct fixture *f) {
  f->takes = 1;
  DROPPING(handle_t, handle, loop_call_later(f->loop, 1, TRIPLE(ignore_callback), &handle), handle_unref);
}
static int add_reader(struct fixture *f) {
  f->takes = 1;
  int status = loop_add_reader(f->loop, f->ends[0], TRIPLE(ignore_callback));
  if (status && loop_fd(f->loop) >= 0) { /* then it is not watched */
    struct pollfd fd = {loop_fd(f->loop), POLLIN, 0};
    int wrote = (int)write(f->ends[1], "x", 1);
    assert_true(wrote == 1 && poll(&fd, 1, 0) == 0);
  }
  return status;
}
static int add_writer(struct fixture *f) {
  f->takes = 1;
  return loop_add_writer(f->loop, f->ends[1], TRIPLE(ignore_callback));
}
static int add_signal_handler(struct fixture *f) {
  f->takes = 1;
  int status = loop_add_signal_handler(f->loop, SIGUSR1, TRIPLE(ignore_callback));
  struct sigaction action;
  sigaction(SIGUSR1, NULL, &action);
  assert_int_equal(status == 0, action.sa_handler != SIG_DFL); /* a call that fails does not take the signal */
  return status;
}
static int create_future(struct fixture *f) {
  DROPPING(future_t, future, loop_create_future(f->loop, &future), future_unref);
}
static int ensure_future(struct fixture *f) {
  f->takes = 1;
  DROPPING(task_t, task, loop_ensure_future(f->loop, TRIPLE(never_step), &task), task_unref);
}
static int ensure_future_threadsafe(struct fixture *f) {
  f->takes = 1;
  DROPPING(concurrent_t, concurrent, loop_ensure_future_threadsafe(f->loop, TRIPLE(never_step), &concurrent),
           concurrent_unref);
}
static int never_run(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  abort();
}
static int create_task(struct fixture *f) {
  f->takes = 1;
  DROPPING(task_t, task, loop_create_task(f->loop, never_run, &f->destroyed, count_destroy, &task), task_unref);
}
static int sleep_coroutine(struct fixture *f) {
  DROPPING(coroutine_t, coroutine, coroutine_sleep(f->loop, 1, &coroutine), coroutine_unref);
}
static int new_lock(struct fixture *f) { DROPPING(lock_t, lock, lock_new(f->loop, &lock), lock_unref); }
static int new_condition(struct fixture *f) {
  DROPPING(condition_t, condition, condition_new(f->loop, NULL, &condition), condition_unref);
}
static int new_barrier(struct fixture *f) {
  DROPPING(barrier_t, barrier, barrier_new(f->loop, 2, &barrier), barrier_unref);
}
static int new_queue(struct fixture *f) { DROPPING(queue_t, queue, queue_new(f->loop, 2, &queue), queue_unref); }
static int new_priority_queue(struct fixture *f) {
  f->takes = 1;
  DROPPING(queue_t, queue, queue_new_priority(f->loop, 2, NULL, &f->destroyed, count_destroy, &queue), queue_unref);
}
static int new_group(struct fixture *f) {
  DROPPING(task_group_t, group, task_group_new(f->loop, &group), task_group_unref);
}
static int new_timeout(struct fixture *f) {
  DROPPING(timeout_t, timeout, timeout_new(f->loop, 1, &timeout), timeout_unref);
}
static int gather_nothing(struct fixture *f) {
  DROPPING(future_t, future, loop_gather(f->loop, NULL, 0, 0, &future), future_unref);
}
static int complete_nothing(struct fixture *f) {
  DROPPING(completion_t, completion, loop_as_completed(f->loop, NULL, 0, -1, &completion), completion_unref);
}
static int new_host(struct fixture *f) { DROPPING(host_t, host, host_new(f->loop, 4, &host), host_unref); }
static int new_options(struct fixture *f) {
  (void)f;
  DROPPING(loop_options_t, options, loop_options_new(&options), loop_options_unref);
}
static int new_loop_here(struct fixture *f) {
  (void)f;
  DROPPING(loop_t, loop, loop_new(NULL, &loop), loop_unref);
}
static int new_text(struct fixture *f) {
  (void)f;
  DROPPING(value_t, value, value_new_text("text", &value), value_unref);
}
static int new_big_int(struct fixture *f) {
  (void)f;
  DROPPING(value_t, value, value_new_int(INT64_MAX, &value), value_unref);
}
static int new_list(struct fixture *f) { DROPPING(value_t, value, value_new_list(&f->item, 1, &value), value_unref); }
static int new_foreign(struct fixture *f) {
  f->takes = 1;
  DROPPING(value_t, value, value_new_foreign(&tag, &f->destroyed, count_destroy, &value), value_unref);
}
static int new_value_of_exception(struct fixture *f) {
  DROPPING(value_t, value, value_new_exception(f->exception, &value), value_unref);
}
static int new_plain_exception(struct fixture *f) {
  (void)f;
  DROPPING(exception_t, exception, exception_new("A kind whose name is long", "and so is this message", &exception),
           exception_unref);
}
static int new_exception_from_status(struct fixture *f) {
  (void)f;
  DROPPING(exception_t, exception, exception_new_from_status(-EPIPE, &exception), exception_unref);
}
static int new_foreign_exception(struct fixture *f) {
  f->takes = 1;
  DROPPING(exception_t, exception, exception_new_foreign("Kind", "m", &tag, &f->destroyed, count_destroy, &exception),
           exception_unref);
}
static int new_exception_group(struct fixture *f) {
  DROPPING(exception_t, exception, exception_new_group("g", &f->exception, 1, &exception), exception_unref);
}
static int new_exception_with_cause(struct fixture *f) {
  DROPPING(exception_t, exception, exception_new_with_cause(f->exception, f->exception, &exception), exception_unref);
}
static int new_exception_with_note(struct fixture *f) {
  DROPPING(exception_t, exception, exception_new_with_note(f->exception, "a note that is long enough", &exception),
           exception_unref);
}
static int new_context_var(struct fixture *f) {
  DROPPING(context_var_t, var, context_var_new("a name that is long enough for the heap", f->item, &var),
           context_var_unref);
}
static int new_address(struct fixture *f) {
  (void)f;
  DROPPING(value_t, address, address_new("fe80::1%1", 80, &address), value_unref);
}
static int new_unix_address(struct fixture *f) {
  (void)f;
  DROPPING(value_t, address, address_new_unix("/a/path/that/is/long/enough/for/the/heap", 40, &address), value_unref);
}
static int look_digits_up(struct fixture *f) {
  DROPPING(future_t, future, loop_getaddrinfo(f->loop, "127.0.0.1", "80", 0, 0, 0, &future), future_unref);
}
static int look_name_up(struct fixture *f) {
  future_t *first;
  armed = 0;
  /* There is a thread already. These names are answered by the test: its own, abandoned, opens no descriptor. */
  assert_ok(loop_getaddrinfo(f->loop, "first.invalid", "80", 0, 0, 0, &first));
  assert_status(LOOP_EEXCEPTION, loop_run_until_complete(f->loop, first, NULL));
  future_unref(first);
  armed = 1;
  DROPPING(future_t, future, loop_getaddrinfo(f->loop, "second.invalid", "http", 0, 0, 0, &future), future_unref);
}
static int look_address_up(struct fixture *f) {
  value_t *address;
  armed = 0;
  assert_ok(address_new("127.0.0.1", 80, &address));
  armed = 1;
  future_t *future = NULL;
  int status = loop_getnameinfo(f->loop, address, NI_NUMERICHOST | NI_NUMERICSERV, &future);
  armed = 0;
  if (status) assert_null(future);
  future_unref(future), value_unref(address);
  return status;
}

/* ---- all of them ---- */

static void assert_survives(int (*call)(struct fixture *f), int at_least) {
  for (fails_at = 1;; ++fails_at) {
    struct fixture f = {.loop = new_virtual_loop(), .exception = new_exception("ValueError", "v")};
    struct trace reports = {""};
    collect_reports(f.loop, &reports); /* pending tasks are dropped */
    assert_int_equal(0, pipe(f.ends));
    assert_ok(value_new_text("item", &f.item));
    size_t live = loop_live_objects();
    allocations = 0, armed = 1;
    int status = call(&f);
    armed = 0;
    if (status) {
      assert_status(-ENOMEM, status);
      assert_int_equal(live, loop_live_objects());
      assert_int_equal(f.takes, f.destroyed);
      assert_status(LOOP_EDEADLOCK, loop_run_forever(f.loop)); /* nothing is scheduled or watched */
    }
    int done = allocations < fails_at;
    loop_unref(f.loop);
    value_unref(f.item), exception_unref(f.exception);
    close(f.ends[0]), close(f.ends[1]);
    assert_int_equal(f.takes, f.destroyed);
    if (done) break;
  }
  assert_true(fails_at > (size_t)at_least);
}

static void call_without_memory_changes_nothing(void **state) {
  static int (*const calls[])(struct fixture * f) = {call_soon,
                                                     call_soon_without_handle,
                                                     call_soon_threadsafe,
                                                     call_soon_threadsafe_without_handle,
                                                     call_later,
                                                     add_reader,
                                                     add_writer,
                                                     add_signal_handler,
                                                     create_future,
                                                     ensure_future,
                                                     ensure_future_threadsafe,
                                                     sleep_coroutine,
                                                     new_lock,
                                                     new_condition,
                                                     new_barrier,
                                                     new_queue,
                                                     new_priority_queue,
                                                     new_group,
                                                     new_timeout,
                                                     gather_nothing,
                                                     complete_nothing,
                                                     new_host,
                                                     new_options,
                                                     new_loop_here,
                                                     new_text,
                                                     new_big_int,
                                                     new_list,
                                                     new_foreign,
                                                     new_value_of_exception,
                                                     new_plain_exception,
                                                     new_exception_from_status,
                                                     new_foreign_exception,
                                                     new_exception_group,
                                                     new_exception_with_cause,
                                                     new_exception_with_note,
                                                     new_context_var,
                                                     new_address,
                                                     new_unix_address,
                                                     look_digits_up,
                                                     look_name_up,
                                                     look_address_up};
  (void)state;
  for (size_t i = 0; i < COUNT(calls); i++) assert_survives(calls[i], 1);
}

static void task_without_a_stack_destroys_its_userdata(void **state) {
  loop_t *loop = new_virtual_loop();
  int destroyed = 0;
  (void)state;
  int supported = loop_create_task(loop, never_run, &destroyed, count_destroy, NULL) != LOOP_ENOTSUPPORTED;
  loop_unref(loop);
  if (supported) assert_survives(create_task, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(call_without_memory_changes_nothing),
      TEST(task_without_a_stack_destroys_its_userdata),
  };
  return cmocka_run_group_tests_name("oom", tests, NULL, NULL);
}
