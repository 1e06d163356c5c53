// Names: look-ups of names and addresses, by getaddrinfo(3) and getnameinfo(3). They may take minutes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/address.hpp"

namespace boucle {

struct NameQuestion {
  // To find the addresses of a host and a service; one of these may be missing.
  std::optional<std::string> host, service;
  int family = 0, type = 0;
  // To find the host and the service of an address. It is empty otherwise.
  SocketAddress address;
  int flags = 0;

  bool is_reverse() const noexcept { return address.size > 0; }
  // Returns the same text for the same question. May throw bad_alloc, as copies do.
  std::string key() const;
  // Returns true if the system need not ask a server, because what is asked for is in digits.
  bool is_immediate() const noexcept;
};

struct NameAnswer {
  struct Found {
    int family, type, protocol;
    std::string canonical_name;
    SocketAddress address;
  };

  int code = 0;      // EAI_..., or 0
  Status error = 0;  // if the code is EAI_SYSTEM or EAI_MEMORY: the status that it stands for
  std::vector<Found> found;
  std::string host, service;
};

NameAnswer ask_system(const NameQuestion &question) noexcept;
// Returns the system's text for a code.
const char *name_error_text(int code) noexcept;

}  // namespace boucle
