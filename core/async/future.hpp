// Future: asyncio.Future. The loop's thread only.
//
// Invariants: (1) callbacks_ is empty once the future is done: its callbacks and the tasks that await it are then on
// the ready queue, in the order of their registration, each with a reference to the future; (2) a pending future keeps
// what is in callbacks_ alive, which refers to it weakly; if it is destroyed while it is pending, that is dropped; (3)
// a done future does not change.
#pragma once

#include <span>

#include "base/outcome.hpp"
#include "loop/loop.hpp"

namespace boucle {

class Future;
class Task;
using FutureFn = void (*)(Future *future, void *userdata);

class Future : public Registered {
 public:
  // The first reference is the caller's: a shared one (ref, unref) or a local one (retain, release).
  static Future *make(Loop &loop) noexcept { return loop.heap.make<Future>(); }
  static Local<Future> make_local(Loop &loop) noexcept;

  // Tasks and gathers forward a cancellation to what they await: see cancellation.hpp.
  enum class Kind : uint8_t { Plain, Task, Gather };
  explicit Future(Loop &loop, Born born = Born::Shared, Kind kind = Kind::Plain) noexcept
      : Registered(loop, born), kind_(kind) {
    loop.heap.futures.add(*this);
  }

  bool done() const noexcept { return state_ != State::Pending; }
  bool cancelled() const noexcept { return state_ == State::Cancelled; }
  // Whether it was cancelled, or failed with a CancelledError. The exception does not count as retrieved.
  bool ended_cancelled() const noexcept { return done() && outcome_.cancelled(); }
  bool is_task() const noexcept { return kind_ == Kind::Task; }
  inline Task *as_task() noexcept;  // see task.hpp

  // INVALIDSTATE if it is done; CLOSED if it has callbacks and the loop is closed.
  Status set_result(Ref<Value> value) noexcept {
    if (done() || loop().is_closed()) [[unlikely]] {
      if (Status s = check_completable()) return s;
    }
    complete(State::Returned, std::move(value));
    return 0;
  }
  Status set_exception(Ref<Exception> exception) noexcept;
  // Requests that it ends with a CancelledError. ret_cancelled is false if it is done, or all that it awaits is. If it
  // fails, nothing has changed: CLOSED if it has callbacks and the loop is closed, RECURSION if it awaits itself.
  Status cancel(const Ref<Exception> &reason, bool &ret_cancelled) noexcept;
  // The same in a callback of the core: a failure is reported, as asyncio reports what a callback raises.
  bool cancel_or_report(const Ref<Exception> &reason) noexcept;
  // Returns why it cannot be completed now, or 0.
  Status check_completable() const noexcept;

  // Of a done future: what result() and exception() return or raise. The exception counts as retrieved.
  Outcome outcome() noexcept {
    if (outcome_.failed()) [[unlikely]]
      return exception();
    return outcome_;
  }
  Ref<Exception> exception() noexcept;
  // asyncio's result(): returns 0 and the result; or CANCELLED, EXCEPTION; or INVALIDSTATE if it is not done.
  Status result(Ref<Value> &ret_value) noexcept;
  // Whether it has a result. Lends it.
  bool returned(Value *&ret_value) const noexcept {
    if (state_ == State::Returned) ret_value = outcome_.value().get();
    return state_ == State::Returned;
  }
  // The exception of a future that failed and was not cancelled, or nullptr. It counts as retrieved.
  Exception *failure() noexcept;
  // asyncio's _make_cancelled_error(): also of a future that was not cancelled.
  virtual Ref<Exception> make_cancelled_error() noexcept { return cancelled() ? exception() : Exception::cancelled(); }
  // The CancelledError of a cancelled future where none is raised: asyncio's _cancel_message.
  Ref<Exception> cancel_message() const noexcept {
    return cancelled_once_ ? Exception::cancelled() : outcome_.exception();
  }

  // The node is scheduled when the future is done. node.subject is the future from here on.
  void add_callback(Node &node) noexcept {
    node.subject = this;
    if (!done()) [[likely]] {
      ++callback_count_;
      callbacks_.push_back(node);
    } else {
      retain();
      loop().scheduler.schedule(node);
    }
  }
  // Of a pending future.
  void remove_callback(Node &node) noexcept;
  bool has_callbacks() const noexcept { return callback_count_ > 0; }

  Status add_done_callback(FutureFn fn, Userdata userdata) noexcept;
  size_t remove_done_callback(FutureFn fn, void *userdata) noexcept;

  // Calls visit for each of them once, in order, even if it is given several times. `visit` calls no user code.
  template <class F>
  static void for_each_distinct(std::span<Future *const> futures, F &&visit) noexcept {
    for (Future *future : futures) {
      if (future->visited_) continue;
      future->visited_ = true;
      visit(*future);
    }
    for (Future *future : futures) future->visited_ = false;
  }

  void clear_references() noexcept override { drop_callbacks(); }

 protected:
  friend class Heap;
  friend class Task;
  friend class Cancellation;
  enum class State : uint8_t { Pending, Returned, Raised, Cancelled };

  // Cancels this future and forwards nothing. Returns false if it is done already.
  virtual bool cancel_itself(const Ref<Exception> &reason) noexcept;
  // Whether a cancellation is forwarded to what it awaits.
  bool forwards_cancel() const noexcept { return kind_ != Kind::Plain && !done(); }

  ~Future() {
    if (!has_callbacks()) [[likely]]
      return;
    unregister();
    drop_callbacks();
  }
  void dispose() noexcept override;
  // Of a pending future.
  void complete(State state, Outcome outcome) noexcept {
    outcome_ = std::move(outcome);
    complete(state);
  }
  // The same, with outcome_.
  void complete(State state) noexcept {
    state_ = state;
    unretrieved_ = state == State::Raised;
    if (callback_count_ > 0) [[likely]]
      wake_waiters();
  }
  void wake_waiters() noexcept {
    retain(std::exchange(callback_count_, 0));
    loop().scheduler.schedule_all(callbacks_);
  }
  void drop_callbacks() noexcept;
  // Reports an exception that nobody retrieved. Returns false if the exception handler kept the future.
  bool report_before_dispose() noexcept { return !unretrieved_ || report_unretrieved(); }
  bool report_unretrieved() noexcept;

  const Kind kind_;
  State state_ = State::Pending;
  bool unretrieved_ = false;
  // A task that ended with a CancelledError raises that one when it is read first, and plain ones later.
  bool cancelled_once_ : 1 = false;
  bool visited_ : 1 = false;  // by for_each_distinct
  enum class Mark : uint8_t { None, OnPath, Checked, Requested };
  Mark mark_ : 2 = Mark::None;  // of a Cancellation
  uint8_t spare_ : 4 = 0;       // so that the eight bytes from kind_ on are written by one instruction
  uint32_t callback_count_ = 0;
  Outcome outcome_;  // of a done future; before that, the derived class may use it

 private:
  List callbacks_;
};

// A user's done-callback, in memory of the loop's pool. The queue that it is on owns it.
struct DoneCallback : Node {
  DoneCallback(FutureFn f, Userdata u, Ref<Context> c) noexcept
      : Node(kType), fn(f), userdata(std::move(u)), context(std::move(c)) {}
  Future *future() const noexcept { return static_cast<Future *>(subject); }

  FutureFn fn;
  Userdata userdata;
  Ref<Context> context;

  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept;
  static void drop(Loop &loop, Node &node) noexcept;
};

}  // namespace boucle
