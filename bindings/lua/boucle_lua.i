/* Lua: classes whose methods are the C functions noun_verb, and a few constructors. Functions that wait, call back, or
 * take any number of arguments are written in C, in the other files of this folder: a wrapper of SWIG cannot yield. The
 * files in idiom/ make one module of both. */

%{
#include <boucle/prefixed.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "interpreter.h"
#include "values.h"
#include "watchers.h"

/* The typemaps check each argument, with Lua's messages. */
#undef SWIG_check_num_args
#define SWIG_check_num_args(function, least, most)

/* An int that a C function returns is one of these two. */
typedef int status;
typedef int boolean;
%}

/* ---- typemaps ---- */

/* A class of handles: as an argument, as an optional argument, and as an out-parameter. */
%define %handle(type, KIND)
%typemap(in) type##_t *, struct boucle_##type *self %{ $1 = ($1_ltype)handle_check(L, $input, KIND, "$symname"); %}
%typemap(in) type##_t *OPTIONAL %{ $1 = ($1_ltype)handle_optional(L, $input, KIND, "$symname"); %}
%typemap(in, numinputs = 0) type##_t ** (type##_t *made = NULL) %{ $1 = &made; %}
%typemap(argout) type##_t ** %{ handle_push_owned(L, KIND, *$1); SWIG_arg++; %}
%enddef

%handle(loop, HANDLE_LOOP)
%handle(loop_options, HANDLE_OPTIONS)
%handle(handle, HANDLE_CALL)
%handle(future, HANDLE_FUTURE)
%handle(timeout, HANDLE_TIMEOUT)
%handle(task_group, HANDLE_GROUP)
%handle(lock, HANDLE_LOCK)
%handle(event, HANDLE_EVENT)
%handle(condition, HANDLE_CONDITION)
%handle(semaphore, HANDLE_SEMAPHORE)
%handle(barrier, HANDLE_BARRIER)
%handle(queue, HANDLE_QUEUE)
%handle(context_var, HANDLE_VAR)

/* The userdata of a task has it as a future_t. */
%typemap(in) struct boucle_task *self %{ $1 = future_as_task(handle_check(L, $input, HANDLE_TASK, "$symname")); %}

%typemap(in) value_t * %{ $1 = value_from_lua(L, $input); %}
%typemap(freearg) value_t * %{ value_unref($1); %}
%typemap(in, numinputs = 0) value_t **ret_value (value_t *value = NULL) %{ $1 = &value; %}
%typemap(argout) value_t **ret_value %{ value_push_owned(L, *$1); SWIG_arg++; %}

%typemap(in) double, double seconds %{ $1 = check_number(L, $input, "$symname"); %}
%typemap(out) lock_t * %{ handle_push(L, HANDLE_LOCK, $1); SWIG_arg++; %}
%typemap(out) double %{ lua_pushnumber(L, $1); SWIG_arg++; %}
%typemap(in) int signal %{ $1 = check_signal(L, $input, "$symname"); %}
%typemap(in) int, loop_clock_t, loop_poller_t %{ $1 = ($1_ltype)check_int(L, $input, "$symname"); %}
%typemap(in) int64_t %{ $1 = check_integer(L, $input, "$symname"); %}
%typemap(in) size_t %{ $1 = check_size(L, $input, "$symname"); %}
%typemap(in) size_t count %{ $1 = optional_size(L, $input, 1, "$symname"); %}
%typemap(in) size_t maxsize %{ $1 = optional_size(L, $input, 0, "$symname"); %}
%typemap(in) int64_t value %{ $1 = lua_isnoneornil(L, $input) ? 1 : check_integer(L, $input, "$symname"); %}
%typemap(out) int, unsigned, size_t %{ lua_pushinteger(L, (lua_Integer)$1); SWIG_arg++; %}
%typemap(in) const char * %{ $1 = ($1_ltype)check_text(L, $input, "$symname"); %}
%typemap(out) const char * %{ lua_pushstring(L, $1); SWIG_arg++; %}
%typemap(in) int debug, int log, int immediate %{ $1 = lua_toboolean(L, $input); %}
%typemap(out) boolean %{ lua_pushboolean(L, $1); SWIG_arg++; %}
%typemap(in, numinputs = 0) int *ret_removed (int removed = 0) %{ $1 = &removed; %}
%typemap(argout) int *ret_removed %{ lua_pushboolean(L, *$1); SWIG_arg++; %}
%typemap(in, numinputs = 0) unsigned *ret_cancelling (unsigned left = 0) %{ $1 = &left; %}
%typemap(argout) unsigned *ret_cancelling %{ lua_pushinteger(L, (lua_Integer)*$1); SWIG_arg++; %}

/* If a function fails, its exception is raised after the arguments are freed. */
%typemap(out) status
%{ if ($1 != 0) {
    status_push(L, $1, "$symname");
    SWIG_fail;
  } %}

/* ---- constructors ---- */

