/* Boucle's competitor, where descriptors and other threads come in. */
#include "boucle_bench.h"

#include <pthread.h>

/* ---- echo: raw descriptors and watchers ---- */

typedef struct connection {
  int fd;
  size_t size, sent; /* of what could not be sent at once */
  char *unsent;
} connection_t;

static char buffer[65536];

static void on_readable(loop_t *loop, void *userdata);

static void hang_up(loop_t *loop, connection_t *c) {
  must(loop_remove_reader(loop, c->fd, NULL));
  must(loop_remove_writer(loop, c->fd, NULL));
  close(c->fd);
  free(c->unsent);
  free(c);
}

static void on_writable(loop_t *loop, void *userdata) {
  connection_t *c = userdata;
  ssize_t sent = send(c->fd, c->unsent + c->sent, c->size - c->sent, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN) hang_up(loop, c);
    return;
  }
  c->sent += (size_t)sent;
  if (c->sent < c->size) return;
  free(c->unsent);
  c->unsent = NULL;
  must(loop_remove_writer(loop, c->fd, NULL));
  must(loop_add_reader(loop, c->fd, on_readable, c, NULL));
}

/* Reads no more until the rest is sent. */
static void send_later(loop_t *loop, connection_t *c, const char *data, size_t size) {
  c->unsent = malloc(size);
  memcpy(c->unsent, data, size);
  c->size = size;
  c->sent = 0;
  must(loop_remove_reader(loop, c->fd, NULL));
  must(loop_add_writer(loop, c->fd, on_writable, c, NULL));
}

static void on_readable(loop_t *loop, void *userdata) {
  connection_t *c = userdata;
  ssize_t received = recv(c->fd, buffer, sizeof buffer, 0);
  if (received <= 0) {
    if (received == 0 || errno != EAGAIN) hang_up(loop, c);
    return;
  }
  ssize_t sent = send(c->fd, buffer, (size_t)received, MSG_NOSIGNAL);
  if (sent < 0) sent = 0;
  if (sent < received) send_later(loop, c, buffer + sent, (size_t)(received - sent));
}

static void on_connection(loop_t *loop, void *userdata) {
  int fd = accept4((int)(intptr_t)userdata, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  set_nodelay(fd);
  connection_t *c = calloc(1, sizeof *c);
  c->fd = fd;
  must(loop_add_reader(loop, fd, on_readable, c, NULL));
}

void echo(char **argv) {
  g_argv = argv;
  int fd = listen_fd((int)arg("port", 0));
  must(loop_add_reader(the_loop, fd, on_connection, (void *)(intptr_t)fd, NULL));
  ready();
  must(loop_run_forever(the_loop));
}

/* ---- xpost, xping ---- */

static uint64_t executed, wanted;
static sem_t answered;
static uint64_t spin;

static void on_posted(loop_t *loop, void *userdata) {
  if (userdata) sem_post(userdata);
  if (++executed == wanted) loop_stop(loop);
}

/* With spin=NANOSECONDS, as long as that without sleeping. */
static void wait_answer(sem_t *answer) {
  if (spin) {
    for (uint64_t end = now_ns() + spin; now_ns() < end;) {
      if (sem_trywait(answer) == 0) return;
    }
  }
  sem_wait(answer);
}

static void *producer(void *ping) {
  pin(1);
  for (uint64_t i = 0; i < wanted; i++) {
    must(loop_call_soon_threadsafe(the_loop, on_posted, ping, NULL, NULL));
    if (ping) wait_answer(ping);
  }
  return NULL;
}

void cross(char **argv, uint64_t count, bool ping) {
  g_argv = argv;
  pthread_t thread;
  wanted = count;
  spin = arg("spin", 0);
  sem_init(&answered, 0, 0);
  uint64_t t0 = now_ns();
  pthread_create(&thread, NULL, producer, ping ? &answered : NULL);
  pin(0);
  must(loop_run_forever(the_loop));
  report_ns(t0, count);
  pthread_join(thread, NULL);
}

/* ---- offseq, off256 ---- */

static uint64_t handed_over;

static int add_one(void *userdata, value_t **ret_value) {
  return value_new_int((int64_t)(intptr_t)userdata + 1, ret_value);
}

/* Starts all threads, on the CPU of the workers. */
static int meet(void *barrier, value_t **ret_value) {
  (void)ret_value;
  pin(1);
  pthread_barrier_wait(barrier);
  return 0;
}

static void hand_over(int64_t integer);

static void on_result(future_t *future, void *userdata) {
  value_t *value;
  int64_t integer;
  (void)userdata;
  must(future_result(future, &value));
  must(value_get_int(value, &integer));
  value_unref(value);
  if (++executed == wanted) loop_stop(the_loop);
  else if (handed_over < wanted) hand_over(integer);
}

static void hand_over(int64_t integer) {
  future_t *future;
  handed_over++;
  must(loop_run_in_executor(the_loop, add_one, (void *)(intptr_t)integer, NULL, &future));
  must(future_add_done_callback(future, on_result, NULL, NULL));
  future_unref(future);
}

/* The same as straight-line code, in a task of its own. */
static int jobs_in_turn(void *userdata, value_t **ret_value) {
  int64_t integer = (intptr_t)userdata;
  (void)ret_value;
  while (handed_over < wanted) {
    future_t *future;
    value_t *value;
    handed_over++;
    must(loop_run_in_executor(the_loop, add_one, (void *)(intptr_t)integer, NULL, &future));
    must(await_future(future, &value));
    must(value_get_int(value, &integer));
    value_unref(value);
    future_unref(future);
    if (++executed == wanted) loop_stop(the_loop);
  }
  return 0;
}

static void start_jobs(uint64_t i) {
  if (!arg("stack", 0)) hand_over((int64_t)i);
  else must(loop_create_task(the_loop, jobs_in_turn, (void *)(uintptr_t)i, NULL, NULL));
}

void offload(char **argv, uint64_t count, uint64_t window) {
  enum { kThreads = 4 };
  g_argv = argv;
  pthread_barrier_t barrier;
  wanted = count;
  pthread_barrier_init(&barrier, NULL, kThreads + 1);
  for (int i = 0; i < kThreads; i++) must(loop_run_in_executor(the_loop, meet, &barrier, NULL, NULL));
  pthread_barrier_wait(&barrier);
  pin(0);
  uint64_t t0 = now_ns();
  for (uint64_t i = 0; i < window; i++) start_jobs(i);
  must(loop_run_forever(the_loop));
  report_ns(t0, count);
}
