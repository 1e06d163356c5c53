// SocketAddress: the system's structure of an address (struct sockaddr), of the families IPv4, IPv6 and Unix; and its
// conversion from and to text, without look-ups.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.hpp"

namespace boucle {

struct SocketAddress {
  alignas(8) char bytes[128] = {};  // struct sockaddr_storage
  size_t size = 0;

  std::string_view view() const noexcept { return {bytes, size}; }
};

// Reads an IPv4 or IPv6 address in digits, which may have a scope ("fe80::1%eth0", "fe80::1%2"). Returns NOADDRESS if
// the host is none, INVALID if the port is not 0 to 65535, -ENODEV if there is no such interface.
Status parse_address(const char *host, int port, SocketAddress &ret_address) noexcept;
bool is_literal(const char *host) noexcept;
// Makes the address of a Unix socket from its path, or from an abstract name, which begins with a NUL. Returns INVALID
// if it is empty, or has a NUL elsewhere; -ENAMETOOLONG.
Status unix_address(std::string_view path, SocketAddress &ret_address) noexcept;
// Copies a structure of the system. Returns INVALID if it is too short or too long, -EAFNOSUPPORT if it is of another
// family.
Status copy_address(std::string_view sockaddr, SocketAddress &ret_address) noexcept;

struct AddressDescription {
  int family = 0, port = 0;
  std::string host, text;  // "::1" and "[::1]:80"; "/run/x" and "unix:/run/x"
};
// May throw bad_alloc.
AddressDescription describe(const SocketAddress &address);

}  // namespace boucle
