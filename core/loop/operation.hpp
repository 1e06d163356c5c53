// Operation: something that was asked of the outside, and that ends exactly once:
//   ended      it comes back, as a node, through the inbox; whoever runs the node takes the result
//   cancelled  it had not begun, and never will
//
// From start to end it is on the driver's list, and its owner keeps it alive. Closing the loop cancels what can be
// cancelled, and waits for the rest.
#pragma once

#include "loop/node.hpp"
#include "sys/workers.hpp"

namespace boucle {

class Driver;

struct UnderWay : Link {};

struct Operation : UnderWay, Node {
  // Tries to take it back. False if it has begun.
  using Cancel = bool (*)(Driver &driver, Operation &operation) noexcept;
  // A job runs a user's function: whoever ends the loop in good order lets it end. A look-up is given up.
  enum class Kind { Job, Lookup };
  // `type.arrive` must call driver.operation_ended().
  Operation(Kind k, const NodeType &type, Cancel c) noexcept : Node(type), kind(k), cancel(c) {}

  const Kind kind;
  const Cancel cancel;
};

// A function that runs on one of the loop's worker threads.
struct WorkRequest : Job, Operation {
  // `work` must end with loop.post(request).
  WorkRequest(Work work, const NodeType &type) noexcept : Job(work), Operation(Kind::Job, type, cancel_work) {}

 private:
  static bool cancel_work(Driver &driver, Operation &operation) noexcept;
};

}  // namespace boucle
