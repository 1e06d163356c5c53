// ExecutorFuture: a future whose result is computed on one of the loop's worker threads. loop.run_in_executor().
//
// While the request is under way, fn_, userdata_, status_ and result_ are the worker's. All else is the loop's thread's.
// The workers own a local reference, which comes back with the request.
#pragma once

#include "async/future.hpp"

namespace boucle {

// Called on a worker thread. Writes its result, a reference, and returns 0; or a status.
using ExecutorFn = int (*)(void *userdata, Value **ret_value);

class ExecutorFuture final : public Future, public WorkRequest {
 public:
  // The reference is the caller's, a shared one.
  static Status start(Loop &loop, ExecutorFn fn, Userdata userdata, Ref<Future> &ret_future) noexcept;

  // A job that has not begun is dropped; one that has is left to end, and its result dropped.
  bool cancel_itself(const Ref<Exception> &reason) noexcept override;

 private:
  friend class Heap;
  ExecutorFuture(Loop &loop, ExecutorFn fn, Userdata userdata) noexcept
      : Future(loop), WorkRequest(work, kType), fn_(fn), userdata_(std::move(userdata)) {}
  void dispose() noexcept override;

  static const NodeType kType;
  static void work(Job &job) noexcept;
  static void arrive(Loop &loop, Node &node) noexcept;
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;
  Outcome ending() noexcept;

  ExecutorFn fn_;
  Userdata userdata_;
  Value *result_ = nullptr;
  Status status_ = 0;
};

}  // namespace boucle
