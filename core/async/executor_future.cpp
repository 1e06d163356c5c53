#include "async/executor_future.hpp"

namespace boucle {

const NodeType ExecutorFuture::kType = {
    .run = ExecutorFuture::run, .drop = ExecutorFuture::drop, .arrive = ExecutorFuture::arrive};

Status ExecutorFuture::start(Loop &loop, ExecutorFn fn, Userdata userdata, Ref<Future> &ret_future) noexcept {
  void *memory = loop.heap.pool.allocate(sizeof(ExecutorFuture));
  if (!memory) return status::NO_MEMORY;
  loop.heap.object_made();
  auto *future = new (memory) ExecutorFuture(loop, fn, std::move(userdata));
  auto made = Ref<Future>::adopt(future);
  future->retain();
  if (Status s = loop.driver.start(*future)) {
    future->release();
    return s;
  }
  ret_future = std::move(made);
  return 0;
}

void ExecutorFuture::dispose() noexcept {
  if (report_before_dispose()) Heap::destroy(this);
}

bool ExecutorFuture::cancel_itself(const Ref<Exception> &reason) noexcept {
  if (!Future::cancel_itself(reason)) return false;
  if (loop().driver.cancel(*this)) drop(loop(), *this);
  return true;
}

// ---- on a worker thread ----

void ExecutorFuture::work(Job &job) noexcept {
  auto &self = static_cast<ExecutorFuture &>(static_cast<WorkRequest &>(job));
  self.status_ = self.fn_(self.userdata_.get(), &self.result_);
  self.loop().post(self);
}

// ---- back on the loop's thread ----

void ExecutorFuture::arrive(Loop &loop, Node &node) noexcept {
  loop.driver.operation_ended(static_cast<Operation &>(node));
}

void ExecutorFuture::run(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<ExecutorFuture &>(static_cast<WorkRequest &>(static_cast<Operation &>(node)));
  self.userdata_.reset();
  if (!self.done()) {
    Outcome outcome = self.ending();
    if (!outcome.failed()) {
      self.complete(State::Returned, std::move(outcome));
    } else {
      self.complete(outcome.cancelled() ? State::Cancelled : State::Raised, std::move(outcome));
    }
  }
  drop(loop, node);
}

void ExecutorFuture::drop(Loop &, Node &node) noexcept {
  auto &self = static_cast<ExecutorFuture &>(static_cast<WorkRequest &>(static_cast<Operation &>(node)));
  self.userdata_.reset();
  Value::unref(std::exchange(self.result_, nullptr));
  self.release();
}

Outcome ExecutorFuture::ending() noexcept {
  auto value = Ref<Value>::adopt(std::exchange(result_, nullptr));
  if (status_ == status::EXCEPTION && Value::kind_of(value.get()) == ValueKind::Exception) {
    return Ref<Exception>(value->exception());
  }
  return Outcome::of_status(status_, std::move(value));
}

}  // namespace boucle
