#include "loop/object.hpp"

#include "loop/loop.hpp"

namespace boucle {

void Object::last_reference() noexcept {
  if (loop_->runs_elsewhere()) {
    loop_->bury(*this);
  } else {
    dispose();
  }
}

}  // namespace boucle
