#include "errors.h"

#include <errno.h>
#include <string.h>

#include "env.h"

/* As reference.py does: cuts " <...>", the repr of an object, and a colon that is left over at the end. */
static void print_without_reprs(struct buffer *buffer, const char *text) {
  const char *last = strrchr(text, '>'), *first = strchr(text, '<');
  size_t before = buffer->size;
  if (first == NULL || last == NULL || last < first) {
    buffer_add(buffer, text);
  } else {
    while (first > text && first[-1] == ' ') first--;
    buffer_add_sized(buffer, text, (size_t)(first - text));
    buffer_add(buffer, last + 1);
  }
  while (buffer->size > before && buffer->text[buffer->size - 1] == ':') buffer->text[--buffer->size] = '\0';
}

void exception_print(struct buffer *buffer, const exception_t *exception) {
  size_t members = exception_member_count(exception);
  const char *message = exception_message(exception);
  buffer_add(buffer, exception_kind(exception));
  if (members == 0) {
    buffer_add(buffer, "(");
    print_without_reprs(buffer, message ? message : "");
    buffer_add(buffer, ")");
    return;
  }
  for (size_t i = 0; i < members; i++) {
    buffer_add(buffer, i == 0 ? "[" : ",");
    exception_print(buffer, exception_member(exception, i));
  }
  buffer_add(buffer, "]");
}

struct val exception_text(const exception_t *exception) {
  struct buffer buffer = {0};
  exception_print(&buffer, exception);
  struct val text = val_text(buffer.text);
  buffer_free(&buffer);
  return text;
}

bool exception_is_caught(const exception_t *exception, const char *kind) {
  if (strcmp(kind, "BaseException") == 0) return true;
  if (strcmp(kind, "Exception") == 0) return exception_matches(exception, kind) != 0;
  return strcmp(exception_kind(exception), kind) == 0;
}

exception_t *error_new(struct env *env, const char *kind, const char *message) {
  exception_t *exception = NULL;
  if (exception_new(kind, message, &exception) != 0) exception = exception_ref(env->memory_error);
  return exception;
}

exception_t *error_from_status(struct env *env, int status) {
  exception_t *exception = NULL;
  if (status == -ENOMEM || exception_new_from_status(status, &exception) != 0)
    exception = exception_ref(env->memory_error);
  return exception;
}

exception_t *error_of_future(struct env *env, future_t *future) {
  exception_t *exception = NULL;
  int status = future_exception(future, &exception);
  if (status == LOOP_ECANCELLED) status = future_cancelled_error(future, &exception);
  if (exception == NULL) exception = error_from_status(env, status);
  return exception;
}

static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* "_GatheringFuture exception was never retrieved" is a Future's; "Exception in callback ..." ends there. */
static void print_report_message(struct buffer *buffer, const char *message) {
  static const char never[] = "Future exception was never retrieved", callback[] = "Exception in callback";
  if (ends_with(message, never))
    buffer_add(buffer, never);
  else if (strncmp(message, callback, sizeof callback - 1) == 0)
    buffer_add(buffer, callback);
  else
    print_without_reprs(buffer, message);
}

void error_reported(loop_t *loop, const report_t *report, void *userdata) {
  struct env *env = userdata;
  struct buffer text = {0};
  const struct call *call = report_userdata(report);
  (void)loop;
  buffer_add(&text, "handler ");
  print_report_message(&text, report_message(report));
  buffer_add(&text, " | ");
  if (report_future(report) != NULL)
    buffer_add(&text, env_label(env, report_future(report)));
  else
    buffer_add(&text, call != NULL ? call->definition->label : "None");
  if (report_exception(report) != NULL) {
    buffer_add(&text, " | ");
    exception_print(&text, report_exception(report));
  }
  env_log(env, "loop", text.text);
  buffer_free(&text);
}
