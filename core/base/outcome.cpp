#include "base/outcome.hpp"

#include "base/allocation.hpp"

namespace boucle {

Outcome Outcome::of_status(Status status, Ref<Value> value) noexcept {
  if (status == 0) return value;
  if (status > 0) {
    return Exception::make_or_no_memory("RuntimeError",
                                        "a function must return 0 or a negative status, not a positive number");
  }
  Ref<Exception> made;
  return try_allocate([&] { made = Exception::from_status(status); }) ? made : Exception::no_memory();
}

}  // namespace boucle
