/* Sockets of your own: wait for a descriptor, receive, send, accept. asyncio's loop.sock_recv() and the like.
 *
 * Each function makes a future. What can be done at once is done by the call; else the future is done when the
 * descriptor is ready. Those that wait for one descriptor and direction get their turns in the order of the calls, and
 * loop_add_reader and loop_add_writer of the same descriptor work beside them.
 *
 * The descriptor may block or not: the library never waits in a call, and does not change the descriptor. It stays yours:
 * cancel what waits for it before you close it. loop_close leaves a future that still waits pending, as asyncio does.
 *
 * A future that is cancelled has received nothing, and accepted nothing; of loop_sock_sendall a part may have been sent.
 * If the system refuses (the connection was reset, it is no socket), the future fails with OSError. */
#ifndef BOUCLE_SOCKET_H
#define BOUCLE_SOCKET_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Makes a future that is done, with nil, when fd can be read, is at its end, or broken. Any other kind of transfer can be
 * built on this and loop_sock_writable.
 *   Errors: -EINVAL loop or ret_future is NULL; -EBADF no such descriptor; LOOP_EBUSY the library itself uses it; -EPERM
 *       it is a file or a directory, for which no loop can wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EFORKED; -ENOMEM;
 *       what else epoll_ctl(2) says of the descriptor
 *   Since: 0.4 */
BOUCLE_API int loop_sock_readable(loop_t *loop, int fd, future_t **ret_future);

/* Makes a future that is done, with nil, when fd can be written, or is broken.
 *   Errors: -EINVAL loop or ret_future is NULL; -EBADF no such descriptor; LOOP_EBUSY the library itself uses it; -EPERM
 *       it is a file or a directory, for which no loop can wait; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EFORKED; -ENOMEM;
 *       what else epoll_ctl(2) says of the descriptor
 *   Since: 0.4 */
BOUCLE_API int loop_sock_writable(loop_t *loop, int fd, future_t **ret_future);

/* Receives at most `max` bytes from a socket. The future has them: bytes, of size 0 at the end. It takes what is there, up
 * to 64 KiB, and does not wait for more.
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_EBUSY the library itself uses the descriptor; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; LOOP_EFORKED; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.sock_recv()
 *   Since: 0.4 */
BOUCLE_API int loop_sock_recv(loop_t *loop, int fd, size_t max, future_t **ret_future);

/* Sends all of the bytes; then the future is done, with nil.
 *   Ownership: copies data
 *   Errors: -EINVAL loop or ret_future is NULL, or data is NULL and size is not 0; LOOP_EBUSY the library itself uses the
 *       descriptor; LOOP_ECLOSED; LOOP_EWRONGTHREAD; LOOP_EFORKED; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.sock_sendall()
 *   Since: 0.4 */
BOUCLE_API int loop_sock_sendall(loop_t *loop, int fd, const void *data, size_t size, future_t **ret_future);

/* Accepts a connection at a socket that listens. The future has a value that owns the new descriptor, which is
 * non-blocking and close-on-exec: value_take_fd. If nobody takes it, it is closed with the last reference to the value, so
 * a connection that nobody wanted cannot leak. A future that is cancelled leaves the connection in the socket's queue.
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_EBUSY the library itself uses the descriptor; LOOP_ECLOSED;
 *       LOOP_EWRONGTHREAD; LOOP_EFORKED; -ENOMEM; what else epoll_ctl(2) says of the descriptor
 *   asyncio: loop.sock_accept()
 *   Since: 0.4 */
BOUCLE_API int loop_sock_accept(loop_t *loop, int fd, future_t **ret_future);

/* Takes the descriptor out of a value that owns one; from then on the caller closes it.
 *   Ownership: *ret_fd is the caller's
 *   Thread: any
 *   Errors: -EINVAL ret_fd is NULL; LOOP_EKIND the value owns no descriptor; LOOP_EINVALIDSTATE it was taken
 *   Since: 0.4 */
BOUCLE_API int value_take_fd(const value_t *value, int *ret_fd);

BOUCLE_END_DECLS

#endif
