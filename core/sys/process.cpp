#include "sys/process.hpp"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

namespace boucle {

void yield_processor() noexcept { sched_yield(); }

bool environment_flag(const char *name) noexcept {
  const char *value = secure_getenv(name);
  return value && strcmp(value, "1") == 0;
}

}  // namespace boucle
