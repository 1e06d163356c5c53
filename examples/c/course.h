/* The helpers of the course: a timer that prints elapsed time, sequence(), and CHECK. */
#ifndef COURSE_H
#define COURSE_H

#include <boucle/boucle.h>

/* Ends the program, and says why, if a call of Boucle failed. */
#define CHECK(call) check((call), #call)
void check(int status, const char *call);

/* Makes the present moment the timer's zero. */
void start_timer(void);
/* Prints the seconds since then, and the message. */
void show_timer(const char *message);

/* A new task that prints `NAME before`, sleeps for `delay` seconds, prints `NAME after` and returns 10 * delay.
 * The name must outlive the task; the caller owes task_unref. */
task_t *sequence(loop_t *loop, const char *name, double delay);
/* Inside a step: makes a sequence, and awaits it. */
void await_sequence(task_t *task, const char *name, double delay, task_step_fn next);

/* The number in a value; unrefs the value. */
double take_double(value_t *value);

#endif
