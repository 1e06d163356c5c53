#include "async/offload.hpp"

namespace boucle {

const NodeType Offload::kType = {.run = Offload::run, .drop = Offload::drop, .arrive = Offload::arrive};

Status Offload::start(Loop &loop, ExecutorFn fn, Userdata userdata, Ref<Future> &ret_future) noexcept {
  void *memory = loop.heap.pool.allocate(sizeof(Offload));
  if (!memory) return status::NO_MEMORY;
  loop.heap.object_made();
  auto *offload = new (memory) Offload(loop, fn, std::move(userdata));
  auto made = Ref<Future>::adopt(offload);
  offload->retain();
  if (Status s = loop.driver.start(*offload)) {
    offload->release();
    return s;
  }
  ret_future = std::move(made);
  return 0;
}

void Offload::dispose() noexcept {
  if (report_before_dispose()) Heap::destroy(this);
}

bool Offload::cancel_alone(const Ref<Exception> &reason) noexcept {
  if (!Future::cancel_alone(reason)) return false;
  if (loop().driver.cancel(*this)) drop(loop(), *this);
  return true;
}

// ---- on a worker thread ----

void Offload::work(Job &job) noexcept {
  auto &self = static_cast<Offload &>(static_cast<WorkRequest &>(job));
  self.status_ = self.fn_(self.userdata_.get(), &self.result_);
  self.loop().post(self);
}

// ---- back ----

void Offload::arrive(Loop &loop, Node &node) noexcept { loop.driver.operation_ended(static_cast<Operation &>(node)); }

void Offload::run(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<Offload &>(static_cast<WorkRequest &>(static_cast<Operation &>(node)));
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

void Offload::drop(Loop &, Node &node) noexcept {
  auto &self = static_cast<Offload &>(static_cast<WorkRequest &>(static_cast<Operation &>(node)));
  self.userdata_.reset();
  Value::unref(std::exchange(self.result_, nullptr));
  self.release();
}

Outcome Offload::ending() noexcept {
  auto value = Ref<Value>::adopt(std::exchange(result_, nullptr));
  if (status_ == status::EXCEPTION && Value::kind_of(value.get()) == ValueKind::Exception) {
    return Ref<Exception>(value->exception());
  }
  return Outcome::of_status(status_, std::move(value));
}

}  // namespace boucle
