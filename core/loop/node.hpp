// Node: something that the loop will run once, on one queue at a time: the ready queue, a timer queue, or the list of a
// future's callbacks. Nodes are embedded in what they belong to, so that queueing never allocates and never fails.
#pragma once

#include <cstdint>

#include "base/list.hpp"

namespace boucle {

class Loop;
struct Callback;
struct Node;

struct NodeType {
  // Takes over whatever kept the node's owner alive while it was queued.
  void (*run)(Loop &loop, Node &node) noexcept;
  // The same, where the node will not be run: its queue goes.
  void (*drop)(Loop &loop, Node &node) noexcept;
  // For nodes that another thread posted: on the loop's thread, before the node is put on the ready queue.
  void (*arrive)(Loop &loop, Node &node) noexcept = nullptr;
  // The one callback that running the node would call now, for nodes that do nothing else; or nullptr.
  const Callback *(*callback)(Node &node) noexcept = nullptr;
  // For timers that may have been put off since they were queued: until when. nullptr: they stand by Node::deadline.
  int64_t (*put_off_until)(const Node &node) noexcept = nullptr;
};

struct Node : Link {
  static constexpr int64_t kUntimed = INT64_MIN;
  explicit Node(const NodeType &t) noexcept : type(&t), deadline(kUntimed) {}

  const NodeType *type;
  union {
    int64_t deadline;  // on a timer queue: nanoseconds; kUntimed once it has left
    void *subject;     // on a future's list, and after: that future
    struct {
      uint16_t next, end,
          size;  // of a Calls, in bytes: which is run next, where the last one ends, and where memory does
      bool plain;
    } calls;
  };
};

}  // namespace boucle
