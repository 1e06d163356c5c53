#include "sys/address.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace boucle {
namespace {

static_assert(sizeof(SocketAddress::bytes) == sizeof(sockaddr_storage));

template <class T>
void store(const T &from, size_t size, SocketAddress &ret_address) noexcept {
  SocketAddress address;
  std::memcpy(address.bytes, &from, size);
  address.size = size;
  ret_address = address;
}

template <class T>
T load(const SocketAddress &from) noexcept {
  T to{};
  std::memcpy(&to, from.bytes, from.size < sizeof to ? from.size : sizeof to);
  return to;
}

int family_of(const SocketAddress &address) noexcept { return load<sockaddr>(address).sa_family; }

// Returns the number of an interface, which is given by its number or name; 0 if there is none.
unsigned scope_of(std::string_view name) noexcept {
  char copy[IF_NAMESIZE] = {};
  if (name.empty() || name.size() >= sizeof copy) return 0;
  name.copy(copy, name.size());
  unsigned number = 0;
  for (char digit : name) {
    if (digit < '0' || digit > '9' || number > (UINT32_MAX - 9) / 10) return if_nametoindex(copy);
    number = 10 * number + static_cast<unsigned>(digit - '0');
  }
  return number;
}

// Splits an address at '%'. Returns false if it is not an IPv6 address.
bool parse_ipv6(const char *host, in6_addr &ret_bytes, std::string_view &ret_scope) noexcept {
  std::string_view whole = host;
  size_t percent = whole.find('%');
  char digits[INET6_ADDRSTRLEN] = {};
  std::string_view before = whole.substr(0, percent);
  if (before.size() >= sizeof digits) return false;
  before.copy(digits, before.size());
  if (percent != whole.npos) ret_scope = whole.substr(percent + 1);
  return inet_pton(AF_INET6, digits, &ret_bytes) == 1 && (percent == whole.npos || !ret_scope.empty());
}

// Returns "fe80::1%eth0", or the number of the interface if it has no name (any more).
std::string ipv6_host(const sockaddr_in6 &from) {
  char digits[INET6_ADDRSTRLEN];
  std::string host = inet_ntop(AF_INET6, &from.sin6_addr, digits, sizeof digits);
  if (!from.sin6_scope_id) return host;
  char name[IF_NAMESIZE];
  host += '%';
  return host += if_indextoname(from.sin6_scope_id, name) ? name : std::to_string(from.sin6_scope_id);
}

// Returns the path, or the abstract name with its leading NUL; empty for a socket without a name.
std::string_view unix_path(const SocketAddress &address) noexcept {
  std::string_view path = address.view().substr(offsetof(sockaddr_un, sun_path));
  return path.empty() || path[0] == 0 ? path : path.substr(0, path.find('\0'));
}

// Returns "unix:/run/x" or "unix:@abstract"; control characters become \x01 and the like.
std::string unix_text(std::string_view path) {
  std::string text = "unix:";
  if (!path.empty() && path[0] == 0) {
    text += '@';
    path.remove_prefix(1);
  }
  for (char c : path) {
    auto byte = static_cast<unsigned char>(c);
    char escaped[8] = {c};
    if (byte < ' ' || byte == 0x7f) std::snprintf(escaped, sizeof escaped, "\\x%02x", byte);
    text += escaped;
  }
  return text;
}

}  // namespace

bool is_literal(const char *host) noexcept {
  SocketAddress ignored;
  return parse_address(host, 0, ignored) == 0;
}

Status parse_address(const char *host, int port, SocketAddress &ret_address) noexcept {
  if (port < 0 || port > 65535) return status::INVALID;
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, host, &ipv4.sin_addr) == 1) {
    store(ipv4, sizeof ipv4, ret_address);
    return 0;
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(static_cast<uint16_t>(port));
  std::string_view scope;
  if (!parse_ipv6(host, ipv6.sin6_addr, scope)) return status::NOADDRESS;
  if (!scope.empty() && (ipv6.sin6_scope_id = scope_of(scope)) == 0) return -ENODEV;
  store(ipv6, sizeof ipv6, ret_address);
  return 0;
}

Status unix_address(std::string_view path, SocketAddress &ret_address) noexcept {
  if (path.empty() || path.find('\0', 1) != path.npos) return status::INVALID;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool abstract = path[0] == 0;
  if (path.size() > sizeof address.sun_path - (abstract ? 0 : 1)) return -ENAMETOOLONG;
  path.copy(address.sun_path, path.size());
  store(address, offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1), ret_address);
  return 0;
}

Status copy_address(std::string_view sockaddr, SocketAddress &ret_address) noexcept {
  sa_family_t family;
  if (sockaddr.size() < sizeof family || sockaddr.size() > sizeof ret_address.bytes) return status::INVALID;
  std::memcpy(&family, sockaddr.data(), sizeof family);
  size_t least = family == AF_INET ? sizeof(sockaddr_in) : family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof family;
  size_t most = family == AF_UNIX ? sizeof(sockaddr_un) : least;
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) return -EAFNOSUPPORT;
  if (sockaddr.size() < least) return status::INVALID;
  SocketAddress address;
  address.size = std::min(sockaddr.size(), most);
  sockaddr.copy(address.bytes, address.size);
  if (family == AF_INET) std::memset(address.bytes + offsetof(sockaddr_in, sin_zero), 0, sizeof sockaddr_in::sin_zero);
  ret_address = address;
  return 0;
}

AddressDescription describe(const SocketAddress &address) {
  switch (int family = family_of(address)) {
    case AF_INET: {
      auto ipv4 = load<sockaddr_in>(address);
      char host[INET_ADDRSTRLEN];
      inet_ntop(AF_INET, &ipv4.sin_addr, host, sizeof host);
      int port = ntohs(ipv4.sin_port);
      return {family, port, host, std::string(host) + ":" + std::to_string(port)};
    }
    case AF_INET6: {
      auto ipv6 = load<sockaddr_in6>(address);
      std::string host = ipv6_host(ipv6);
      int port = ntohs(ipv6.sin6_port);
      return {family, port, host, "[" + host + "]:" + std::to_string(port)};
    }
    default: {
      std::string_view path = unix_path(address);
      return {family, 0, std::string(path), unix_text(path)};
    }
  }
}

}  // namespace boucle
