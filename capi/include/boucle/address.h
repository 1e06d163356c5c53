/* Addresses of sockets: IPv4, IPv6, Unix. An address is a value of the kind VALUE_ADDRESS: it never changes, may be used
 * from any thread, and value_ref, value_unref and value_equal work on it.
 *
 * No function here looks up a name: see boucle/dns.h. */
#ifndef BOUCLE_ADDRESS_H
#define BOUCLE_ADDRESS_H

#include <boucle/base.h>

BOUCLE_BEGIN_DECLS

/* ---- making ---- */

/* Makes the address of a host that is given in digits, such as "127.0.0.1" or "::1", and a port.
 *
 * An IPv6 address may have a scope, the name or the number of an interface: "fe80::1%eth0", "fe80::1%2".
 *   Thread: any
 *   Errors: -EINVAL host or ret_address is NULL, or port is below 0 or above 65535; LOOP_ENOADDRESS host is not an
 *       IPv4 or IPv6 address, but perhaps a name; -ENODEV there is no interface of that name; -ENOMEM
 *   Since: 0.4 */
BOUCLE_API int address_new(const char *host, int port, value_t **ret_address);

/* Makes the address of a Unix socket. path is `size` bytes; if the first one is 0, it is an abstract name.
 *   Ownership: copies path
 *   Thread: any
 *   Errors: -EINVAL path or ret_address is NULL, size is 0, or a byte after the first is 0; -ENAMETOOLONG a path has more
 *       than 107 bytes, or an abstract name with its 0 more than 108; -ENOMEM
 *   Since: 0.4 */
BOUCLE_API int address_new_unix(const char *path, size_t size, value_t **ret_address);

/* Makes an address of the system's structure, which accept(2) and getsockname(2) write: struct sockaddr_in, sockaddr_in6
 * or sockaddr_un.
 *   Ownership: copies sockaddr
 *   Thread: any
 *   Errors: -EINVAL sockaddr or ret_address is NULL, or the family cannot have that size; -EAFNOSUPPORT it is of
 *       another family; -ENOMEM
 *   Since: 0.4 */
BOUCLE_API int address_new_sockaddr(const void *sockaddr, size_t size, value_t **ret_address);

/* ---- reading ---- */

/* Gets the family: the system's AF_INET, AF_INET6 or AF_UNIX.
 *   Thread: any
 *   Errors: -EINVAL ret_family is NULL; LOOP_EKIND it is of another kind
 *   Since: 0.4 */
BOUCLE_API int address_get_family(const value_t *address, int *ret_family);

/* Gets the host in digits, such as "::1". For a Unix socket it is the path, which may be empty; an abstract name begins
 * with a 0 byte.
 *
 * *ret_size (ret_size may be NULL) is its length in bytes.
 *   Ownership: lends *ret_host, which ends with a NUL
 *   Thread: any
 *   Errors: -EINVAL ret_host is NULL; LOOP_EKIND it is of another kind
 *   Since: 0.4 */
BOUCLE_API int address_get_host(const value_t *address, const char **ret_host, size_t *ret_size);

/* Gets the port; 0 for a Unix socket.
 *   Thread: any
 *   Errors: -EINVAL ret_port is NULL; LOOP_EKIND it is of another kind
 *   Since: 0.4 */
BOUCLE_API int address_get_port(const value_t *address, int *ret_port);

/* Gets the address as a text: "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", "unix:/run/x", "unix:@abstract".
 *   Ownership: lends *ret_text
 *   Thread: any
 *   Errors: -EINVAL ret_text is NULL; LOOP_EKIND it is of another kind
 *   Since: 0.4 */
BOUCLE_API int address_get_text(const value_t *address, const char **ret_text);

/* Gets the system's structure, for connect(2), bind(2) and sendto(2), and its size.
 *   Ownership: lends *ret_sockaddr
 *   Thread: any
 *   Errors: -EINVAL ret_sockaddr or ret_size is NULL; LOOP_EKIND it is of another kind
 *   Since: 0.4 */
BOUCLE_API int address_get_sockaddr(const value_t *address, const void **ret_sockaddr, size_t *ret_size);

BOUCLE_END_DECLS

#endif
