// SocketFuture: a future for what is done with a descriptor of the user's. asyncio's loop.sock_... family.
//
// It is tried at once; if that would block, it waits in the descriptor's queue, as a node, behind those that came
// before, and is tried again whenever its turn comes. The memory that the system writes to and reads from is the
// core's.
//
// The loop's thread only. Invariant: while it is in that queue, or on the ready queue after that, it has a local
// reference to itself.
#pragma once

#include "async/future.hpp"

namespace boucle {

class SocketFuture final : public Future, public Node {
 public:
  // Each fails with what Descriptors::wait() says; what the system says of the descriptor later fails the future.
  // Until it is readable, or writable; nil.
  static Status wait(Loop &loop, int fd, unsigned direction, Ref<Future> &ret_future) noexcept;
  // At most `most` bytes; none at the end.
  static Status receive(Loop &loop, int fd, size_t most, Ref<Future> &ret_future) noexcept;
  // All of the bytes, which are copied; nil.
  static Status send_all(Loop &loop, int fd, const void *data, size_t size, Ref<Future> &ret_future) noexcept;
  // A connection: a value that owns its descriptor, see OwnedFd.
  static Status accept(Loop &loop, int fd, Ref<Future> &ret_future) noexcept;

  bool cancel_itself(const Ref<Exception> &reason) noexcept override;

 private:
  friend class Heap;
  enum class What : uint8_t { Wait, Receive, SendAll, Accept };
  SocketFuture(Loop &loop, What what, int fd) noexcept : Future(loop), Node(kType), what_(what) { transfer_.fd = fd; }
  void dispose() noexcept override;

  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;

  static Status start(SocketFuture *operation, Ref<Future> &ret_future) noexcept;
  Status queue(bool again) noexcept;
  bool attempt() noexcept;
  bool attempt_receive() noexcept;
  bool attempt_send_all() noexcept;
  bool attempt_accept() noexcept;
  void fail(Status status) noexcept;
  void fail_as_transfer() noexcept;
  template <class Make>
  void succeed(Make &&make) noexcept;

  const What what_;
  bool queued_ = false;
  Transfer transfer_{};
  size_t size_ = 0;  // the most to receive; what is to be sent
  size_t sent_ = 0;
  Ref<Value> data_;  // what is to be sent
};

// A descriptor in a value that closes it with its last reference, unless somebody has taken it.
class OwnedFd {
 public:
  // Throws bad_alloc; then the descriptor is closed.
  static Ref<Value> make_value(int fd);
  // -1 if it was taken. KIND if the value is of another kind.
  static Status take(const Value *value, int &ret_fd) noexcept;
};

}  // namespace boucle
