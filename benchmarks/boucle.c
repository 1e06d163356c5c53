/* Boucle's own competitor: callback tasks, through the public C API and the shared library. Variants by key=1:
 * handle (post: with a handle that could be cancelled), fresh (churn: each time a new timer), gather (gather: with
 * loop_gather), yield, event (switch: with sleep(0), or with events, in the place of futures). */
#include "boucle_bench.h"

loop_t *the_loop;
static uint64_t n, k, left, live, sum;

/* ---- post ---- */

static void repost(loop_t *loop, void *userdata) {
  if (left == 0) {
    if (--live == 0) loop_stop(loop);
    return;
  }
  left--;
  must(loop_call_soon(loop, repost, userdata, NULL, NULL));
}

static void repost_with_handle(loop_t *loop, void *userdata) {
  handle_t **handle = userdata;
  handle_unref(*handle);
  *handle = NULL;
  if (left == 0) {
    if (--live == 0) loop_stop(loop);
    return;
  }
  left--;
  must(loop_call_soon(loop, repost_with_handle, userdata, NULL, handle));
}

static void post(void) {
  handle_t **handles = calloc(k, sizeof *handles);
  uint64_t t0 = now_ns();
  live = k;
  left = n - k;
  for (uint64_t i = 0; i < k; i++) {
    must(arg("handle", 0) ? loop_call_soon(the_loop, repost_with_handle, handles + i, NULL, handles + i)
                          : loop_call_soon(the_loop, repost, handles + i, NULL, NULL));
  }
  must(loop_run_forever(the_loop));
  report_ns(t0, n);
  free(handles);
}

/* ---- spawn, gather: tasks that return an integer ---- */

static void trivial(task_t *task, void *userdata) {
  value_t *value;
  must(value_new_int((int64_t)(uintptr_t)userdata, &value));
  must(task_return(task, value));
  value_unref(value);
}

static void add_up(value_t *value) {
  int64_t integer;
  must(value_get_int(value, &integer));
  value_unref(value);
  sum += (uint64_t)integer;
}

static task_t *spawn(task_step_fn step, uint64_t i) {
  task_t *task;
  must(loop_ensure_future(the_loop, step, (void *)(uintptr_t)i, NULL, &task));
  return task;
}

static void run_task(task_step_fn step) {
  task_t *task = spawn(step, 0);
  uint64_t t0 = now_ns();
  must(loop_run_until_complete(the_loop, task_as_future(task), NULL));
  report_ns(t0, n);
  task_unref(task);
}

static task_t *child;

static void spawn_next(task_t *task, void *userdata) {
  value_t *value;
  if (child) {
    must(task_awaited(task, &value));
    add_up(value);
    task_unref(child);
    child = NULL;
  }
  if (left == 0) return;
  child = spawn(trivial, left--);
  must(task_await(task, task_as_future(child), spawn_next));
  (void)userdata;
}

static task_t **children;
static uint64_t taken;

static void fan_out(task_t *task, void *userdata);

static void take_next(task_t *task, void *userdata) {
  value_t *value;
  must(task_awaited(task, &value));
  add_up(value);
  task_unref(children[taken]);
  if (++taken == k) return fan_out(task, userdata);
  must(task_await(task, task_as_future(children[taken]), take_next));
}

static void take_all(task_t *task, void *userdata) {
  value_t *list, *item;
  must(task_awaited(task, &list));
  for (uint64_t i = 0; i < k; i++) {
    must(value_get_item(list, i, &item));
    add_up(value_ref(item));
    task_unref(children[i]);
  }
  value_unref(list);
  fan_out(task, userdata);
}

static void fan_out(task_t *task, void *userdata) {
  (void)userdata;
  if (left < k) return;
  left -= k;
  for (uint64_t i = 0; i < k; i++) children[i] = spawn(trivial, i);
  taken = 0;
  if (!arg("gather", 0)) {
    must(task_await(task, task_as_future(children[0]), take_next));
    return;
  }
  future_t *all, **futures = calloc(k, sizeof *futures);
  for (uint64_t i = 0; i < k; i++) futures[i] = task_as_future(children[i]);
  must(loop_gather(the_loop, futures, k, 0, &all));
  must(task_await(task, all, take_all));
  future_unref(all);
  free(futures);
}

/* ---- sleepers ---- */

static void woke(task_t *task, void *userdata) {
  (void)task, (void)userdata;
  if (--live == 0) loop_stop(the_loop);
}

static void sleeper(task_t *task, void *userdata) {
  (void)userdata;
  must(task_sleep(task, (double)sleep_us() / 1e6, woke));
}

