/* Addresses, and look-ups of names. */
#define _GNU_SOURCE
#include "machine.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

static const char *draw_literal(void) {
  static const char *const hosts[] = {"127.0.0.1", "::1", "fe80::1%1", "::ffff:1.2.3.4", "1.2.3", "", "%", NULL};
  return hosts[below(8)];
}

/* Names take a thread, and as long as they take: a seed would not repeat that. */
static const char *draw_name(void) {
  if (m->world < LIVE) return chance(80) ? "::1" : NULL;
  return chance(60) ? "localhost" : draw_literal();
}
static const char *draw_service(void) {
  static const char *const services[] = {"80", "0", "65536", NULL, "http", "nothing of that name"};
  return services[below(m->world < LIVE ? 4 : 6)];
}

OP(address_new) {
  OUT(value_t);
  keep(VALUE, address_new(draw_literal(), chance(80) ? 80 : number(-2, 70000), ret), ret, &made);
}
OP(address_new_unix) {
  static const char path[200] = "/run/x";
  OUT(value_t);
  const char *drawn = chance(5) ? NULL : path + below(8);
  keep(VALUE, address_new_unix(drawn, chance(70) ? below(8) : below(120), ret), ret, &made);
}
OP(address_new_sockaddr) {
  static const sa_family_t families[] = {AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX, 77};
  struct sockaddr_storage storage;
  OUT(value_t);
  memset(&storage, number(0, 255), sizeof storage);
  storage.ss_family = families[below(5)];
  keep(VALUE, address_new_sockaddr(chance(5) ? NULL : &storage, below(sizeof storage + 2), ret), ret, &made);
}

OP(address_get_family) {
  NUMBER(int);
  check_number(address_get_family(draw_value(), ret), &made, sizeof made);
}
OP(address_get_port) {
  NUMBER(int);
  check_number(address_get_port(draw_value(), ret), &made, sizeof made);
}
OP(address_get_host) {
  const char *host = POISON;
  NUMBER(size_t);
  int status = check_number(address_get_host(draw_value(), chance(4) ? NULL : &host, ret), &made, sizeof made);
  if (status == 0 && ret && strlen(host) > made) finding("address_get_host: its size is %zu", made);
  if (status < 0 && host != POISON) finding("address_get_host failed and wrote its host");
}
OP(address_get_text) {
  const char *words = POISON;
  int status = address_get_text(draw_value(), chance(4) ? NULL : &words);
  if (status == 0 && strlen(words) < strlen("unix:")) finding("an address reads \"%s\"", words);
  if (status < 0 && words != POISON) finding("address_get_text failed and wrote its text");
}
OP(address_get_sockaddr) {
  const void *data = POISON;
  NUMBER(size_t);
  value_t *address = draw_value(), *copy;
  int status = check_number(address_get_sockaddr(address, chance(4) ? NULL : &data, ret), &made, sizeof made);
  if (status < 0 && data != POISON) finding("address_get_sockaddr failed and wrote its data");
  if (status || address_new_sockaddr(data, made, &copy)) return;
  if (!value_equal(address, copy)) finding("an address is not its own copy");
  value_unref(copy);
}

OP(loop_getaddrinfo) {
  static const int families[] = {0, AF_INET, AF_INET6, -1}, types[] = {0, SOCK_STREAM, SOCK_DGRAM, 77};
  static const int flags[] = {0, AI_PASSIVE, AI_CANONNAME, 1 << 30};
  OUT(future_t);
  loop_t *loop = draw_loop();
  const char *host = draw_name(), *service = draw_service();
  int status = loop_getaddrinfo(loop, host, service, families[below(4)], types[below(4)], flags[below(4)], ret);
  keep(FUTURE, status, ret, &made);
}
OP(loop_getnameinfo) {
  OUT(future_t);
  int flags = m->world < LIVE || chance(50) ? NI_NUMERICHOST | NI_NUMERICSERV : NI_NAMEREQD;
  keep(FUTURE, loop_getnameinfo(draw_loop(), draw_value(), flags, ret), ret, &made);
}
