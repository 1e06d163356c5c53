// Names: what the system says of a name or of an address: getaddrinfo(3), getnameinfo(3). They may take minutes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/address.hpp"

namespace boucle {

struct NameQuestion {
  // For the addresses of a host and a service, of which one may be left out.
  std::optional<std::string> host, service;
  int family = 0, type = 0;
  // For the host and the service of an address: then it is not empty.
  SocketAddress address;
  int flags = 0;

  bool is_reverse() const noexcept { return address.size > 0; }
  // Equal for equal questions. May throw bad_alloc, as copies do.
  std::string key() const;
  // The system answers it without asking anybody: digits.
  bool is_immediate() const noexcept;
};

struct NameAnswer {
  struct Found {
    int family, type, protocol;
    std::string canonical_name;
    SocketAddress address;
  };

  int code = 0;      // EAI_..., or 0
  Status error = 0;  // where the code is EAI_SYSTEM or EAI_MEMORY: what that stands for
  std::vector<Found> found;
  std::string host, service;
};

NameAnswer ask_system(const NameQuestion &question) noexcept;
// The system's words for a code.
const char *name_error_text(int code) noexcept;

}  // namespace boucle
