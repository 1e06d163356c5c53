/* Boucle's competitor as straight-line C: tasks on stacks of their own, with stack=1. */
#include "boucle_bench.h"

static uint64_t n, k, live;
static int64_t sum;

static int trivial(void *userdata, value_t **ret_value) {
  return value_new_int((int64_t)(uintptr_t)userdata, ret_value);
}

static task_t *spawn(coroutine_fn body, uint64_t i) {
  task_t *task;
  must(loop_create_task(the_loop, body, (void *)(uintptr_t)i, NULL, &task));
  return task;
}

static void take(task_t *task) {
  value_t *value;
  int64_t integer;
  must(await_future(task_as_future(task), &value));
  must(value_get_int(value, &integer));
  sum += integer;
  value_unref(value);
  task_unref(task);
}

static int spawn_in_turn(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  for (uint64_t i = 0; i < n; i++) take(spawn(trivial, i));
  return 0;
}

static int fan_out(void *userdata, value_t **ret_value) {
  task_t **tasks = calloc(k, sizeof *tasks);
  for (uint64_t round = 0; round < n / k; round++) {
    for (uint64_t i = 0; i < k; i++) tasks[i] = spawn(trivial, i);
    for (uint64_t i = 0; i < k; i++) take(tasks[i]);
  }
  free(tasks);
  (void)userdata, (void)ret_value;
  return 0;
}

static future_t *turn_of[2];
static uint64_t left;

static int hand_over(void *userdata, value_t **ret_value) {
  uintptr_t me = (uintptr_t)userdata, other = 1 - me;
  (void)ret_value;
  while (left > 0) {
    left--;
    must(loop_create_future(the_loop, &turn_of[me]));
    if (turn_of[other]) must(future_set_result(turn_of[other], NULL));
    if (left > 0) must(await_future(turn_of[me], NULL));
    future_unref(turn_of[me]);
    turn_of[me] = NULL;
  }
  return 0;
}

static int hand_over_twice(void *userdata, value_t **ret_value) {
  task_t *other = spawn(hand_over, 1);
  hand_over((void *)0, ret_value);
  must(await_future(task_as_future(other), NULL));
  task_unref(other);
  (void)userdata;
  return 0;
}

static int yield_over(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  while (left > 0) {
    left--;
    must(await_sleep(0));
  }
  return 0;
}

static int yield_twice(void *userdata, value_t **ret_value) {
  must(loop_create_task(the_loop, yield_over, NULL, NULL, NULL));
  return yield_over(userdata, ret_value);
}

static void run_body(coroutine_fn body) {
  uint64_t t0 = now_ns();
  task_t *task = spawn(body, 0);
  must(loop_run_until_complete(the_loop, task_as_future(task), NULL));
  report_ns(t0, n);
  task_unref(task);
}

static int sleeper(void *userdata, value_t **ret_value) {
  (void)userdata, (void)ret_value;
  must(await_sleep((double)sleep_us() / 1e6));
  if (--live == 0) loop_stop(the_loop);
  return 0;
}

static void sleepers(void) {
  long base = status_kb("VmRSS");
  live = n;
  for (uint64_t i = 0; i < n; i++) {
    must(loop_create_task(the_loop, sleeper, NULL, NULL, NULL));
    if (i % 1000 == 999) must(loop_run_once(the_loop, 0));
  }
  must(loop_run_forever(the_loop));
  report_mem(base);
}

/* ---- echo: a task per connection ---- */

typedef struct wait {
  int fd;
  bool to_write;
  future_t *ready;
} wait_t;

static void on_ready(loop_t *loop, void *userdata) {
  wait_t *wait = userdata;
  must((wait->to_write ? loop_remove_writer : loop_remove_reader)(loop, wait->fd, NULL));
  must(future_set_result(wait->ready, NULL));
}

/* Waits for the descriptor, as asyncio's loop.sock_recv() does. */
static void await_descriptor(int fd, bool to_write) {
  wait_t wait = {.fd = fd, .to_write = to_write};
  must(loop_create_future(the_loop, &wait.ready));
  must((to_write ? loop_add_writer : loop_add_reader)(the_loop, fd, on_ready, &wait, NULL));
  must(await_future(wait.ready, NULL));
  future_unref(wait.ready);
}

static bool send_all(int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) {
      await_descriptor(fd, true);
    } else {
      data += sent;
      size -= (size_t)sent;
    }
  }
  return true;
}

static int serve(void *userdata, value_t **ret_value) {
  enum { kSize = 16384 };
  int fd = (int)(intptr_t)userdata;
  char *buffer = malloc(kSize);
  ssize_t received;
  (void)ret_value;
  do {
    await_descriptor(fd, false);
    received = recv(fd, buffer, kSize, 0);
  } while ((received > 0 && send_all(fd, buffer, (size_t)received)) || (received < 0 && errno == EAGAIN));
  free(buffer);
  close(fd);
  return 0;
}

static int listen_for_all(void *userdata, value_t **ret_value) {
  int listening = (int)(intptr_t)userdata, fd;
  (void)ret_value;
  do {
    await_descriptor(listening, false);
    fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) continue;
    set_nodelay(fd);
    must(loop_create_task(the_loop, serve, (void *)(intptr_t)fd, NULL, NULL));
  } while (fd >= 0 || errno == EAGAIN);
  return -errno;
}

static void echo_on_stacks(void) {
  int fd = listen_fd((int)arg("port", 0));
  must(loop_create_task(the_loop, listen_for_all, (void *)(intptr_t)fd, NULL, NULL));
  ready();
  must(loop_run_forever(the_loop));
}

int on_stacks(char **argv, uint64_t count, uint64_t width) {
  g_argv = argv, n = left = count, k = width;
  if (is("spawn")) run_body(spawn_in_turn);
  else if (is("gather")) run_body(fan_out);
  else if (is("switch")) run_body(arg("yield", 0) ? yield_twice : hand_over_twice);
  else if (is("sleepers")) sleepers();
  else if (is("echo")) echo_on_stacks();
  else if (is("offseq") || is("off256")) offload(argv, n, is("offseq") ? 1 : 256);
  else return 2;
  return 0;
}
