#include "sys/process.hpp"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace boucle {

int this_process() noexcept { return static_cast<int>(getpid()); }

bool environment_flag(const char *name) noexcept {
  const char *value = secure_getenv(name);
  return value && strcmp(value, "1") == 0;
}

}  // namespace boucle
