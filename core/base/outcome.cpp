#include "base/outcome.hpp"

#include <new>

namespace boucle {

Outcome Outcome::of_status(Status status, Ref<Value> value) noexcept {
  if (status == 0) return value;
  if (status > 0) {
    return Exception::plain("RuntimeError", "a function must return 0 or a negative status, not a positive number");
  }
  try {
    return Exception::from_status(status);
  } catch (const std::bad_alloc &) {
    return Exception::no_memory();
  }
}

}  // namespace boucle
