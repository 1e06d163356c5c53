#include "async/shield.hpp"

#include "async/continuation.hpp"

namespace boucle {
namespace {

// The outer future of shield(). The continuation on the inner future keeps it alive, and the one on itself the inner
// future.
class Shield final : public Future {
 public:
  explicit Shield(Loop &loop) noexcept : Future(loop) {}

  void follow(Future &inner) noexcept {
    inner_continuation_.attach(inner, on_inner_done, *this);
    outer_continuation_.attach(*this, on_outer_done, inner);
  }

 private:
  friend class boucle::Heap;
  ~Shield() = default;
  void dispose() noexcept override {
    if (report_before_dispose()) Heap::destroy(this);
  }

  static void on_inner_done(Continuation &continuation, Future &inner) noexcept {
    Shield &outer = *static_cast<Shield *>(static_cast<Future *>(continuation.target));
    Exception *failure = inner.failure();  // counts as retrieved
    if (outer.done()) return;
    if (inner.cancelled()) {
      // asyncio cancels the outer one without the message.
      outer.complete(State::Cancelled, Exception::cancelled());
    } else if (failure) {
      outer.complete(State::Raised, Ref<Exception>(failure));
    } else {
      outer.complete(State::Returned, inner.outcome());
    }
  }

  static void on_outer_done(Continuation &, Future &outer) noexcept {
    // If the inner future is done, its continuation is on the ready queue, and is called.
    Continuation &continuation = static_cast<Shield &>(outer).inner_continuation_;
    if (continuation.linked() && !static_cast<Future *>(continuation.subject)->done()) continuation.detach();
  }

  Continuation inner_continuation_, outer_continuation_;
};

}  // namespace

Future *shield(Loop &loop, Future &future) noexcept {
  if (future.done()) {
    future.ref();
    return &future;
  }
  Shield *outer = loop.heap.make<Shield>();
  if (outer) outer->follow(future);
  return outer;
}

}  // namespace boucle
