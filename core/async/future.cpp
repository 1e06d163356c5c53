#include "async/future.hpp"

#include "async/cancellation.hpp"

namespace boucle {
namespace {

// A user's done-callback: from the loop's pool, owned by the queue that it is on.
struct DoneCallback : Node {
  DoneCallback(FutureFn f, Userdata u, Ref<Context> c) noexcept
      : Node(kType), fn(f), userdata(std::move(u)), context(std::move(c)) {}
  FutureFn fn;
  Userdata userdata;
  Ref<Context> context;

  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept {
    DoneCallback &self = static_cast<DoneCallback &>(node);
    Future *future = static_cast<Future *>(node.subject);
    loop.call_user(self.context, self.userdata.get(), [&] { self.fn(future, self.userdata.get()); });
    drop(loop, node);
  }
  static void drop(Loop &loop, Node &node) noexcept {
    Future *future = static_cast<Future *>(node.subject);
    DoneCallback &self = static_cast<DoneCallback &>(node);
    self.~DoneCallback();
    loop.pool().deallocate(&self, sizeof(DoneCallback));
    if (future) future->release();
  }
  static Due peek(Node &node) noexcept {
    DoneCallback &self = static_cast<DoneCallback &>(node);
    if (self.fn != hosted_done_call) return {};
    return {
        .what = Due::What::DoneCall, .userdata = self.userdata.get(), .future = static_cast<Future *>(node.subject)};
  }
};
const NodeType DoneCallback::kType = {run, drop, nullptr, peek};

}  // namespace

void hosted_done_call(Future *future, void *userdata) {
  Loop &loop = future->loop();
  future->retain();
  loop.reached = {.what = Due::What::DoneCall, .userdata = userdata, .future = future};
  loop.reached_context = Ref<Context>(loop.context);
}

Local<Future> Future::make_local(Loop &loop) noexcept {
  return Local<Future>::adopt(loop.make_object<Future>(Born::Local));
}

void Future::dispose() noexcept {
  if (report_before_dispose()) Loop::dispose_object(this);
}

bool Future::report_unretrieved() noexcept {
  unretrieved_ = false;
  revive();
  bool task = is_task();
  loop().report({.message = task ? "Task exception was never retrieved" : "Future exception was never retrieved",
                 .exception = outcome_.exception_pointer(),
                 .future = this,
                 .is_task = task});
  return !still_held();
}

// The waiters of a future that goes, pending, are dropped with it: nothing can wake them any more.
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

bool Future::cancel_alone(const Ref<Exception> &reason) noexcept {
  unretrieved_ = false;
  if (done()) return false;
  complete(State::Cancelled, reason);
  return true;
}

Status Future::cancel(const Ref<Exception> &reason, bool &ret_cancelled) noexcept {
  if (kind_ != Kind::Plain) return Cancellation::of(*this, reason, ret_cancelled);
  if (check_completable() == status::CLOSED) return status::CLOSED;
  ret_cancelled = cancel_alone(reason);
  return 0;
}

bool Future::cancel_or_report(const Ref<Exception> &reason) noexcept {
  bool cancelled = false;
  if (Status s = cancel(reason, cancelled)) {
    Ref<Exception> exception = Outcome::of_status(s, nullptr).take_exception();
    loop().report({.message = "Exception in callback", .exception = exception.get()});
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
  void *memory = loop().pool().allocate(sizeof(DoneCallback));
  if (!memory) return status::NO_MEMORY;
  add_callback(*new (memory) DoneCallback(fn, std::move(userdata), Ref<Context>(loop().context)));
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
  // Only now: a destroy may call back into this future.
  while (!removed.empty()) DoneCallback::drop(loop(), *static_cast<Node *>(removed.pop_front()));
  return count;
}

}  // namespace boucle
