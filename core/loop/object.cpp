// How objects go, and with the last of them their loop.
#include "loop/object.hpp"

#include <new>

#include "loop/loop.hpp"

namespace boucle {

void Object::go() noexcept { loop_->dispose_of(*this); }

void Object::last_reference() noexcept {
  if (!loop_->runs_elsewhere()) return go();
  // In the child of a fork it stays: nobody can say what the thread that ran the loop was doing with it.
  if (!loop_->is_forked()) loop_->bury(*this);
}

// False if there is no memory for it: then it goes at once, for deeper is better than lost.
bool Loop::put_off(Object &object) noexcept {
  try {
    put_off_.push_back(&object);
  } catch (const std::bad_alloc &) {
    return false;
  }
  object.shared_.store(0, std::memory_order_relaxed);
  more_to_dispose_ = true;
  return true;
}

// At the end of the outermost dispose().
void Loop::finish_disposing() noexcept {
  ++depth_;
  while (!put_off_.empty()) {
    Object *object = put_off_.back();
    put_off_.pop_back();
    // Whoever took a reference in the meantime, by a weak pointer, disposes of it later.
    if (object->shared_.load(std::memory_order_relaxed) == 0) object->dispose();
  }
  put_off_.shrink_to_fit();
  more_to_dispose_ = orphaned_;
  --depth_;
  if (is_over()) destroy();
}

// Futures hold their waiters, and these may hold futures: once no run can come any more, such cycles are cut, and the
// tasks in them reported.
void Loop::sever_all() noexcept {
  List severed;
  while (!futures_.empty()) {
    auto &future = static_cast<Registered &>(*futures_.pop_front());
    severed.push_back(future);
    future.retain();
    future.sever();
    future.release();
  }
  futures_.splice_back(severed);
}

void Loop::destroy() noexcept {
  if (context) std::exchange(context, nullptr)->unref();
  report_fn_ = nullptr;
  report_userdata_.reset();
  wait_hook_.fn = nullptr;
  wait_hook_.userdata.reset();
  unpin();
}

void Loop::bury(Object &object) noexcept {
  bool wake = false;
  // The run may have ended meanwhile, and the loop have gone.
  if (!inbox_.bury(object, object.next_grave_, wake)) return dispose_of(object);
  if (wake) waker_.wake();
}

void Loop::exhume(Object *newest) noexcept {
  Object *oldest = nullptr;
  for (Object *o = newest; o;) {
    Object *next = o->next_grave_;
    o->next_grave_ = oldest;
    oldest = o;
    o = next;
  }
  while (oldest) {
    Object *object = std::exchange(oldest, oldest->next_grave_);
    object->loop_ = this;
    dispose_of(*object);
  }
}

}  // namespace boucle
