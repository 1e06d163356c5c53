#include "waits.h"

#include <math.h>
#include <string.h>

#include "arguments.h"
#include "await.h"
#include "errors.h"
#include "futures.h"
#include "handles.h"
#include "values.h"

static int wait_for_created(lua_State *L, int status, coroutine_t *coroutine, const char *name) {
  return status != 0 ? raise_status(L, status, name) : wait_for_coroutine(L, coroutine);
}

static int await_in_task(lua_State *L) {
  check_can_wait(L, "await");
  future_t *future = handle_test(L, 1, HANDLE_FUTURE);
  if (future != NULL) return wait_for_future(L, future);
  coroutine_t *coroutine = handle_test(L, 1, HANDLE_COROUTINE);
  if (coroutine == NULL) return bad_type(L, 1, "await", "future or coroutine");
  check_can_suspend(L, "await");
  return wait_for_coroutine(L, coroutine_ref(coroutine));
}

static int sleep_in_task(lua_State *L) {
  double seconds = check_number(L, 1, "sleep");
  check_can_suspend(L, "sleep");
  return wait_for_time(L, seconds);
}

/* ---- methods without arguments ---- */

#define WAITS(type, KIND, method, function)                 \
  static int type##_##method##_in_task(lua_State *L) {      \
    type##_t *object = handle_check(L, 1, KIND, #method);   \
    coroutine_t *coroutine = NULL;                          \
    check_can_suspend(L, #method);                          \
    int status = function(object, &coroutine);              \
    return wait_for_created(L, status, coroutine, #method); \
  }
WAITS(lock, HANDLE_LOCK, acquire, lock_acquire)
WAITS(event, HANDLE_EVENT, wait, event_wait)
WAITS(condition, HANDLE_CONDITION, wait, condition_wait)
WAITS(semaphore, HANDLE_SEMAPHORE, acquire, semaphore_acquire)
WAITS(barrier, HANDLE_BARRIER, wait, barrier_wait)
WAITS(barrier, HANDLE_BARRIER, reset, barrier_reset)
WAITS(barrier, HANDLE_BARRIER, abort, barrier_abort)
WAITS(queue, HANDLE_QUEUE, get, queue_get)
WAITS(queue, HANDLE_QUEUE, join, queue_join)
WAITS(completion, HANDLE_COMPLETION, next, completion_next)

static int condition_acquire_in_task(lua_State *L) {
  condition_t *condition = handle_check(L, 1, HANDLE_CONDITION, "acquire");
  coroutine_t *coroutine = NULL;
  check_can_suspend(L, "acquire");
  int status = lock_acquire(condition_lock(condition), &coroutine);
  return wait_for_created(L, status, coroutine, "acquire");
}

/* ---- methods and functions with arguments ---- */

static int queue_put_in_task(lua_State *L) {
  queue_t *queue = handle_check(L, 1, HANDLE_QUEUE, "put");
  coroutine_t *coroutine = NULL;
  check_can_suspend(L, "put");
  value_t *value = value_from_lua(L, 2);
  int status = queue_put(queue, value, &coroutine);
  value_unref(value);
  return wait_for_created(L, status, coroutine, "put");
}

/* group_exit(group, failed, exception) */
static int group_exit_in_task(lua_State *L) {
  task_group_t *group = handle_check(L, 1, HANDLE_GROUP, "task_group");
  coroutine_t *coroutine = NULL;
  check_can_suspend(L, "task_group");
  exception_t *exception = lua_toboolean(L, 2) ? exception_from_lua(L, 3, NULL) : NULL;
  int status = task_group_exit(group, exception, &coroutine);
  exception_unref(exception);
  return wait_for_created(L, status, coroutine, "task_group");
}

/* wait_for_future(loop, future, seconds) */
static int wait_for_in_task(lua_State *L) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "wait_for");
  future_t *future = handle_check(L, 2, HANDLE_FUTURE, "wait_for");
  double seconds = optional_number(L, 3, INFINITY, "wait_for");
  coroutine_t *coroutine = NULL;
  check_can_suspend(L, "wait_for");
  int status = loop_wait_for(loop, future, seconds, &coroutine);
  return wait_for_created(L, status, coroutine, "wait_for");
}

