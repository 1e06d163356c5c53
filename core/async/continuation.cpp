#include "async/continuation.hpp"

namespace boucle {

const NodeType Continuation::kType = {
    [](Loop &, Node &node) noexcept {
      Continuation &continuation = static_cast<Continuation &>(node);
      Future *future = static_cast<Future *>(node.subject);
      Object *target = continuation.target;
      continuation.fn(continuation, *future);  // may destroy the continuation
      future->release();
      target->release();
    },
    [](Loop &, Node &node) noexcept {
      Continuation &continuation = static_cast<Continuation &>(node);
      Future *future = static_cast<Future *>(node.subject);
      Object *target = continuation.target;
      if (future) future->release();
      target->release();
    },
};

}  // namespace boucle
