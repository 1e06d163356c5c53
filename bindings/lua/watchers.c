#include "watchers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "callbacks.h"
#include "errors.h"
#include "handles.h"

static const struct {
  const char *name;
  int number;
} signals[] = {
    {"SIGHUP", SIGHUP},   {"SIGINT", SIGINT},   {"SIGQUIT", SIGQUIT}, {"SIGILL", SIGILL},     {"SIGTRAP", SIGTRAP},
    {"SIGABRT", SIGABRT}, {"SIGBUS", SIGBUS},   {"SIGFPE", SIGFPE},   {"SIGKILL", SIGKILL},   {"SIGUSR1", SIGUSR1},
    {"SIGSEGV", SIGSEGV}, {"SIGUSR2", SIGUSR2}, {"SIGPIPE", SIGPIPE}, {"SIGALRM", SIGALRM},   {"SIGTERM", SIGTERM},
    {"SIGCHLD", SIGCHLD}, {"SIGCONT", SIGCONT}, {"SIGSTOP", SIGSTOP}, {"SIGTSTP", SIGTSTP},   {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU}, {"SIGURG", SIGURG},   {"SIGXCPU", SIGXCPU}, {"SIGXFSZ", SIGXFSZ},   {"SIGVTALRM", SIGVTALRM},
    {"SIGPROF", SIGPROF}, {"SIGIO", SIGIO},     {"SIGSYS", SIGSYS},   {"SIGWINCH", SIGWINCH}, {NULL, 0},
};

int check_signal(lua_State *L, int index, const char *name) {
  if (lua_type(L, index) != LUA_TSTRING || lua_isnumber(L, index)) {
    if (!lua_isnumber(L, index)) bad_type(L, index, name, "number or name of a signal");
    return check_int(L, index, name);
  }
  const char *text = lua_tostring(L, index);
  for (size_t i = 0; signals[i].name != NULL; i++)
    if (strcmp(text, signals[i].name) == 0) return signals[i].number;
  return bad_argument(L, index, name, lua_pushfstring(L, "unknown signal '%s'", text));
}

typedef int (*watch_fn)(loop_t *loop, int what, loop_callback_fn fn, void *userdata, destroy_fn destroy);

/* Raises the OSError of an errno. -EINVAL, of which the core makes a ValueError, means that the system refused. */
static int raise_os_error(lua_State *L, int status, const char *name) {
  char kind[32] = "OSError";
  exception_t *exception = NULL;
  if (exception_new_from_status(status, &exception) != 0) return luaL_error(L, "not enough memory");
  if (exception_matches(exception, "OSError")) snprintf(kind, sizeof kind, "%s", exception_kind(exception));
  exception_unref(exception);
  lua_pushfstring(L, "%s: [Errno %d] %s", name, -status, loop_status_message(status));
  return raise_text(L, kind, lua_tostring(L, -1));
}

/* On the stack: the loop, what to watch, the function, its arguments. */
static int watch(lua_State *L, watch_fn fn, loop_t *loop, int what, const char *name) {
  check_function(L, 3, name);
  int status = fn(loop, what, callback_call, callback_new(L, 3, loop, loop), callback_destroy);
  if (status > -10000 && status < 0 && status != -ENOMEM) return raise_os_error(L, status, name);
  return status != 0 ? raise_status(L, status, name) : 0;
}

static int watch_descriptor(lua_State *L, watch_fn fn, const char *name) {
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, name);
  return watch(L, fn, loop, check_int(L, 2, name), name);
}

static int add_reader(lua_State *L) { return watch_descriptor(L, loop_add_reader, "add_reader"); }
static int add_writer(lua_State *L) { return watch_descriptor(L, loop_add_writer, "add_writer"); }
static int wait_readable(lua_State *L) { return watch_descriptor(L, loop_add_reader, "readable"); }
static int wait_writable(lua_State *L) { return watch_descriptor(L, loop_add_writer, "writable"); }

static int add_signal_handler(lua_State *L) {
  static const char name[] = "add_signal_handler";
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, name);
  return watch(L, loop_add_signal_handler, loop, check_signal(L, 2, name), name);
}

/* take_fd(value): returns the descriptor that sock_accept has put into the value. */
static int take_fd(lua_State *L) {
  int fd = -1;
  int status = value_take_fd(handle_check(L, 1, HANDLE_VALUE, "sock_accept"), &fd);
  if (status != 0) return raise_status(L, status, "sock_accept");
  lua_pushinteger(L, fd);
  return 1;
}

void watchers_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"add_reader", add_reader},
      {"add_writer", add_writer},
      {"wait_readable", wait_readable},
      {"wait_writable", wait_writable},
      {"add_signal_handler", add_signal_handler},
      {"take_fd", take_fd},
      {NULL, NULL},
  };
  luaL_setfuncs(L, functions, 0);
}