static wait_mode_t check_mode(lua_State *L, int index) {
  const char *text = optional_text(L, index, "wait");
  if (text == NULL || strcmp(text, "ALL_COMPLETED") == 0) return WAIT_ALL_COMPLETED;
  if (strcmp(text, "FIRST_COMPLETED") == 0) return WAIT_FIRST_COMPLETED;
  if (strcmp(text, "FIRST_EXCEPTION") == 0) return WAIT_FIRST_EXCEPTION;
  return (wait_mode_t)bad_argument(L, index, "wait", "FIRST_COMPLETED, FIRST_EXCEPTION or ALL_COMPLETED expected");
}

/* wait(loop, futures, seconds, mode): returns nothing; the caller looks at the futures, which are all different. */
static int wait_in_task(lua_State *L) {
  size_t count = 0;
  lua_settop(L, 4);
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, "wait");
  double seconds = optional_number(L, 3, INFINITY, "wait");
  wait_mode_t mode = check_mode(L, 4);
  future_t **futures = check_futures(L, 2, &count, "wait");
  coroutine_t *coroutine = NULL;
  if (count == 0) return bad_argument(L, 2, "wait", "no futures");
  check_can_suspend(L, "wait");
  seconds = isinf(seconds) ? -1 : seconds < 0 ? 0 : seconds;
  int status = loop_wait(loop, futures, count, mode, seconds, &coroutine);
  return wait_for_created(L, status, coroutine, "wait");
}

/* ---- sockets: functions on the running loop ---- */

static int wait_for_transfer(lua_State *L, int status, future_t *future, const char *name) {
  return status != 0 ? raise_status(L, status, name) : wait_for_owned_future(L, future);
}

/* sock_recv(fd, max) */
static int sock_recv_in_task(lua_State *L) {
  int fd = check_int(L, 1, "sock_recv");
  size_t max = check_size(L, 2, "sock_recv");
  future_t *future = NULL;
  check_can_suspend(L, "sock_recv");
  int status = loop_sock_recv(loop_get_running(), fd, max, &future);
  return wait_for_transfer(L, status, future, "sock_recv");
}

/* sock_sendall(fd, text) */
static int sock_sendall_in_task(lua_State *L) {
  int fd = check_int(L, 1, "sock_sendall");
  size_t size = 0;
  const char *text = check_bytes(L, 2, &size, "sock_sendall");
  future_t *future = NULL;
  check_can_suspend(L, "sock_sendall");
  int status = loop_sock_sendall(loop_get_running(), fd, text, size, &future);
  return wait_for_transfer(L, status, future, "sock_sendall");
}

/* sock_accept(fd): returns a value that owns the descriptor. */
static int sock_accept_in_task(lua_State *L) {
  int fd = check_int(L, 1, "sock_accept");
  future_t *future = NULL;
  check_can_suspend(L, "sock_accept");
  int status = loop_sock_accept(loop_get_running(), fd, &future);
  return wait_for_transfer(L, status, future, "sock_accept");
}

void waits_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"await", await_in_task},
      {"sleep", sleep_in_task},
      {"lock_acquire", lock_acquire_in_task},
      {"event_wait", event_wait_in_task},
      {"condition_wait", condition_wait_in_task},
      {"condition_acquire", condition_acquire_in_task},
      {"semaphore_acquire", semaphore_acquire_in_task},
      {"barrier_wait", barrier_wait_in_task},
      {"barrier_reset", barrier_reset_in_task},
      {"barrier_abort", barrier_abort_in_task},
      {"queue_get", queue_get_in_task},
      {"queue_put", queue_put_in_task},
      {"queue_join", queue_join_in_task},
      {"completion_next", completion_next_in_task},
      {"group_exit", group_exit_in_task},
      {"wait_for_future", wait_for_in_task},
      {"wait", wait_in_task},
      {"sock_recv", sock_recv_in_task},
      {"sock_sendall", sock_sendall_in_task},
      {"sock_accept", sock_accept_in_task},
      {NULL, NULL},
  };
  lua_createtable(L, 0, 24);
  luaL_setfuncs(L, functions, 0);
  lua_setfield(L, -2, "waits");
}
