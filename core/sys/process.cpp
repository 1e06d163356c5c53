#include "sys/process.hpp"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace boucle {

int this_process() noexcept { return static_cast<int>(getpid()); }

void yield_processor() noexcept { sched_yield(); }

bool environment_flag(const char *name) noexcept {
  const char *value = secure_getenv(name);
  return value && strcmp(value, "1") == 0;
}

}  // namespace boucle
