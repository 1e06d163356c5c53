#include "loop/inbox.hpp"

#include <cstdlib>
#include <new>

namespace boucle {

bool Inbox::post(Callback &&callback, bool alone, bool &ret_woken) noexcept {
  Mutex::Lock lock(mutex_);
  Callback *place = alone ? nullptr : nodes_.room();
  if (!place) {
    uint16_t capacity = alone ? 1 : nodes_.next_capacity();
    void *memory = std::malloc(Calls::size_of(capacity));
    if (!memory) return false;
    nodes_.open(*new (memory) Calls(Calls::kPosted, capacity));
    place = nodes_.room();
  }
  new (place) Callback(std::move(callback));
  ret_woken = filled();
  return true;
}

}  // namespace boucle
