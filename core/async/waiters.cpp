#include "async/waiters.hpp"

namespace boucle {

bool Waiter::cancel_itself(const Ref<Exception> &reason) noexcept {
  if (!Future::cancel_itself(reason)) return false;
  if (owner_) --owner_->not_cancelled_;
  return true;
}

Waiters::~Waiters() {
  while (Waiter *waiter = !pending_.empty()   ? at(pending_.front())
                          : !skipped_.empty() ? at(skipped_.front())
                                              : nullptr) {
    remove(*waiter);
  }
}

Local<Waiter> Waiters::add(Loop &loop) noexcept {
  Waiter *waiter = loop.heap.make<Waiter>();
  if (!waiter) return nullptr;
  waiter->owner_ = this;
  pending_.push_back(waiter->place_);
  ++not_cancelled_;
  return Local<Waiter>(waiter);  // the list keeps the first reference
}

void Waiters::remove(Waiter &waiter) noexcept {
  if (waiter.owner_ != this) return;
  waiter.owner_ = nullptr;
  waiter.place_.unlink();
  if (!waiter.cancelled()) --not_cancelled_;
  waiter.release();
}

Waiter *Waiters::next_pending() noexcept {
  while (!pending_.empty()) {
    Waiter *waiter = at(pending_.front());
    if (!waiter->done()) return waiter;
    skipped_.push_back(*pending_.pop_front());
  }
  return nullptr;
}

void Waiters::pop_and_wake() noexcept {
  while (Waiter *waiter = first()) {
    Local<Waiter> keep(waiter);
    remove(*waiter);
    if (waiter->set_result(nullptr) == 0) return;
  }
}

}  // namespace boucle
