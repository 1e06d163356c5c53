// Addresses as values. Any thread.
#pragma once

#include "base/value.hpp"
#include "sys/address.hpp"

namespace boucle {

// May throw bad_alloc.
Ref<Value> address_value(const SocketAddress &address);
// What the system takes, of a value that is an address.
SocketAddress socket_address(const Value &address) noexcept;

}  // namespace boucle
