// Future: asyncio.Future. The loop's thread only.
//
// Invariants: (1) callbacks_ is empty once the future is done: its callbacks, the wake-ups of tasks among them, then
// stand on the ready queue, in the order of their registration, each with a reference to the future; (2) a pending future
// keeps its waiters alive, while they refer to it weakly; if it dies pending, they are dropped; (3) what is done never
// changes.
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
  // The first reference is the caller's, a shared one (ref, unref) or a local one (retain, release).
  static Future *make(Loop &loop) noexcept { return loop.heap.make<Future>(); }
  static Local<Future> make_local(Loop &loop) noexcept;

  // Of what they wait for, tasks and gathers ask the same as they are asked: see cancellation.hpp.
  enum class Kind : uint8_t { Plain, Task, Gather };
  explicit Future(Loop &loop, Born born = Born::Shared, Kind kind = Kind::Plain) noexcept
      : Registered(loop, born), kind_(kind) {
    loop.heap.futures.add(*this);
  }

  bool done() const noexcept { return state_ != State::Pending; }
  bool cancelled() const noexcept { return state_ == State::Cancelled; }
  // Cancelled, or failed with a CancelledError. Retrieves nothing.
  bool ended_cancelled() const noexcept { return done() && outcome_.cancelled(); }
  bool is_task() const noexcept { return kind_ == Kind::Task; }
  inline Task *as_task() noexcept;  // see task.hpp

  // INVALIDSTATE if it is done, CLOSED if somebody waits and the loop is closed.
  Status set_result(Ref<Value> value) noexcept {
    if (done() || loop().is_closed()) [[unlikely]] {
      if (Status s = check_completable()) return s;
    }
    complete(State::Returned, std::move(value));
    return 0;
  }
  Status set_exception(Ref<Exception> exception) noexcept;
  // Asks it to end with a CancelledError. ret_cancelled: false if it is done already, or what it waits for is. Or, where
  // nothing has changed: CLOSED if somebody waits and the loop is closed, RECURSION if it waits for itself.
  Status cancel(const Ref<Exception> &reason, bool &ret_cancelled) noexcept;
  // The same where nobody is there to be told: a refusal is reported, as in asyncio what a callback raises.
  bool cancel_or_report(const Ref<Exception> &reason) noexcept;
  // Why it cannot be completed now, or 0.
  Status check_completable() const noexcept;

  // Of a done future: what result() and exception() give or raise. Its exception counts as retrieved from here on.
  Outcome outcome() noexcept {
    if (outcome_.failed()) [[unlikely]]
      return exception();
    return outcome_;
  }
  Ref<Exception> exception() noexcept;
  // 0 and its result; or CANCELLED, EXCEPTION, or INVALIDSTATE if it is not done. asyncio's result().
  Status result(Ref<Value> &ret_value) noexcept;
  // Whether it has a result, and lends it.
  bool returned(Value *&ret_value) const noexcept {
    if (state_ == State::Returned) ret_value = outcome_.value().get();
    return state_ == State::Returned;
  }
  // The exception of a future that failed without being cancelled, or nullptr; counts as retrieved.
  Exception *failure() noexcept;
  // asyncio's _make_cancelled_error(): also of a future that was not cancelled.
  virtual Ref<Exception> make_cancelled_error() noexcept { return cancelled() ? exception() : Exception::cancelled(); }
  // What a cancelled future says of itself where nothing is raised: asyncio's _cancel_message.
  Ref<Exception> cancel_message() const noexcept {
    return cancelled_once_ ? Exception::cancelled() : outcome_.exception();
  }

  // Queues the node for when the future is done; node.subject is the future from here on.
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

  // For each of them once, in order, however often it is given. `visit` neither throws nor calls a user.
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

  // Of one that passes nothing on: it is cancelled. False if it is done already.
  virtual bool cancel_itself(const Ref<Exception> &reason) noexcept;
  // A cancellation goes on to what it waits for.
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
  // outcome_ says how.
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
  // Reports an exception that nobody retrieved. False if the report's reader kept the future.
  bool report_before_dispose() noexcept { return !unretrieved_ || report_unretrieved(); }
  bool report_unretrieved() noexcept;

  const Kind kind_;
  State state_ = State::Pending;
  bool unretrieved_ = false;
  // A task that ended with a CancelledError raises that very one at the first reading, and plain ones ever after.
  bool cancelled_once_ : 1 = false;
  bool visited_ : 1 = false;  // by for_each_distinct
  enum class Mark : uint8_t { None, OnPath, Checked, Requested };
  Mark mark_ : 2 = Mark::None;  // by a Cancellation
  uint8_t spare_ : 4 = 0;       // so that the eight bytes from kind_ on are written at once
  uint32_t callback_count_ = 0;
  Outcome outcome_;  // how it ended; until then it is the derived class's to use

 private:
  List callbacks_;
};

// A user's done-callback: from the loop's pool, owned by the queue that it is on.
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
