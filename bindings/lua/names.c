#include "names.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "arguments.h"
#include "errors.h"
#include "handles.h"
#include "interpreter.h"

/* Of options, in Lua and for the system. */
struct name {
  const char *name;
  int number;
};
static const struct name families[] = {{"ipv4", AF_INET}, {"ipv6", AF_INET6}, {"unix", AF_UNIX}, {NULL, 0}};
static const struct name types[] = {{"stream", SOCK_STREAM}, {"datagram", SOCK_DGRAM}, {"raw", SOCK_RAW}, {NULL, 0}};
static const struct name address_flags[] = {
    {"passive", AI_PASSIVE},
    {"canonical_name", AI_CANONNAME},
    {"numeric_host", AI_NUMERICHOST},
    {"numeric_service", AI_NUMERICSERV},
    {"v4_mapped", AI_V4MAPPED},
    {"configured", AI_ADDRCONFIG},
    {"all", AI_ALL},
    {NULL, 0},
};
static const struct name name_flags[] = {
    {"numeric_host", NI_NUMERICHOST}, {"numeric_service", NI_NUMERICSERV},
    {"name_required", NI_NAMEREQD},   {"datagram", NI_DGRAM},
    {"no_domain", NI_NOFQDN},         {NULL, 0},
};

static value_t *address_of(lua_State *L, const char *name) { return handle_check(L, 1, HANDLE_ADDRESS, name); }

/* ---- options ---- */

static const struct name *find(const struct name *names, const char *wanted) {
  for (; names->name != NULL; names++)
    if (strcmp(names->name, wanted) == 0) return names;
  return NULL;
}

static void check_options(lua_State *L, int index, const char *name) {
  if (!lua_isnoneornil(L, index) && !lua_istable(L, index)) bad_type(L, index, name, "table");
}

/* Returns the number of the name in a field of the options; 0 if there is none. */
static int option(lua_State *L, int index, const char *field, const struct name *names, const char *name) {
  const struct name *found = NULL;
  if (!lua_istable(L, index)) return 0;
  lua_getfield(L, index, field);
  if (!lua_isnil(L, -1)) {
    const char *wanted = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, -1);
    found = find(names, wanted);
    if (found == NULL) bad_argument(L, index, name, lua_pushfstring(L, "unknown %s '%s'", field, wanted));
  }
  lua_pop(L, 1);
  return found != NULL ? found->number : 0;
}

/* Returns the flags whose fields are true. */
static int flags_of(lua_State *L, int index, const struct name *names) {
  int flags = 0;
  for (; lua_istable(L, index) && names->name != NULL; names++) {
    lua_getfield(L, index, names->name);
    if (lua_toboolean(L, -1)) flags |= names->number;
    lua_pop(L, 1);
  }
  return flags;
}

/* A number becomes its digits. */
static const char *optional_service(lua_State *L, int index, const char *name) {
  if (lua_type(L, index) == LUA_TNUMBER) {
    lua_pushfstring(L, "%d", check_int(L, index, name));
    lua_replace(L, index);
  }
  return optional_text(L, index, name);
}

/* ---- look-ups ---- */

/* getaddrinfo(loop, host, service, options): returns a future. */
static int start_getaddrinfo(lua_State *L) {
  static const char name[] = "getaddrinfo";
  lua_settop(L, 4);
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, name);
  const char *host = optional_text(L, 2, name), *service = optional_service(L, 3, name);
  future_t *future = NULL;
  check_options(L, 4, name);
  int family = option(L, 4, "family", families, name), type = option(L, 4, "type", types, name);
  int status = loop_getaddrinfo(loop, host, service, family, type, flags_of(L, 4, address_flags), &future);
  if (status != 0) return raise_status(L, status, name);
  handle_push_owned(L, HANDLE_FUTURE, future);
  return 1;
}