status loop_new(loop_options_t *OPTIONAL, loop_t **ret_loop);
status loop_options_new(loop_options_t **ret_options);
status timeout_new(loop_t *loop, double when, timeout_t **ret_timeout);
status task_group_new(loop_t *loop, task_group_t **ret_group);
status lock_new(loop_t *loop, lock_t **ret_lock);
status event_new(loop_t *loop, event_t **ret_event);
status condition_new(loop_t *loop, lock_t *OPTIONAL, condition_t **ret_condition);
status semaphore_new(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);
status semaphore_new_bounded(loop_t *loop, int64_t value, semaphore_t **ret_semaphore);
status barrier_new(loop_t *loop, size_t parties, barrier_t **ret_barrier);
status queue_new(loop_t *loop, size_t maxsize, queue_t **ret_queue);
status queue_new_lifo(loop_t *loop, size_t maxsize, queue_t **ret_queue);
status context_var_new(const char *name, value_t *default_value, context_var_t **ret_var);
const char *loop_version(void);

%constant int LOOP_CLOCK_MONOTONIC = LOOP_CLOCK_MONOTONIC;
%constant int LOOP_CLOCK_VIRTUAL = LOOP_CLOCK_VIRTUAL;
%constant int LOOP_POLLER_AUTO = LOOP_POLLER_AUTO;
%constant int LOOP_POLLER_EPOLL = LOOP_POLLER_EPOLL;
%constant int LOOP_POLLER_POLL = LOOP_POLLER_POLL;

/* ---- classes ----
 *
 * A method without a body is the C function TAG_METHOD, of boucle/prefixed.h. SWIG finds classes by name, those of all
 * modules of a Lua state, so the names of these have a prefix. */

%nodefaultctor;
%nodefaultdtor;
%rename(BoucleLoop) boucle_loop;
%rename(BoucleLoopOptions) boucle_loop_options;
%rename(BoucleHandle) boucle_handle;
%rename(BoucleFuture) boucle_future;
%rename(BoucleTask) boucle_task;
%rename(BoucleTimeout) boucle_timeout;
%rename(BoucleTaskGroup) boucle_task_group;
%rename(BoucleLock) boucle_lock;
%rename(BoucleEvent) boucle_event;
%rename(BoucleCondition) boucle_condition;
%rename(BoucleSemaphore) boucle_semaphore;
%rename(BoucleBarrier) boucle_barrier;
%rename(BoucleQueue) boucle_queue;
%rename(BoucleContextVar) boucle_context_var;

struct boucle_loop {};
struct boucle_loop_options {};
struct boucle_handle {};
struct boucle_future {};
struct boucle_task {};
struct boucle_timeout {};
struct boucle_task_group {};
struct boucle_lock {};
struct boucle_event {};
struct boucle_condition {};
struct boucle_semaphore {};
struct boucle_barrier {};
struct boucle_queue {};
struct boucle_context_var {};

%extend boucle_loop_options {
  status set_clock(loop_clock_t clock);
  status set_poller(loop_poller_t poller);
  status set_debug(int debug);
  status set_stack_size(size_t size);
  status set_spin(double seconds);
  status set_timer_slack(double seconds);
  status set_post_limit(size_t size);
}
%rename(timeout) boucle_loop::timeout;
%extend boucle_loop {
  boolean is_closed();
  boolean is_running();
  status stop();
  double time();
  int fd();
  double timeout();
  status set_debug(int debug);
  boolean get_debug();
  status set_slow_callback_duration(double seconds);
  status remove_reader(int fd, int *ret_removed);
  status remove_writer(int fd, int *ret_removed);
  status remove_signal_handler(int signal, int *ret_removed);
}
%extend boucle_handle {
  status cancel();
  status again(double seconds);
  boolean cancelled();
  double when();
}
%extend boucle_future {
  boolean done();
  boolean cancelled();
}
%extend boucle_task {
  unsigned cancelling();
  status uncancel(unsigned *ret_cancelling);
  status set_log_destroy_pending(int log);
  status set_name(const char *name);
  const char *get_name();
}
%extend boucle_timeout {
  status enter();
  double when();
  boolean expired();
  const char *state();
}
%extend boucle_task_group {
  status enter();
  const char *state();
}
%extend boucle_lock {
  boolean locked();
  status release();
}
%extend boucle_event {
  boolean is_set();
  status set();
  status clear();
}
%extend boucle_condition {
  %rename(get_lock) lock;
  lock_t *lock();
  status notify(size_t count);
  status notify_all();
}
%extend boucle_semaphore {
  boolean locked();
  status release();
}
%extend boucle_barrier {
  size_t parties();
  size_t n_waiting();
  boolean broken();
}
/* A priority queue may call a Lua function for the order. It runs on the calling thread. */
%define %calls_back(function)
%exception function %{
  {
    lua_State *before = interpreter_enter(interpreter_of(L), L);
    $action
    interpreter_leave(interpreter_of(L), before);
  }
%}
%enddef
%calls_back(boucle_queue::put_nowait)
%calls_back(boucle_queue::get_nowait)
%extend boucle_queue {
  size_t maxsize();
  %rename(qsize) size;
  size_t size();
  boolean empty();
  boolean full();
  status put_nowait(value_t *value);
  status get_nowait(value_t **ret_value);
  status task_done();
  status shutdown(int immediate);
}
%extend boucle_context_var {
  const char *name();
  status get(loop_t *loop, value_t **ret_value);
  status set(loop_t *loop, value_t *value);
}
