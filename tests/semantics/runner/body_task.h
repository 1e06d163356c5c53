/* Tasks that run a body: the code that both kinds of tasks share. */
#ifndef RUNNER_BODY_TASK_H
#define RUNNER_BODY_TASK_H

#include "frame.h"

/* The userdata of a task. */
struct body_task {
  struct env *env;
  struct body_task *next, **link; /* in env->tasks */
  struct frame *frame;            /* the innermost invocation; NULL once the body is over */
};

/* Makes a task of the frame, which it takes over whatever happens, and labels it with the frame's label.
 * group may be NULL. Returns a status. */
int body_task_spawn(struct frame *frame, task_group_t *group, future_t **ret_future);
/* Makes `callee` the innermost invocation; and the opposite, which frees it and hands out why it ended. */
void body_task_call(struct body_task *body, struct frame *callee);
struct signal body_task_leave(struct body_task *body);
/* Empties all that are left: whatever refers to them in a circle lets go. */
void body_tasks_release(struct env *env);

/* callback_task.c */
void callback_task_start(task_t *task, void *userdata);
/* coroutine_task.c */
int coroutine_task_main(void *userdata, value_t **ret_value);

#endif
