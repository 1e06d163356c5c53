// Report: what the exception handler is told. asyncio's context dict.
#pragma once

#include "base/exception.hpp"

namespace boucle {

class Object;

struct Report {
  const char *message;
  Exception *exception = nullptr;
  Object *future = nullptr;  // a Future; which of them, the room above knows
  bool is_task = false;
  void *userdata = nullptr;  // of the callback that it is about
};

}  // namespace boucle
