#include "sys/fd.hpp"

#include <unistd.h>

namespace boucle {

void Fd::reset() noexcept {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace boucle
