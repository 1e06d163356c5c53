// Waker: makes a poller that waits return. wake() may be called in any thread and in signal handlers.
#pragma once

#include "base/status.hpp"
#include "sys/fd.hpp"

namespace boucle {

class Waker {
 public:
  Status open() noexcept;
  int fd() const noexcept { return event_.get(); }
  void wake() noexcept;
  // Makes the descriptor no longer readable.
  void clear() noexcept;

 private:
  Fd event_;
};

}  // namespace boucle
