/* Look-ups of names: the addresses of a host, the name of an address. They ask the system, by getaddrinfo(3) and
 * getnameinfo(3), without blocking the loop. asyncio's loop.getaddrinfo() and loop.getnameinfo().
 *
 * Each loop has up to four threads for look-ups, besides those of loop_run_in_executor. A look-up that consists of digits
 * needs no thread: its future is done at once. Look-ups that are equal and run at the same time are one.
 *
 * If the future is cancelled, that ends the wait at once. The system cannot be interrupted: its answer is dropped, or given
 * to an equal look-up that began in the meantime. Neither loop_close nor the end of the process waits for a look-up. On
 * the virtual clock a look-up takes no time: while a future waits for one, the clock does not move.
 *
 * A look-up that fails raises a `gaierror`, a subclass of OSError: its status is LOOP_EGAI, its message is the system's,
 * followed by what was looked up, and its exception_value is the code of <netdb.h>, such as EAI_NONAME, as an integer. In
 * place of EAI_SYSTEM there is the OSError, and in place of EAI_MEMORY a MemoryError. */
#ifndef BOUCLE_DNS_H
#define BOUCLE_DNS_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* Looks up the addresses of a host and a service. The future's result is a list; the best address to try is the first.
 * Each item is a list of five: family, type and protocol, which socket(2) takes, as integers; the canonical name of the
 * host, a text (of the first item if flags have AI_CANONNAME, else ""); and the address.
 *
 * host is a name, or an address in digits; NULL stands for this host, or with AI_PASSIVE for all of its addresses. service
 * is a name ("http") or a number ("80"); NULL stands for port 0. At least one of the two must be given. family, type and flags are the system's
 * (AF_INET6, SOCK_STREAM, AI_PASSIVE); 0 is any, or none.
 *   Ownership: copies host and service; *ret_future is a new reference, and the look-up keeps it too
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM; -EAGAIN there is no thread, and
 *       none can be started
 *   asyncio: loop.getaddrinfo()
 *   Since: 0.4 */
BOUCLE_API int loop_getaddrinfo(loop_t *loop, const char *host, const char *service, int family, int type, int flags,
                                future_t **ret_future);

/* Looks up the names of an address. The future's result is a list of two texts: the host and the service.
 *
 * flags are the system's: 0, or NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM, NI_NOFQDN. A host without a name is
 * given in digits, unless NI_NAMEREQD. A Unix socket has no names: EAI_FAMILY.
 *   Ownership: copies address; *ret_future is a new reference, and the look-up keeps it too
 *   Errors: -EINVAL loop or ret_future is NULL; LOOP_EKIND address is of another kind; LOOP_ECLOSED; LOOP_EWRONGTHREAD; -ENOMEM;
 *       -EAGAIN there is no thread, and none can be started
 *   asyncio: loop.getnameinfo()
 *   Since: 0.4 */
BOUCLE_API int loop_getnameinfo(loop_t *loop, const value_t *address, int flags, future_t **ret_future);

BOUCLE_END_DECLS

#endif