static void sleepers(void) {
  long base = status_kb("VmRSS");
  live = n;
  for (uint64_t i = 0; i < n; i++) {
    must(loop_ensure_future(the_loop, sleeper, NULL, NULL, NULL));
    if (i % 1000 == 999) must(loop_run_once(the_loop, 0));
  }
  must(loop_run_forever(the_loop));
  report_mem(base);
}

/* ---- churn: arm a timer again; with fresh, cancel it and arm another ---- */

static void never(loop_t *loop, void *userdata) {
  (void)loop, (void)userdata;
  abort();
}

static void churn(void) {
  handle_t **handles = calloc(k, sizeof *handles);
  bool fresh = arg("fresh", 0);
  for (uint64_t i = 0; i < k; i++) {
    must(loop_call_later(the_loop, timeout_ms(rnd()) / 1e3, never, NULL, NULL, handles + i));
  }
  uint64_t t0 = now_ns();
  for (uint64_t i = 0; i < n; i++) {
    if (i % 1000 == 0) must(loop_run_once(the_loop, 0));
    uint32_t r = rnd();
    handle_t **handle = handles + r % k;
    if (!fresh) {
      must(handle_again(*handle, timeout_ms(r >> 16) / 1e3));
      continue;
    }
    must(handle_cancel(*handle));
    handle_unref(*handle);
    must(loop_call_later(the_loop, timeout_ms(r >> 16) / 1e3, never, NULL, NULL, handle));
  }
  report_ns(t0, n);
  for (uint64_t i = 0; i < k; i++) handle_unref(handles[i]);
  free(handles);
}

/* ---- switch: two tasks, each wakes the other and waits to be woken ---- */

static future_t *turn_of[2];

static void hand_over(task_t *task, void *userdata) {
  uintptr_t me = (uintptr_t)userdata, other = 1 - me;
  if (left > 0) left--;
  bool last = left == 0;
  if (turn_of[me]) future_unref(turn_of[me]);
  turn_of[me] = NULL;
  if (!last) must(loop_create_future(the_loop, &turn_of[me]));
  if (turn_of[other]) must(future_set_result(turn_of[other], NULL));
  if (!last) must(task_await(task, turn_of[me], hand_over));
}

static void yield_over(task_t *task, void *userdata) {
  (void)userdata;
  if (left == 0) return;
  left--;
  must(task_sleep(task, 0, yield_over));
}

static event_t *events[2];

static void event_over(task_t *task, void *userdata) {
  uintptr_t me = (uintptr_t)userdata;
  event_clear(events[me]);
  event_set(events[1 - me]);
  if (left == 0) return;
  left--;
  coroutine_t *wait;
  must(event_wait(events[me], &wait));
  must(task_await_coroutine(task, wait, event_over));
  coroutine_unref(wait);
}

static void do_switch(void) {
  task_step_fn step = arg("yield", 0) ? yield_over : arg("event", 0) ? event_over : hand_over;
  for (int i = 0; i < 2; i++) must(event_new(the_loop, &events[i]));
  task_t *one = spawn(step, 0), *two = spawn(step, 1);
  uint64_t t0 = now_ns();
  must(loop_run_until_complete(the_loop, task_as_future(one), NULL));
  must(loop_run_until_complete(the_loop, task_as_future(two), NULL));
  report_ns(t0, n);
  task_unref(one);
  task_unref(two);
  for (int i = 0; i < 2; i++) event_unref(events[i]);
}

int main(int argc, char **argv) {
  (void)argc;
  g_argv = argv, n = left = arg("n", 1000000), k = arg("k", 1000);
  loop_options_t *options;
  must(loop_options_new(&options));
  must(loop_options_set_spin(options, (double)arg("spin", 0) / 1e9));
  must(loop_new(options, &the_loop));
  loop_options_unref(options);
  children = calloc(k, sizeof *children);
  int status = 0;
  if (arg("stack", 0)) status = on_stacks(argv, n, k);
  else if (is("post")) post();
  else if (is("spawn")) run_task(spawn_next);
  else if (is("gather")) run_task(fan_out);
  else if (is("sleepers")) sleepers();
  else if (is("churn")) churn();
  else if (is("switch")) do_switch();
  else if (is("echo")) echo(argv);
  else if (is("xpost") || is("xping")) cross(argv, n, is("xping"));
  else if (is("offseq") || is("off256")) offload(argv, n, is("offseq") ? 1 : 256);
  else status = 2;
  free(children);
  loop_unref(the_loop);
  return status;
}
