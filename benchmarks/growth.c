/* How cost grows, what objects weigh, and whether memory comes back: `growth [cost|bytes|peak]`, one table each. */
#include "boucle_bench.h"

loop_t *the_loop;
static uint64_t live;

static void count_down(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  live--;
}
static void sleep_long(task_t *task, void *userdata) {
  (void)userdata;
  must(task_sleep(task, 3600, count_down));
}
static void nothing(task_t *task, void *userdata) { (void)task, (void)userdata; }
static void on_call(loop_t *loop, void *userdata) { (void)loop, (void)userdata; }
static void on_done(future_t *future, void *userdata) {
  (void)future, (void)userdata;
  live--;
}
static void quiet(loop_t *loop, const report_t *report, void *userdata) { (void)loop, (void)report, (void)userdata; }

static void turn(void) { must(loop_run_once(the_loop, 0)); }
static void fresh_loop(void) {
  must(loop_new(NULL, &the_loop));
  must(loop_set_exception_handler(the_loop, quiet, NULL, NULL));
}

static task_t **tasks;
static void make_tasks(uint64_t n, task_step_fn step, void *userdata) {
  tasks = malloc(n * sizeof *tasks);
  for (uint64_t i = 0; i < n; i++) must(loop_ensure_future(the_loop, step, userdata, NULL, &tasks[i]));
  turn();
}
static void free_tasks(uint64_t n) {
  for (uint64_t i = 0; i < n; i++) task_unref(tasks[i]);
  free(tasks);
}

/* ---- cost: nanoseconds per operation with n of something there ---- */

enum { kOps = 200000 };

static double spawn_among_tasks(uint64_t n) {
  make_tasks(n, sleep_long, NULL);
  uint64_t t0 = now_ns();
  for (int i = 0; i < kOps; i++) {
    must(loop_ensure_future(the_loop, nothing, NULL, NULL, NULL));
    if (i % 100 == 99) turn();
  }
  double ns = (double)(now_ns() - t0) / kOps;
  free_tasks(n);
  return ns;
}

static double cancel_tasks(uint64_t n) {
  make_tasks(n, sleep_long, NULL);
  uint64_t t0 = now_ns();
  for (uint64_t i = 0; i < n; i++) must(task_cancel(tasks[i], NULL, NULL));
  turn();
  turn();
  double ns = (double)(now_ns() - t0) / (double)n;
  free_tasks(n);
  return ns;
}

static double rearm_among_timers(uint64_t n) {
  handle_t **handles = malloc(n * sizeof *handles);
  for (uint64_t i = 0; i < n; i++) must(loop_call_later(the_loop, 3600 + 1e-3 * (rnd() & 1023), on_call, NULL, NULL, &handles[i]));
  uint64_t t0 = now_ns();
  for (int i = 0; i < kOps; i++) {
    handle_t **h = handles + rnd() % n;
    must(handle_cancel(*h));
    handle_unref(*h);
    must(loop_call_later(the_loop, 3600 + 1e-3 * (rnd() & 1023), on_call, NULL, NULL, h));
  }
  double ns = (double)(now_ns() - t0) / kOps;
  for (uint64_t i = 0; i < n; i++) handle_unref(handles[i]);
  free(handles);
  return ns;
}

static double done_callbacks(uint64_t n) {
  future_t *future;
  must(loop_create_future(the_loop, &future));
  uint64_t t0 = now_ns();
  for (uint64_t i = 0; i < n; i++) must(future_add_done_callback(future, on_done, NULL, NULL));
  must(future_set_result(future, NULL));
  turn();
  double ns = (double)(now_ns() - t0) / (double)n;
  future_unref(future);
  return ns;
}

static lock_t *lock;
static void release(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  live--;
  must(lock_release(lock));
}
static void acquire(task_t *task, void *userdata) {
  coroutine_t *coroutine;
  (void)userdata;
  must(lock_acquire(lock, &coroutine));
  must(task_await_coroutine(task, coroutine, release));
  coroutine_unref(coroutine);
}

static void take_for_good(task_t *task, void *userdata) {
  coroutine_t *coroutine;
  (void)userdata;
  must(lock_acquire(lock, &coroutine));
  must(task_await_coroutine(task, coroutine, nothing));
  coroutine_unref(coroutine);
}

static double lock_waiters(uint64_t n) {
  must(lock_new(the_loop, &lock));
  live = n;
  uint64_t t0 = now_ns();
  make_tasks(n, acquire, NULL);
  while (live) turn();
  double ns = (double)(now_ns() - t0) / (double)n;
  free_tasks(n);
  lock_unref(lock);
  return ns;
}

