/* The last calls of a machine, and what it prints when something is wrong. */
#include "machine.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Thread_local struct machine *m;
unsigned long called[DOCUMENTED_COUNT];
static struct machine *volatile watched;
static volatile sig_atomic_t told;

/* The names of KINDS, and of other arguments by their letters. */
static const char *const kind_names[KINDS] = {
    "loop",       "options", "handle", "future", "task",      "coroutine", "value",   "exception", "completion", "timeout", "group",
    "lock",       "event",   "condition", "semaphore", "barrier", "queue", "var",    "context",   "concurrent", "host", "task_options"};

void note_argument(char what, double drawn) {
  struct call *call = &m->ring[m->calls % RING];
  if (call->count < ARGUMENTS) call->arguments[call->count++] = (struct argument){what, drawn};
}

static void print_call(FILE *out, const struct call *call) {
  fprintf(out, "%*s%s(", 2 * call->depth, "", documented_name((enum documented)call->function));
  for (int i = 0; i < call->count; i++) {
    const struct argument *a = &call->arguments[i];
    const char *name = a->what < KINDS ? kind_names[(int)a->what] : NULL;
    if (name && a->number < 0)
      fprintf(out, "%s%s NULL", i ? ", " : "", name);
    else if (name)
      fprintf(out, "%s%s %d", i ? ", " : "", name, (int)a->number);
    else
      fprintf(out, "%s%c %g", i ? ", " : "", a->what, a->number);
  }
  fprintf(out, call->returned ? ")\n" : ") has not returned\n");
}

static void print_machine(const struct machine *machine) {
  char line[512];
  FILE *out = fmemopen(line, sizeof line, "w");
  unsigned long first = machine->calls >= RING ? machine->calls - RING + 1 : 1;
  dprintf(2, "machine: repeat with: machine %s 0x%llx\n",
          (const char *[]){"pure", "polled", "live", "threads"}[machine->world], (unsigned long long)machine->seed);
  dprintf(2, "machine: call %lu; the last ones, newest last:\n", machine->calls);
  for (unsigned long i = first; out && i <= machine->calls; i++) {
    rewind(out);
    print_call(out, &machine->ring[i % RING]);
    fflush(out);
    dprintf(2, "  %.*s", (int)ftell(out), line);
  }
}

/* Once, whatever else goes wrong. */
static void tell(const char *what) {
  const struct machine *machine = m ? m : watched;
  if (told++) return;
  dprintf(2, "machine: %s\n", what);
  if (machine) print_machine(machine);
}

void finding(const char *format, ...) {
  char what[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  tell(what);
  signal(SIGABRT, SIG_DFL);
  abort();
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

void look_for_leaks(const char *what) {
  if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check()) finding("%s: memory leaks", what);
}

static void on_death(void) { tell("a sanitizer ended it"); }

static void on_signal(int number) {
  tell(number == SIGALRM ? "it hangs" : "it crashed");
  signal(number, SIG_DFL);
  if (number == SIGALRM) signal(number = SIGABRT, SIG_DFL);
  raise(number);
}


void watch_for_crashes(void) {
  static char stack[64 * 1024];
  const int crashes[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
  const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_flags = SA_ONSTACK | SA_NODEFER};
  action.sa_handler = on_signal;
  sigaltstack(&own, NULL);
  /* A sanitizer has handlers of its own, which say more. */
  size_t count = __sanitizer_set_death_callback ? 2 : sizeof crashes / sizeof *crashes;
  for (size_t i = 0; i < count; i++) sigaction(crashes[i], &action, NULL);
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(on_death);
}

void watch(struct machine *machine, unsigned limit) {
  watched = machine;
  alarm(limit);
}
