#include "net/address.hpp"

namespace boucle {

Ref<Value> address_value(const SocketAddress &address) {
  AddressDescription about = describe(address);
  return Value::address({about.family, about.port, address.view(), about.host, about.text});
}

SocketAddress socket_address(const Value &address) noexcept {
  std::string_view bytes = address.address().sockaddr;
  SocketAddress copy;
  copy.size = bytes.copy(copy.bytes, sizeof copy.bytes);
  return copy;
}

}  // namespace boucle
