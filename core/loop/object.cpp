#include "loop/object.hpp"

#include "loop/loop.hpp"

namespace boucle {

void Object::last_reference() noexcept {
  if (loop_->runs_elsewhere()) {
    loop_->bury(*this);
  } else {
    loop_->dispose_of(*this);
  }
}

void Object::go() noexcept { loop_->dispose_of(*this); }

}  // namespace boucle
