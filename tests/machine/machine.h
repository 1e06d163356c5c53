/* The random machine: calls every public function with random arguments, from everywhere a user may call it.
 *
 * A session has a few loops, and makes some thousand calls that depend on a seed. Objects are in pools; each slot of a pool
 * owns one reference. An object that a call returns is put into a slot, and the slot's former object is given up. A call is an operation
 * op_NAME; the table of all functions is made from the headers, and one without an operation fails the test.
 *
 * What is checked: (1) each status is one that the header lists (tests/documented); (2) a failing call writes no output
 * and runs the destroy of its triple; (3) each destroy runs once, and nothing is called after it; (4) after a session the
 * library's live objects and the open descriptors are those from before; (5) nothing crashes, leaks or hangs.
 *
 * Threads: the machine is thread-local, so that each thread of threads.c has one of its own. */
#ifndef BOUCLE_TESTS_MACHINE_H
#define BOUCLE_TESTS_MACHINE_H

#include <boucle/boucle.h>


enum kind {
  LOOP, OPTIONS, HANDLE, FUTURE, TASK, COROUTINE, VALUE, EXCEPTION, COMPLETION, TIMEOUT, GROUP, LOCK, EVENT, CONDITION,
  SEMAPHORE, BARRIER, QUEUE, VAR, CONTEXT, CONCURRENT, HOST, TASK_OPTIONS, KINDS
};
enum { SLOTS = 6, RING = 256, ARGUMENTS = 10, DEEPEST = 5, FDS = 6 };

/* Of a session. Pure: the virtual clock alone, which a seed repeats exactly. Polled: with descriptors and signals too.
 * Live: the real clock and worker threads. Threaded: other threads call while one loop runs. */
enum world { PURE, POLLED, LIVE, THREADED };

/* Where a call comes from. */
enum place { OUTSIDE, CALLBACK, STEP, BODY, DONE_CALLBACK, DESTROY, HANDLER, PREDICATE, COMPARE, PUMP, HOOK };

/* Where a run has to be stopped: it would wait for descriptors, or in real time. */
static inline int must_stop(enum world world) { return world == POLLED || world == LIVE; }

struct slot {
  void *object;
};

/* A callback's userdata: who destroys it, and how often. */
struct triple {
  struct triple *next;
  struct machine *owner;
  enum place place;
  int has_destroy, destroyed, calls;
  unsigned long number; /* of the call that made it */
  int function;
  uint64_t serial; /* of the task that it belongs to */
  loop_t *loop;    /* of a job, borrowed */
  int stops;       /* the job may stop it */
};

struct frame {
  struct frame *outer;
  enum place place;
  int depth;
  struct triple *triple;
  task_t *task;           /* the step's, lent */
  const report_t *report; /* the handler's, lent */
  int insists;            /* draw_task gives this task */
};

struct call {
  int function, depth, returned, status;
  int count;
  struct argument {
    char what;
    double number;
  } arguments[ARGUMENTS];
};

struct machine {
  uint64_t seed, state;
  enum world world;
  long budget;         /* calls that are left */
  int is_intruder;     /* another thread than the loop's */
  int in_compare, in_hook, in_run;
  struct slot slots[KINDS][SLOTS];
  struct triple *triples;
  struct frame *top;
  uint64_t serial;
  int fds[FDS];
  host_t *left; /* whose run was begun, and not ended: it would keep its loop */
  struct {
    host_t *host;
    int count, at;
  } batch;
  struct call ring[RING];
  unsigned long calls;
};
extern _Thread_local struct machine *m;

/* ---- ring.c: what was called last, and what to say of it ---- */
extern unsigned long called[DOCUMENTED_COUNT];
/* Reports a finding with the seed and the last calls, and ends the process. */
_Noreturn void finding(const char *format, ...) __attribute__((format(printf, 1, 2)));
void note_argument(char what, double number);
void watch_for_crashes(void);
/* A finding if a sanitizer knows of memory that nobody refers to. */
void look_for_leaks(const char *what);
void watch(struct machine *machine, unsigned seconds);