/* getnameinfo(loop, address, options): returns a future. */
static int start_getnameinfo(lua_State *L) {
  static const char name[] = "getnameinfo";
  lua_settop(L, 3);
  loop_t *loop = handle_check(L, 1, HANDLE_LOOP, name);
  const value_t *address = handle_check(L, 2, HANDLE_ADDRESS, name);
  future_t *future = NULL;
  check_options(L, 3, name);
  int status = loop_getnameinfo(loop, address, flags_of(L, 3, name_flags), &future);
  if (status != 0) return raise_status(L, status, name);
  handle_push_owned(L, HANDLE_FUTURE, future);
  return 1;
}

static int name_of(lua_State *L, const struct name *names) {
  for (; names->name != NULL; names++) {
    if (names->number != lua_tointeger(L, 1)) continue;
    lua_pushstring(L, names->name);
    return 1;
  }
  lua_settop(L, 1);
  return 1;
}
/* Return the name of a number of the system's; the number if it has none. */
static int family_name(lua_State *L) { return name_of(L, families); }
static int socket_type_name(lua_State *L) { return name_of(L, types); }

/* ---- addresses ---- */

static int push_made(lua_State *L, int status, value_t *address, const char *name) {
  if (status == LOOP_ENOADDRESS) {
    return raise_text(L, "ValueError", "the host is not an IPv4 or IPv6 address; getaddrinfo looks names up");
  }
  if (status != 0) return raise_status(L, status, name);
  handle_push_owned(L, HANDLE_ADDRESS, address);
  return 1;
}

/* address(host, port) */
static int make_address(lua_State *L) {
  const char *host = check_text(L, 1, "address");
  int port = check_int(L, 2, "address");
  value_t *address = NULL;
  if (port < 0 || port > 65535) return bad_argument(L, 2, "address", "0 to 65535 expected");
  int status = address_new(host, port, &address);
  return push_made(L, status, address, "address");
}

/* unix_address(path) */
static int make_unix_address(lua_State *L) {
  size_t size = 0;
  value_t *address = NULL;
  if (lua_type(L, 1) != LUA_TSTRING) return bad_type(L, 1, "unix_address", "string");
  const char *path = lua_tolstring(L, 1, &size);
  int status = address_new_unix(path, size, &address);
  if (status == -EINVAL) return bad_argument(L, 1, "unix_address", "the path is empty, or has a zero byte inside");
  return push_made(L, status, address, "unix_address");
}

static int address_host(lua_State *L) {
  const char *host = "";
  size_t size = 0;
  address_get_host(address_of(L, "host"), &host, &size);
  lua_pushlstring(L, host, size);
  return 1;
}
static int address_port(lua_State *L) {
  int port = 0;
  address_get_port(address_of(L, "port"), &port);
  lua_pushinteger(L, port);
  return 1;
}
static int address_family(lua_State *L) {
  int family = 0;
  address_get_family(address_of(L, "family"), &family);
  lua_settop(L, 0);
  lua_pushinteger(L, family);
  return family_name(L);
}
static int address_text(lua_State *L) {
  const char *text = "";
  address_get_text(address_of(L, "tostring"), &text);
  lua_pushstring(L, text);
  return 1;
}
static int address_equal(lua_State *L) {
  const value_t *left = handle_test(L, 1, HANDLE_ADDRESS), *right = handle_test(L, 2, HANDLE_ADDRESS);
  lua_pushboolean(L, left != NULL && right != NULL && value_equal(left, right));
  return 1;
}

void names_register(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"getaddrinfo", start_getaddrinfo},
      {"getnameinfo", start_getnameinfo},
      {"family_name", family_name},
      {"socket_type_name", socket_type_name},
      {"address", make_address},
      {"unix_address", make_unix_address},
      {NULL, NULL},
  };
  static const luaL_Reg methods[] = {
      {"host", address_host}, {"port", address_port}, {"family", address_family}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  lua_getfield(L, -1, "classes");
  lua_getfield(L, -1, handle_name(HANDLE_ADDRESS));
  luaL_setfuncs(L, methods, 0);
  lua_rawgeti(L, LUA_REGISTRYINDEX, interpreter_of(L)->metatables[HANDLE_ADDRESS]);
  lua_pushcfunction(L, address_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushcfunction(L, address_equal);
  lua_setfield(L, -2, "__eq");
  lua_pop(L, 3);
}
