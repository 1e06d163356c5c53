// Driver: whatever can wake the loop from outside: descriptors, signals, other threads, worker threads. It waits for
// them, and puts what comes of them on the ready queue. It counts in one place what may still come.
//
// The loop's thread only, but for wake().
#pragma once

#include <memory>
#include <span>

#include "loop/descriptors.hpp"
#include "loop/operation.hpp"
#include "loop/options.hpp"
#include "loop/signal_handlers.hpp"
#include "sys/io.hpp"
#include "sys/resolver.hpp"
#include "sys/waker.hpp"

namespace boucle {

using WaitFn = void (*)(Loop *loop, int begins, void *userdata);

class Driver {
 public:
  Driver(Loop &loop, const LoopOptions &options) noexcept;
  Status open(PollerKind kind) noexcept;

  Descriptors descriptors;
  SignalHandlers signals;

  // ---- sources ----
  Status set_interest(Source &source, unsigned interest) noexcept { return io_->set_interest(source, interest); }
  // The source goes, and the loop closes. The Io is asked until the last operation has ended: it must not result with what is
  // gone, nor because of it.
  void detach_at_close(Source &source) noexcept;
  // See Io::perform().
  bool perform(Transfer &transfer) noexcept { return io_->perform(transfer); }
  // Memory to receive into, for as long as nobody else runs; empty if there is none.
  std::span<char> landing() noexcept;
  // A descriptor that the library itself uses.
  bool is_own(int fd) const noexcept;
  int fd() const noexcept { return io_ ? io_->fd() : -1; }
  void handler_added() noexcept { ++handlers_; }
  void handlers_removed(size_t count) noexcept { handlers_ -= count; }

  // ---- operations ----
  // From here to its end whatever keeps the request alive is the workers'; it comes back with the node.
  Status start(WorkRequest &request) noexcept;
  // True if it had not begun: then it never will, and has come back.
  bool cancel(Operation &operation) noexcept;
  // It was handed over.
  void operation_began(Operation &operation) noexcept;
  // It came back.
  void operation_ended(Operation &operation) noexcept;
  size_t operations() const noexcept { return operation_count_; }
  size_t jobs() const noexcept { return job_count_; }
  bool cancel_work(WorkRequest &request) noexcept { return workers_->cancel(request); }
  // Whoever looks names up. Made by the first who asks for it; nullptr if there is no memory.
  Resolver *resolver() noexcept;
  // A query came back, perhaps after close().
  void query_ended(Query &query) noexcept {
    if (resolver_) resolver_->forget(query);
  }

  // ---- what may still come ----
  // Somebody waits for descriptors or signals.
  bool has_handlers() const noexcept { return handlers_ > 0; }
  // Something outside can still make the loop go on, timers and posts aside.
  bool can_be_woken() const noexcept { return handlers_ + operation_count_ > 0; }
  // A look at the descriptors may find something.
  bool needs_look() const noexcept { return handlers_ > 0 || poked_; }

  // ---- waiting ----
  static constexpr int64_t kNoLook = INT64_MIN;
  // Waits for results, at most so long: negative: without limit; 0: looks; kNoLook: not even that.
  std::span<const IoResult> wait(int64_t timeout_ns) noexcept;
  // Puts what is to run because of them, and what was posted, on the ready queue.
  void deliver(std::span<const IoResult> results) noexcept;
  // From any thread, and from signal handlers.
  void wake() noexcept { waker_.wake(); }
  // The waker was written to, or may have been.
  void expect_wake() noexcept { poked_ = true; }
  // Posts wake the loop by its descriptor only while it does not run.
  void begin_run() noexcept;
  void end_run() noexcept;

  // ---- the wait hook ----
  bool has_wait_hook() const noexcept { return wait_hook_.fn; }
  // BUSY inside of the hook. A host that is told of waits gives its lock up for them.
  Status set_wait_hook(WaitFn fn, Userdata userdata) noexcept;
  // After a post by a thread that has the host's lock.
  void wake_if_waiting() noexcept;

  // Detaches the sources, cancels or awaits the operations, joins the workers. Waits for no look-up.
  void close() noexcept;
  // What is dropped then, unless it was unlinked before.
  void drop_at_close(Node &node) noexcept { at_close_.push_back(node); }

 private:
  class WakeSource : public Source {
   public:
    WakeSource() noexcept : Source(-1, on_ready) {}
    Status open() noexcept;
    void wake() noexcept { waker_.wake(); }
    bool take_seen() noexcept { return std::exchange(seen_, false); }

   private:
    static void on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept;
    Waker waker_;
    bool seen_ = false;
  };

  void end_operations() noexcept;
  void call_wait_hook(bool begins) noexcept;
  void report_lost(int fd) noexcept;

  Loop &loop_;
  std::unique_ptr<Io> io_;
  WakeSource waker_;
  std::unique_ptr<char[]> landing_;
  bool poked_ = false;  // the waker was written to, and the Io must still see it, or its descriptor would stay readable
  size_t handlers_ = 0;

  const size_t worker_threads_;
  const int64_t worker_spin_ns_;
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Resolver> resolver_;
  List operations_;
  size_t operation_count_ = 0;
  size_t job_count_ = 0;  // among these

  struct {
    WaitFn fn = nullptr;
    Userdata userdata;
    bool is_called = false;
  } wait_hook_;
  bool wake_when_posted_ = false;  // under the host's lock: the loop waits, and was not woken yet
  List at_close_;
};

}  // namespace boucle
