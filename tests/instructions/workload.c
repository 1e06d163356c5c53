/* n operations of one kind, in steady state, for tests that count what they cost: `workload KIND N [allocations]`.
 * With `allocations`, it fails if the second half calls malloc or a similar function. */
#include <boucle/boucle.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- malloc, counted ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t allocations;

void *malloc(size_t size) { return allocations++, __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return allocations++, __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { return allocations++, __libc_realloc(memory, size); }
void *aligned_alloc(size_t alignment, size_t size) { return allocations++, __libc_memalign(alignment, size); }

/* ---- the operations ---- */

static loop_t *loop;
static uint64_t left, half, allocations_at_half;

static void must(int status) {
  if (status == 0) return;
  fprintf(stderr, "%s\n", loop_status_message(status));
  abort();
}

/* True until n operations are done. */
static bool one_more(void) {
  if (left == half) allocations_at_half = allocations;
  return left > 0 && left-- > 0;
}

static void repost(loop_t *l, void *userdata) {
  if (!one_more()) {
    must(loop_stop(l));
    return;
  }
  must(loop_call_soon(l, repost, userdata, NULL, NULL));
}

static void run_post(void) {
  must(loop_call_soon(loop, repost, NULL, NULL, NULL));
  must(loop_run_forever(loop));
}

/* A hundred live ones, as in a busy loop. */
static void run_posts(void) {
  for (int i = 0; i < 100; i++) must(loop_call_soon(loop, repost, NULL, NULL, NULL));
  must(loop_run_forever(loop));
}

static void run_task(task_step_fn step) {
  task_t *task;
  must(loop_ensure_future(loop, step, NULL, NULL, &task));
  must(loop_run_until_complete(loop, task_as_future(task), NULL));
  task_unref(task);
}

static void trivial(task_t *task, void *userdata) {
  value_t *value;
  (void)userdata;
  must(value_new_int(7, &value));
  must(task_return(task, value));
  value_unref(value);
}

static void spawn_next(task_t *task, void *userdata) {
  task_t *child;
  (void)userdata;
  if (!one_more()) return;
  must(loop_ensure_future(loop, trivial, NULL, NULL, &child));
  must(task_await(task, task_as_future(child), spawn_next));
  task_unref(child);
}
static void run_spawn(void) { run_task(spawn_next); }

static future_t *turn_of[2];

static void hand_over(task_t *task, void *userdata) {
  uintptr_t me = (uintptr_t)userdata, other = 1 - me;
  bool more = one_more();
  future_unref(turn_of[me]);
  turn_of[me] = NULL;
  if (more) must(loop_create_future(loop, &turn_of[me]));
  if (turn_of[other]) must(future_set_result(turn_of[other], NULL));
  if (more) must(task_await(task, turn_of[me], hand_over));
}

static void run_switch(void) {
  task_t *tasks[2];
  for (uintptr_t i = 0; i < 2; i++) must(loop_ensure_future(loop, hand_over, (void *)i, NULL, &tasks[i]));
  for (int i = 0; i < 2; i++) {
    must(loop_run_until_complete(loop, task_as_future(tasks[i]), NULL));
    task_unref(tasks[i]);
  }
}

static void yield_over(task_t *task, void *userdata) {
  (void)userdata;
  if (one_more()) must(task_sleep(task, 0, yield_over));
}
static void run_yield(void) { run_task(yield_over); }

static void never(loop_t *l, void *userdata) { (void)l, (void)userdata; }

static void run_rearm(void) {
  enum { kTimers = 64 };
  handle_t *handles[kTimers];
  for (int i = 0; i < kTimers; i++) must(loop_call_later(loop, 30 + i, never, NULL, NULL, &handles[i]));
  for (uint64_t i = 0; one_more(); i = (i + 7) % kTimers) {
    must(handle_cancel(handles[i]));
    handle_unref(handles[i]);
    must(loop_call_later(loop, 30, never, NULL, NULL, &handles[i]));
  }
  for (int i = 0; i < kTimers; i++) handle_unref(handles[i]);
}

static void run_again(void) {
  enum { kTimers = 64 };
  handle_t *handles[kTimers];
  for (int i = 0; i < kTimers; i++) must(loop_call_later(loop, 30 + i, never, NULL, NULL, &handles[i]));
  for (uint64_t i = 0; one_more(); i = (i + 7) % kTimers) must(handle_again(handles[i], 30));
  for (int i = 0; i < kTimers; i++) handle_unref(handles[i]);
}

static const struct {
  const char *name;
  void (*run)(void);
} kinds[] = {
    {"post", run_post},   {"posts", run_posts}, {"spawn", run_spawn}, {"switch", run_switch},
    {"yield", run_yield}, {"rearm", run_rearm}, {"again", run_again},
};

int main(int argc, char **argv) {
  loop_options_t *options;
  if (argc < 3) return 2;
  /* The virtual clock: how many instructions a real one takes is the machine's affair. */
  must(loop_options_new(&options));
  must(loop_options_set_clock(options, LOOP_CLOCK_VIRTUAL));
  must(loop_new(options, &loop));
  loop_options_unref(options);
  left = strtoull(argv[2], NULL, 10);
  half = left / 2;
  bool known = false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(argv[1], kinds[i].name) != 0) continue;
    known = true;
    kinds[i].run();
  }
  uint64_t made = allocations - allocations_at_half;
  loop_unref(loop);
  if (!known) return 2;
  if (argc < 4) return 0;
  printf("%s: %llu allocations in the last %llu operations\n", argv[1], (unsigned long long)made,
         (unsigned long long)half);
  return made == 0 ? 0 : 1;
}
