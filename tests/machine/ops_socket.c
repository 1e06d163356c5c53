/* Sockets: transfers on the machine's descriptors, which are pipes and sockets, ready and not. */
#include "machine.h"

#include <unistd.h>

static int draw_socket(void) {
  int drawn = number(0, FDS + 1);
  if (m->world == PURE || drawn >= FDS) return drawn % 2 ? -1 : 900;
  return m->fds[drawn];
}

OP(loop_sock_readable) {
  OUT(future_t);
  keep(FUTURE, loop_sock_readable(draw_loop(), draw_socket(), ret), ret, &made);
}
OP(loop_sock_writable) {
  OUT(future_t);
  keep(FUTURE, loop_sock_writable(draw_loop(), draw_socket(), ret), ret, &made);
}
OP(loop_sock_recv) {
  OUT(future_t);
  keep(FUTURE, loop_sock_recv(draw_loop(), draw_socket(), (size_t)number(0, 100), ret), ret, &made);
}
OP(loop_sock_sendall) {
  static const char data[100];
  OUT(future_t);
  size_t size = (size_t)number(0, sizeof data);
  keep(FUTURE, loop_sock_sendall(draw_loop(), draw_socket(), chance(10) ? NULL : data, size, ret), ret, &made);
}
OP(loop_sock_accept) {
  OUT(future_t);
  keep(FUTURE, loop_sock_accept(draw_loop(), draw_socket(), ret), ret, &made);
}
OP(value_take_fd) {
  NUMBER(int);
  int status = value_take_fd(draw_value(), ret);
  check_number(status, &made, sizeof made);
  if (status == 0) close(made);
}
