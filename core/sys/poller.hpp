// The poller seam: which descriptors are ready? Level-triggered. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/status.hpp"

namespace boucle {

inline constexpr unsigned kReadable = 1, kWritable = 2;
// With kReadable: each time that more can be read is reported once, and nobody need read it. A poller that cannot do that
// reports as ever, without kEdge.
inline constexpr unsigned kEdge = 4;
// Alone: the descriptor was closed while it was watched, and a duplicate of it is open. The poller has forgotten it.
inline constexpr unsigned kLost = 8;

struct Readiness {
  int fd;
  unsigned ready;  // kReadable | kWritable | kEdge; an error or a hang-up counts as both of the former. Or kLost
};

enum class PollerKind { Auto, Epoll, Poll };

class Poller {
 public:
  virtual ~Poller() = default;
  // Watches fd for `interest`, in the place of `before`; 0 is none. May fail only where interest grows.
  virtual Status set(int fd, unsigned interest, unsigned before) noexcept = 0;
  // Waits for at most timeout_ns (negative: no limit). The answer is lent until the next call. A signal ends the wait.
  virtual std::span<const Readiness> wait(int64_t timeout_ns) noexcept = 0;
  // A descriptor that is readable when one of those watched is ready; -1 if there is none.
  virtual int fd() const noexcept = 0;

  // Auto is what BOUCLE_POLLER in the environment says, else epoll. NOPOLLER if it says anything else.
  static Status make(PollerKind kind, std::unique_ptr<Poller> &ret_poller) noexcept;
};

}  // namespace boucle
