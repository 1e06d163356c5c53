#include "async/future.hpp"

#include "async/cancellation.hpp"

namespace boucle {

const NodeType DoneCallback::kType = {run, drop};

void DoneCallback::run(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<DoneCallback &>(node);
  loop.dispatch.call_user(self.context, self.userdata.get(), [&] { self.fn(self.future(), self.userdata.get()); });
  drop(loop, node);
}

void DoneCallback::drop(Loop &loop, Node &node) noexcept {
  auto &self = static_cast<DoneCallback &>(node);
  Future *future = self.future();
  self.~DoneCallback();
  loop.heap.pool.deallocate(&self, sizeof(DoneCallback));
  if (future) future->release();
}

Local<Future> Future::make_local(Loop &loop) noexcept {
  return Local<Future>::adopt(loop.heap.make<Future>(Born::Local));
}

void Future::dispose() noexcept {
  if (report_before_dispose()) Heap::destroy(this);
}

bool Future::report_unretrieved() noexcept {
  unretrieved_ = false;
  revive();
  bool task = is_task();
  loop().dispatch.report(
      {.message = task ? "Task exception was never retrieved" : "Future exception was never retrieved",
       .exception = outcome_.exception_pointer(),
       .future = this,
       .is_task = task});
  return !still_held();
}

// What waits for a pending future that is destroyed is dropped: nothing can wake it any more.
void Future::drop_callbacks() noexcept {
  callback_count_ = 0;
  while (!callbacks_.empty()) {
    Node &node = *static_cast<Node *>(callbacks_.pop_front());
    node.subject = nullptr;
    node.type->drop(loop(), node);
  }
}

Status Future::check_completable() const noexcept {
  if (done()) return status::INVALIDSTATE;
  return has_callbacks() && loop().is_closed() ? status::CLOSED : 0;
}

Status Future::set_exception(Ref<Exception> exception) noexcept {
  if (Status s = check_completable()) return s;
  complete(State::Raised, std::move(exception));
  return 0;
}

bool Future::cancel_itself(const Ref<Exception> &reason) noexcept {
  unretrieved_ = false;
  if (done()) return false;
  complete(State::Cancelled, reason);
  return true;
}

Status Future::cancel(const Ref<Exception> &reason, bool &ret_cancelled) noexcept {
  if (kind_ != Kind::Plain) return Cancellation::of(*this, reason, ret_cancelled);
  if (check_completable() == status::CLOSED) return status::CLOSED;
  ret_cancelled = cancel_itself(reason);
  return 0;
}

bool Future::cancel_or_report(const Ref<Exception> &reason) noexcept {
  bool cancelled = false;
  if (Status s = cancel(reason, cancelled)) {
    Ref<Exception> exception = Outcome::of_status(s, nullptr).take_exception();
    loop().dispatch.report({.message = "Exception in callback", .exception = exception.get()});
  }
  return cancelled;
}

Ref<Exception> Future::exception() noexcept {
  unretrieved_ = false;
  if (!done()) return nullptr;
  Ref<Exception> exception = outcome_.exception();
  if (cancelled_once_) {
    cancelled_once_ = false;
    outcome_ = Exception::cancelled();
  }
  return exception;
}

Status Future::result(Ref<Value> &ret_value) noexcept {
  if (!done()) return status::INVALIDSTATE;
  if (cancelled()) return status::CANCELLED;  // its exception is read by future_cancelled_error
  Outcome outcome = this->outcome();
  if (Status s = outcome.status()) return s;
  ret_value = outcome.take_value();
  return 0;
}

Exception *Future::failure() noexcept {
  unretrieved_ = false;
  return state_ == State::Raised ? outcome_.exception_pointer() : nullptr;
}

void Future::remove_callback(Node &node) noexcept {
  node.unlink();
  node.subject = nullptr;
  --callback_count_;
}

Status Future::add_done_callback(FutureFn fn, Userdata userdata) noexcept {
  if (done() && loop().is_closed()) return status::CLOSED;
  void *memory = loop().heap.pool.allocate(sizeof(DoneCallback));
  if (!memory) return status::NO_MEMORY;
  add_callback(*new (memory) DoneCallback(fn, std::move(userdata), Ref<Context>(loop().dispatch.context)));
  return 0;
}

size_t Future::remove_done_callback(FutureFn fn, void *userdata) noexcept {
  List removed;
  size_t count = 0;
  for (Link *link = callbacks_.front(); link != callbacks_.end();) {
    Node &node = *static_cast<Node *>(link);
    link = link->next;
    if (node.type != &DoneCallback::kType) continue;
    auto &callback = static_cast<DoneCallback &>(node);
    if (callback.fn != fn || callback.userdata.get() != userdata) continue;
    remove_callback(node);
    removed.push_back(node);
    ++count;
  }
  // Not before all are removed: a destroy may call back into this future.
  while (!removed.empty()) DoneCallback::drop(loop(), *static_cast<Node *>(removed.pop_front()));
  return count;
}

}  // namespace boucle
