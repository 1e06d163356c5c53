// ExecutorFuture: a future whose result is computed on one of the loop's worker threads. loop.run_in_executor().
//
// While the job is under way, the worker thread uses fn_, userdata_, status_ and result_; the loop's thread uses the
// rest. The workers own a local reference, which returns with the job.
#pragma once

#include "async/future.hpp"

namespace boucle {

// Called on a worker thread. Returns 0, and a reference to its result; or a status.
using ExecutorFn = int (*)(void *userdata, Value **ret_value);

class ExecutorFuture final : public Future, public WorkRequest {
 public:
  // Submits the job. The reference is the caller's, a shared one.
  static Status start(Loop &loop, ExecutorFn fn, Userdata userdata, Ref<Future> &ret_future) noexcept;

  // A job that has not begun is cancelled. One that has begun is not interrupted, and its result is dropped.
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
