// Errand: a job for the loop's workers. When it has run, on one of their threads, it posts itself, as a node; the loop
// runs it like any other.
#pragma once

#include "loop/node.hpp"
#include "sys/workers.hpp"

namespace boucle {

struct Errand : Job, Node {
  // `work` must end with loop.post(errand), `type.arrive` must call loop.errand_arrived().
  Errand(Work work, const NodeType &type) noexcept : Job(work), Node(type) {}
};

}  // namespace boucle