static double cancel_lock_waiters(uint64_t n) {
  must(lock_new(the_loop, &lock));
  make_tasks(1, take_for_good, NULL);
  free_tasks(1);
  make_tasks(n, acquire, NULL);
  uint64_t t0 = now_ns();
  for (uint64_t i = 0; i < n; i++) must(task_cancel(tasks[i], NULL, NULL));
  for (int i = 0; i < 4; i++) turn();
  double ns = (double)(now_ns() - t0) / (double)n;
  free_tasks(n);
  lock_unref(lock);
  return ns;
}

static double close_with_timers(uint64_t n) {
  for (uint64_t i = 0; i < n; i++) must(loop_call_later(the_loop, 3600, on_call, NULL, NULL, NULL));
  uint64_t t0 = now_ns();
  must(loop_close(the_loop));
  return (double)(now_ns() - t0) / (double)n;
}

static const struct {
  const char *name;
  double (*measure)(uint64_t n);
} costs[] = {
    {"spawn, among n sleeping tasks", spawn_among_tasks},
    {"cancel n sleeping tasks, each", cancel_tasks},
    {"re-arm, among n timers", rearm_among_timers},
    {"n done-callbacks on a future, each", done_callbacks},
    {"n tasks through a lock, each", lock_waiters},
    {"cancel n waiters of a lock, each", cancel_lock_waiters},
    {"close a loop with n timers, each", close_with_timers},
};

static void print_cost(void) {
  static const uint64_t sizes[] = {1, 1000, 1000000};
  printf("%-36s %10s %10s %10s %14s\n", "ns per operation", "n=1", "n=1000", "n=1000000", "all 10^6, ms");
  for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
    double ns = 0;
    printf("%-36s", costs[i].name);
    for (int s = 0; s < 3; s++) {
      fresh_loop();
      ns = costs[i].measure(sizes[s]);
      printf(" %10.0f", ns);
      loop_unref(the_loop);
    }
    printf(" %14.0f\n", ns);
  }
}

/* ---- bytes: what RSS grows by ---- */

enum { kObjects = 200000 };

static void report_bytes(const char *what, long before_kb) {
  printf("%-36s %10.0f\n", what, (double)(status_kb("VmRSS") - before_kb) * 1024 / kObjects);
}

static void print_bytes(void) {
  static void *held[kObjects];
  future_t *future;
  memset(held, 1, sizeof held);
  printf("%-36s %10s\n", "bytes each", "RSS");
#define MEASURE(what, make)                            \
  do {                                                 \
    fresh_loop();                                      \
    long before = status_kb("VmRSS");                  \
    for (int i = 0; i < kObjects; i++) must(make);     \
    turn();                                            \
    report_bytes(what, before);                        \
  } while (0) /* the loop is left: its memory must not be used again */
  MEASURE("future", loop_create_future(the_loop, (future_t **)&held[i]));
  MEASURE("task, asleep", loop_ensure_future(the_loop, sleep_long, NULL, NULL, (task_t **)&held[i]));
  MEASURE("call_later", loop_call_later(the_loop, 3600, on_call, NULL, NULL, (handle_t **)&held[i]));
  MEASURE("event", event_new(the_loop, (event_t **)&held[i]));
  MEASURE("lock", lock_new(the_loop, (lock_t **)&held[i]));
  MEASURE("queue", queue_new(the_loop, 0, (queue_t **)&held[i]));
  MEASURE("done-callback", i == 0 ? loop_create_future(the_loop, &future) : future_add_done_callback(future, on_done, NULL, NULL));
#undef MEASURE
}

/* ---- peak: a million tasks, gone again ---- */

static void wake_soon(task_t *task, void *userdata) {
  (void)userdata;
  must(task_sleep(task, 0.1, count_down));
}

static void print_peak(void) {
  enum { n = 1000000 };
  fresh_loop();
  long before = status_kb("VmRSS");
  live = n;
  for (int i = 0; i < n; i++) must(loop_ensure_future(the_loop, wake_soon, NULL, NULL, NULL));
  turn();
  long peak = status_kb("VmRSS");
  while (live) must(loop_run_once(the_loop, 1));
  must(loop_run_once(the_loop, 0.01)); /* nothing to do: it tidies up before it sleeps */
  printf("RSS, MB: before %.1f, with a million tasks %.1f, after they are gone %.1f\n", (double)before / 1024,
         (double)peak / 1024, (double)status_kb("VmRSS") / 1024);
  loop_unref(the_loop);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!*what || strcmp(what, "cost") == 0) print_cost();
  if (!*what || strcmp(what, "bytes") == 0) print_bytes();
  if (!*what || strcmp(what, "peak") == 0) print_peak();
  return 0;
}
