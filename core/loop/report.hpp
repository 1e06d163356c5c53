// Report: what the exception handler is told. asyncio's context dict.
#pragma once

#include "base/error.hpp"

namespace boucle {

class Object;

struct Report {
  const char *message;
  Error *error = nullptr;
  Object *future = nullptr;  // a Future; which of them, the room above knows
  bool is_task = false;
  void *userdata = nullptr;  // of the callback that it is about
};

}  // namespace boucle
