/* For the tests: a Lua module with the system's calls for sockets. None of them waits. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int check_fd(lua_State *L) { return (int)luaL_checkinteger(L, 1); }

static int push_two(lua_State *L, int failed, const int *fds) {
  if (failed) return luaL_error(L, "%s", strerror(errno));
  lua_pushinteger(L, fds[0]);
  lua_pushinteger(L, fds[1]);
  return 2;
}

/* pair(): returns two connected sockets, which block. */
static int open_pair(lua_State *L) {
  int fds[2];
  return push_two(L, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), fds);
}

/* pipe(): returns what is no socket: the end to read, and the end to write. */
static int open_pipe(lua_State *L) {
  int fds[2];
  return push_two(L, pipe2(fds, O_CLOEXEC), fds);
}

/* listen(): returns a socket that listens. */
static int open_listener(lua_State *L) {
  struct sockaddr_un address = {.sun_family = AF_UNIX}; /* the system chooses the name */
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address.sun_family) != 0 || listen(fd, 8) != 0)
    return luaL_error(L, "%s", strerror(errno));
  lua_pushinteger(L, fd);
  return 1;
}

/* connect(listener): returns a socket; nil if too many wait to be accepted. */
static int open_connection(lua_State *L) {
  struct sockaddr_un address;
  socklen_t size = sizeof address;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (getsockname(check_fd(L), (struct sockaddr *)&address, &size) != 0) return luaL_error(L, "%s", strerror(errno));
  if (connect(fd, (struct sockaddr *)&address, size) != 0) {
    close(fd);
    return 0;
  }
  lua_pushinteger(L, fd);
  return 1;
}

static int close_fd(lua_State *L) {
  lua_pushboolean(L, close(check_fd(L)) == 0);
  return 1;
}

static int is_open(lua_State *L) {
  lua_pushboolean(L, fcntl(check_fd(L), F_GETFD) >= 0);
  return 1;
}

/* shut(fd): sends the end. */
static int shut(lua_State *L) {
  lua_pushboolean(L, shutdown(check_fd(L), SHUT_WR) == 0);
  return 1;
}

/* put(fd, text): returns how many bytes there was room for; nil if for none. */
static int put(lua_State *L) {
  size_t size;
  const char *text = luaL_checklstring(L, 2, &size);
  ssize_t sent = send(check_fd(L), text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return 0;
  lua_pushinteger(L, (lua_Integer)sent);
  return 1;
}

/* take(fd): returns what is there, at most 64 KiB; nil if there is nothing. */
static int take(lua_State *L) {
  static char bytes[65536];
  ssize_t size = recv(check_fd(L), bytes, sizeof bytes, MSG_DONTWAIT);
  if (size < 0) return 0;
  lua_pushlstring(L, bytes, (size_t)size);
  return 1;
}

int luaopen_socket_calls(lua_State *L);

int luaopen_socket_calls(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"pair", open_pair}, {"pipe", open_pipe}, {"listen", open_listener}, {"connect", open_connection},
      {"close", close_fd}, {"is_open", is_open}, {"shut", shut}, {"put", put}, {"take", take}, {NULL, NULL},
  };
  lua_createtable(L, 0, 9);
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    lua_pushcfunction(L, function->func);
    lua_setfield(L, -2, function->name);
  }
  return 1;
}
