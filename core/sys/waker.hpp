// A waker: makes a sleeping poller return, from any thread and from signal handlers.
#pragma once

#include "base/status.hpp"
#include "sys/fd.hpp"

namespace boucle {

class Waker {
 public:
  Status open() noexcept;
  int fd() const noexcept { return event_.get(); }
  void wake() noexcept;
  // Makes its descriptor unreadable again.
  void clear() noexcept;

 private:
  Fd event_;
};

}  // namespace boucle
