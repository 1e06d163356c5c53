#include "net/address.hpp"

#include "boundary.hpp"

namespace {

int give_address(const SocketAddress &address, value_t **ret_address) noexcept {
  return guard([&] { return give_value(address_value(address), ret_address); });
}

// A getter's checks: NULL arguments, then the kind.
Status expect_address(const value_t *value, const void *ret) noexcept {
  if (!ret) return status::INVALID;
  return Value::kind_of(unwrap(value)) == ValueKind::Address ? 0 : status::KIND;
}

}  // namespace

int address_new(const char *host, int port, value_t **ret_address) {
  if (!host || !ret_address) return status::INVALID;
  SocketAddress address;
  if (Status s = parse_address(host, port, address)) return s;
  return give_address(address, ret_address);
}

int address_new_unix(const char *path, size_t size, value_t **ret_address) {
  if (!path || !ret_address) return status::INVALID;
  SocketAddress address;
  if (Status s = unix_address({path, size}, address)) return s;
  return give_address(address, ret_address);
}

int address_new_sockaddr(const void *sockaddr, size_t size, value_t **ret_address) {
  if (!sockaddr || !ret_address) return status::INVALID;
  SocketAddress address;
  if (Status s = copy_address({static_cast<const char *>(sockaddr), size}, address)) return s;
  return give_address(address, ret_address);
}

int address_get_family(const value_t *address, int *ret_family) {
  if (Status s = expect_address(address, ret_family)) return s;
  *ret_family = unwrap(address)->address().family;
  return 0;
}

int address_get_host(const value_t *address, const char **ret_host, size_t *ret_size) {
  if (Status s = expect_address(address, ret_host)) return s;
  std::string_view host = unwrap(address)->address().host;
  *ret_host = host.data();
  if (ret_size) *ret_size = host.size();
  return 0;
}

int address_get_port(const value_t *address, int *ret_port) {
  if (Status s = expect_address(address, ret_port)) return s;
  *ret_port = unwrap(address)->address().port;
  return 0;
}

int address_get_text(const value_t *address, const char **ret_text) {
  if (Status s = expect_address(address, ret_text)) return s;
  *ret_text = unwrap(address)->address().text.data();
  return 0;
}

int address_get_sockaddr(const value_t *address, const void **ret_sockaddr, size_t *ret_size) {
  if (Status s = expect_address(address, ret_sockaddr && ret_size ? ret_sockaddr : nullptr)) return s;
  std::string_view bytes = unwrap(address)->address().sockaddr;
  *ret_sockaddr = bytes.data();
  *ret_size = bytes.size();
  return 0;
}
