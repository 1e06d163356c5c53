#include "loop/heap.hpp"

#include "loop/loop.hpp"

namespace boucle {

void Object::go() noexcept { loop_->heap.dispose_of(*this); }

void Object::last_reference() noexcept {
  if (!loop_->runs_elsewhere()) return go();
  // In the child of a fork it stays: nobody can say what the thread that ran the loop was doing with it.
  if (!loop_->is_forked()) loop_->heap.defer_free(*this);
}

void AnyRegistry::clear_references() noexcept {
  List cleared;
  while (!list_.empty()) {
    auto &object = static_cast<Registered &>(*list_.pop_front());
    cleared.push_back(object);
    object.retain();
    object.clear_references();
    object.release();
  }
  list_.splice_back(cleared);
}

void Heap::guest_gone() noexcept {
  object_gone();
  loop_.destroy_if_over();
}

// False if there is no memory for it: then it goes at once, for deeper is better than lost.
bool Heap::put_off(Object &object) noexcept {
  if (!try_allocate([&] { put_off_.push_back(&object); })) return false;
  object.shared_.store(0, std::memory_order_relaxed);
  return has_more_to_do_ = true;
}

// At the end of the outermost dispose().
void Heap::finish_disposing() noexcept {
  ++depth_;
  while (!put_off_.empty()) {
    Object *object = put_off_.back();
    put_off_.pop_back();
    // Whoever took a reference in the meantime, by a weak pointer, disposes of it later.
    if (object->shared_.load(std::memory_order_relaxed) == 0) object->dispose();
  }
  put_off_.shrink_to_fit();
  has_more_to_do_ = expects_end_;
  --depth_;
  loop_.destroy_if_over();
}

void Heap::defer_free(Object &object) noexcept {
  bool wake = false;
  // The run may have ended meanwhile, and the loop have gone.
  if (!loop_.scheduler.inbox.defer_free(object, object.next_deferred_, wake)) return dispose_of(object);
  if (wake) loop_.driver.wake();
}

void Heap::free_deferred(Object *newest) noexcept {
  Object *oldest = nullptr;
  for (Object *o = newest; o;) {
    Object *next = o->next_deferred_;
    o->next_deferred_ = oldest;
    oldest = o;
    o = next;
  }
  while (oldest) {
    Object *object = std::exchange(oldest, oldest->next_deferred_);
    object->loop_ = &loop_;
    dispose_of(*object);
  }
}

}  // namespace boucle
