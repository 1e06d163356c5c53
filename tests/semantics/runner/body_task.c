#include "body_task.h"

#include <stdlib.h>

static void unlink_task(struct body_task *body) {
  if (body->link == NULL) return;
  *body->link = body->next;
  if (body->next != NULL) body->next->link = body->link;
  body->link = NULL;
}

/* Letting go of what a frame holds (a timeout holds its task) may destroy the body itself: it is not looked at again. */
static void free_frames(struct body_task *body) {
  struct frame *frame = body->frame;
  body->frame = NULL;
  while (frame != NULL) {
    struct frame *caller = frame->caller;
    frame_free(frame);
    frame = caller;
  }
}

static void body_task_destroy(void *userdata) {
  struct body_task *body = userdata;
  unlink_task(body);
  free_frames(body);
  free(body);
}

static struct body_task *body_task_new(struct frame *frame) {
  struct body_task *body = xcalloc(1, sizeof *body);
  struct env *env = frame->env;
  body->env = env;
  body->frame = frame;
  frame->task = body;
  body->next = env->tasks;
  body->link = &env->tasks;
  if (body->next != NULL) body->next->link = &body->next;
  env->tasks = body;
  return body;
}

static int spawn_coroutine(struct body_task *body, task_group_t *group, task_t **ret_task) {
  task_t *task = NULL;
  int status = group != NULL ? task_group_check(group) : 0;
  if (status != 0) {
    body_task_destroy(body);
    return status;
  }
  status = loop_create_task(body->env->loop, coroutine_task_main, body, body_task_destroy, &task);
  if (status == 0 && group != NULL && (status = task_group_add(group, task)) != 0) {
    task_cancel(task, NULL, NULL);
    task_unref(task);
  }
  if (status == 0) *ret_task = task;
  return status;
}

static int spawn_callbacks(struct body_task *body, task_group_t *group, task_t **ret_task) {
  if (group != NULL) return task_group_ensure_future(group, callback_task_start, body, body_task_destroy, ret_task);
  return loop_ensure_future(body->env->loop, callback_task_start, body, body_task_destroy, ret_task);
}

int body_task_spawn(struct frame *frame, task_group_t *group, future_t **ret_future) {
  struct env *env = frame->env;
  const char *label = frame->label;
  struct body_task *body = body_task_new(frame);
  task_t *task = NULL;
  int status = env->mode == MODE_COROUTINES ? spawn_coroutine(body, group, &task) : spawn_callbacks(body, group, &task);
  if (status != 0) return status;
  *ret_future = task_as_future(task);
  env_set_label(env, *ret_future, label);
  return 0;
}

void body_task_call(struct body_task *body, struct frame *callee) {
  callee->task = body;
  callee->caller = body->frame;
  body->frame = callee;
}

struct signal body_task_leave(struct body_task *body) {
  struct frame *frame = body->frame;
  struct signal signal = frame_take_signal(frame);
  body->frame = frame->caller;
  frame_free(frame);
  return signal;
}

void body_tasks_release(struct env *env) {
  while (env->tasks != NULL) {
    struct body_task *body = env->tasks;
    unlink_task(body);
    free_frames(body);
  }
}