/* ---- random.c ---- */
uint64_t random_bits(void);
unsigned below(unsigned bound);
int chance(unsigned percent);
int number(int low, int high);
double seconds(void);
const char *text(void);
const char *exception_kind_text(void);

/* ---- pool.c ---- */
#define POISON ((void *)(uintptr_t)0x5a5a5a5a5a5a5a5aU)
#define OUT(type) type *made = POISON, **ret = chance(4) ? NULL : &made
#define NUMBER(type) \
  type made;         \
  type *ret = chance(4) ? NULL : &made; \
  poison(&made, sizeof made)
struct slot *draw_slot(enum kind kind);
void *draw(enum kind kind);
void put(enum kind kind, void *object);
void *add_reference(enum kind kind, void *object);
void drop(enum kind kind, void *object);
void drop_slot(enum kind kind, int index);
/* Checks the output of a call, and puts it into the pool. Returns the status. */
int keep(enum kind kind, int status, const void *ret, const void *made);
void poison(void *made, size_t size);
int check_number(int status, const void *made, size_t size);

#define DRAW(type, name, KIND) \
  static inline type *draw_##name(void) { return draw(KIND); }
DRAW(loop_t, loop, LOOP)
DRAW(loop_options_t, options, OPTIONS)
DRAW(handle_t, handle, HANDLE)
DRAW(future_t, future, FUTURE)
DRAW(value_t, value, VALUE)
DRAW(exception_t, exception, EXCEPTION)
DRAW(completion_t, completion, COMPLETION)
DRAW(timeout_t, timeout, TIMEOUT)
DRAW(task_group_t, group, GROUP)
DRAW(lock_t, lock, LOCK)
DRAW(event_t, event, EVENT)
DRAW(condition_t, condition, CONDITION)
DRAW(semaphore_t, semaphore, SEMAPHORE)
DRAW(barrier_t, barrier, BARRIER)
DRAW(queue_t, queue, QUEUE)
DRAW(context_var_t, var, VAR)
DRAW(context_t, context, CONTEXT)
DRAW(concurrent_t, concurrent, CONCURRENT)
DRAW(host_t, host, HOST)
DRAW(task_options_t, task_options, TASK_OPTIONS)
/* The task of the step, or of the pool. */
task_t *draw_task(void);
const report_t *draw_report(void);
/* What the present task may await. */

/* ---- triple.c ---- */
struct triple *new_triple(enum place place);
destroy_fn draw_destroy(struct triple *triple);
/* A failing call has run the destroy. Returns the status. */
int settle(struct triple *triple, int status);
void check_triples(void);
/* Those of another machine are checked with this one's. */
void take_triples(struct machine *from);
void on_callback(loop_t *loop, void *triple);
void on_step(task_t *task, void *triple);
int on_body(void *triple, value_t **ret_value);
void on_done(future_t *future, void *triple);
void on_exception(loop_t *loop, const report_t *report, void *triple);
int on_predicate(void *triple);
int on_compare(const value_t *left, const value_t *right, void *triple);
void on_wait(loop_t *loop, int begins, void *triple);
int on_job(void *triple, value_t **ret_value);

/* ---- act.c ---- */
#define OP(name)        \
  void op_##name(void); \
  void op_##name(void)
int enter(struct frame *frame, enum place place, struct triple *triple);
void leave(struct frame *frame);
void act(void);
void perform(unsigned most);
void act_one_of(const enum documented *functions, unsigned count);
void wait_in_body(struct frame **ret_me);
void wake_in_body(struct frame *me);
int missing_operations(void);

/* ---- ops_host.c ---- */
void end_hosts(void);

/* ---- session.c ---- */
loop_t *new_random_loop(void);
/* Returns how many calls it made. `steps` of them come from outside of the loop. */
long session(uint64_t seed, enum world world, long steps);
extern const char *skipped_steps;

/* ---- threads.c ---- */
long run_with_intruders(long steps);

#endif
