// Loop: the machine. One turn, in numbered phases:
//
//   1. take what other threads posted
//   2. compute how long to wait: not at all if something is ready, else until the next timer
//   3. poll
//   4. readiness -> ready queue
//   5. due timers, by (deadline, order of scheduling) -> ready queue
//   6. drain a snapshot of the ready queue; user code is called from here, and from here only
//
// Threads: a loop belongs to the thread that runs it; post() and wake() may be called from any.
//
// Invariants: (1) a node is on one queue at most, and its queue keeps its owner alive; (2) what a callback schedules runs
// in a later turn; (3) dispatch never allocates for its own sake; (4) after close() all queues are empty for good.
#pragma once

#include <atomic>
#include <memory>
#include <new>
#include <vector>

#include "base/pool.hpp"
#include "loop/callback.hpp"
#include "loop/errand.hpp"
#include "loop/inbox.hpp"
#include "loop/object.hpp"
#include "loop/options.hpp"
#include "loop/report.hpp"
#include "loop/run_queue.hpp"
#include "loop/timer_queue.hpp"
#include "loop/watchers.hpp"
#include "sys/clock.hpp"
#include "sys/poller.hpp"
#include "sys/fork.hpp"
#include "sys/signals.hpp"
#include "sys/stack.hpp"
#include "sys/waker.hpp"

namespace boucle {

class Task;

using ReportFn = void (*)(Loop *loop, const Report *report, void *userdata);
using WaitFn = void (*)(Loop *loop, int begins, void *userdata);

class Loop {
 public:
  static Status make(const LoopOptions &options, Loop *&ret_loop) noexcept;
  void ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void unref() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_reference();
  }

  // ---- state ----
  bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }
  // Only its objects hold the loop: nobody may be given it any more.
  bool is_orphaned() const noexcept { return orphaned_; }
  bool is_running() const noexcept {
    return state() == State::Runs || hosted_.load(std::memory_order_relaxed);
  }
  bool runs_here() const noexcept { return running_ == this; }
  bool runs_elsewhere() const noexcept { return !runs_here() && state() == State::Runs; }
  // Made before a fork, in its parent: what the poller, the waker and the signal pipe have is shared with that.
  bool is_forked() const noexcept { return state_.load(std::memory_order_relaxed) / kFork != fork_count() / kFork; }
  // 0, or why it cannot be worked with in this thread.
  Status check_access() const noexcept { return runs_here() || is_idle() ? 0 : refusal(); }
  // The same; CLOSED if it is closed.
  Status check_open() const noexcept {
    if (runs_here() || is_idle()) [[likely]] return 0;
    return is_closed() ? status::CLOSED : refusal();
  }
  // Before something is put on the ready queue from outside of a run: it comes after all that was posted.
  void settle_posts() noexcept {
    if (is_idle()) take_posted();
  }
  static Loop *running_here() noexcept { return running_; }
  // That, or else the one that set_current() made this thread's: see current.cpp.
  static Loop *current_here() noexcept;
  static Status set_current(Loop *loop) noexcept;

  // ---- running ----
  Status run_forever() noexcept;
  Status run_once(int64_t limit_ns) noexcept;
  void stop() noexcept { stopping_ = true; }
  Status stop_threadsafe() noexcept;
  Status close() noexcept;
  // Why a run cannot begin, or 0.
  Status check_run(bool hosts_itself = false) const noexcept;
  // The exception that makes the run end, now that its callback is over. Keeps the first.
  void leave(Ref<Exception> exception) noexcept;
  Ref<Exception> take_exit() noexcept { return std::move(exit_); }
  // The exception of the callback that is running.
  Status raise(Ref<Exception> exception) noexcept;
  // A run by a host that comes and goes (async/host.hpp): from begin to end the loop is running, though in no thread but
  // while an Entry lives.
  class Entry;
  Status begin_hosted() noexcept;
  void end_hosted() noexcept;
  bool is_hosted() const noexcept { return hosted_.load(std::memory_order_relaxed); }
  // Phases 1 to 5, and the snapshot.
  Status next_turn() noexcept;
  // What is next in the snapshot, or nullptr.
  Node *next_node() noexcept { return batch_.empty() ? nullptr : static_cast<Node *>(batch_.front()); }
  // The one after; nullptr at the end.
  Node *node_after(Node &node) noexcept { return node.next == batch_.end() ? nullptr : static_cast<Node *>(node.next); }
  void run_next_node() noexcept;
  bool is_stopping() const noexcept { return stopping_; }
  bool is_left() const noexcept { return static_cast<bool>(exit_); }
  // Calls a user's callback in that context, and sees to what it raised. `userdata` is for the report.
  template <class Fn>
  void call_user(Ref<Context> in, void *userdata, Fn &&fn) noexcept {
    InCallback inside(*this);
    call_in(in.take(), userdata, fn);
  }
  // The same, inside; it owns the context. False if the run is to end here.
  template <class Fn>
  bool call_in(Context *own, void *userdata, Fn &&fn) noexcept {
    Context *outer = std::exchange(context, own);
    fn();
    if (Context *inner = std::exchange(context, outer)) [[unlikely]] inner->unref();
    return !raised_ || see_to_raised(userdata);
  }
  // While it lives, what is called may raise.
  class InCallback {
   public:
    explicit InCallback(Loop &loop) noexcept : loop_(loop), nested_(std::exchange(loop.in_callback_, true)) {}
    ~InCallback() { loop_.in_callback_ = nested_; }

   private:
    Loop &loop_;
    bool nested_;
  };

  // ---- time ----
  int64_t now() noexcept { return clock_.now(); }
  int64_t now_anywhere() noexcept { return runs_elsewhere() ? clock_.now_elsewhere() : now(); }
  // How long a foreign loop may wait before the next run_once: 0 not at all, negative without limit.
  int64_t timeout_ns() noexcept;
  int fd() const noexcept { return is_closed() ? -1 : poller_->fd(); }

  // ---- scheduling: never fails ----
  void schedule(Node &node) noexcept { ready_.push(node); }
  void schedule_all(List &nodes) noexcept { ready_.push_all(nodes); }
  // To be run next: it was left in the middle.
  void put_back(Node &node) noexcept { batch_.push_front(node); }
  void schedule_at(Node &node, int64_t deadline) noexcept {
    node.deadline = deadline;
    timers_.add(node);
  }
  // Whether the timer, whose type tells until when, may just be put off. On a virtual clock it may not: there deadlines are
  // often equal, and it would come after others that were armed later.
  bool may_put_off(const Node &node, int64_t until) const noexcept {
    return until >= node.deadline && !clock_.is_virtual();
  }
  void reschedule_timer(Node &node, int64_t deadline) noexcept { timers_.move(node, deadline); }
  void unschedule_timer(Node &node) noexcept { timers_.remove(node); }
  // The same where nothing but its dropping is left of the node, which comes when it comes.
  void retire_timer(Node &node) noexcept {
    if (Node *former = timers_.retire(node)) former->type->drop(*this, *former);
  }
  // From any thread.
  void post(Node &node) noexcept {
    if (inbox_.post(node)) waker_.wake();
  }

  // ---- work in other threads ----
  // Whatever keeps the errand alive is the workers' from here on; it comes back with the node.
  Status submit(Errand &errand) noexcept;
  // True if it had not begun: then it never will, and has come back.
  bool withdraw(Errand &errand) noexcept;
  void errand_arrived() noexcept { --errands_; }
  void give_back_posted(Calls &block) noexcept { inbox_.give_back(block); }
  size_t errands() const noexcept { return errands_; }
  // The node is dropped when the loop closes, unless it was unlinked before.
  void drop_at_close(Node &node) noexcept { at_close_.push_back(node); }

  // ---- callbacks; ret_handle may be nullptr ----
  // They take the callback where they succeed; it gets the present context.
  Status call_soon(Callback &&callback, Handle **ret_handle) noexcept {
    if (!runs_here()) [[unlikely]] {
      if (Status s = check_open()) return s;
      settle_posts();
    }
    return add_call(std::move(callback), context, ret_handle);
  }
  Status add_call(Callback &&callback, Context *in, Handle **ret_handle) noexcept {
    if (!ret_handle) {
      callback.context = Ref<Context>(in);
      auto make = [&](Calls::Kind kind, uint16_t size) {
        bool first = size == Calls::kLeast;  // and perhaps the only one
        return first ? make_calls(Calls::Kind::Whole, Calls::kLeast) : make_calls(kind, size);
      };
      return ready_.add(callback, Calls::kMost, make) ? 0 : status::NO_MEMORY;
    }
    Handle *handle = make_handle(std::move(callback), in, ret_handle);
    if (!handle) [[unlikely]] return status::NO_MEMORY;
    schedule(*handle);
    return 0;
  }
  // The same of an open loop, for a callback that nobody can cancel, if it takes no more than writing it down behind the
  // last one. False if not; then nothing has happened.
  bool call_soon_behind(LoopFn fn, void *userdata, Destroy destroy) noexcept {
    return ready_.write(fn, userdata, destroy, context);
  }
  Status call_at(int64_t when, Callback &&callback, Handle **ret_handle) noexcept {
    if (Status s = check_open()) [[unlikely]] return s;
    Handle *handle = make_handle(std::move(callback), context, ret_handle);
    if (!handle) [[unlikely]] return status::NO_MEMORY;
    handle->set_when(when);
    schedule_at(*handle, when);
    return 0;
  }
  // From any thread. On the loop's own it is next in line, like a call_soon.
  Status call_soon_threadsafe(Callback &&callback) noexcept {
    if (Status s = check_post()) [[unlikely]] return s;
    if (runs_here()) return call_soon(std::move(callback), nullptr);
    Inbox::Then then;
    if (Status s = inbox_.post(callback, then)) [[unlikely]] return s;
    if (then != Inbox::Then::GoOn) [[unlikely]] follow_post(then);
    return 0;
  }
  Status call_soon_threadsafe(Callback &&callback, Handle **ret_handle) noexcept;
  // From any thread that holds the lock which the wait hook gives up and takes back.
  Status call_soon_locked(Callback &&callback, Handle **ret_handle) noexcept;
  // 0, or why nothing can be posted.
  Status check_post() const noexcept {
    if (is_closed()) [[unlikely]] return status::CLOSED;
    return is_forked() ? status::FORKED : 0;
  }
  // BUSY inside of the hook.
  Status set_wait_hook(WaitFn fn, Userdata userdata) noexcept;
  Status add_watcher(int fd, unsigned direction, Callback callback) noexcept;
  Status remove_watcher(int fd, unsigned direction, bool &ret_removed) noexcept;
  Status add_signal_handler(int signal, Callback callback) noexcept;
  Status remove_signal_handler(int signal, bool &ret_removed) noexcept;

  // ---- errors that nobody took ----
  void set_exception_handler(ReportFn fn, Userdata userdata) noexcept;
  void report(const Report &report) noexcept;
  static void print(const Report &report) noexcept;

  // ---- memory of this loop's objects ----
  Pool &pool() noexcept { return pool_; }
  template <class T, class... Args>
  T *make_object(Args &&...args) noexcept {
    void *memory = pool_.allocate(sizeof(T));
    if (!memory) return nullptr;
    ++objects_;
    try {
      return new (memory) T(*this, std::forward<Args>(args)...);
    } catch (const std::bad_alloc &) {  // of a container in T
      pool_.deallocate(memory, sizeof(T));
      --objects_;
      return nullptr;
    }
  }
  template <class T>
  static void dispose_object(T *object) noexcept {
    Loop &loop = object->loop();
    object->~T();
    loop.pool_.deallocate(object, sizeof(T));
    loop.object_gone();
  }
  void object_made() noexcept { ++objects_; }
  void object_gone() noexcept { --objects_; }
  // Keeps the memory of the loop itself, for an object that may end in any thread.
  void pin() noexcept { pins_.fetch_add(1, std::memory_order_relaxed); }
  void unpin() noexcept {
    if (pins_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  // object_gone() for what is no Object, and may go later than what held it.
  void guest_gone() noexcept {
    object_gone();
    if (is_over() && depth_ == 0) [[unlikely]] destroy();
  }
  // Disposes of an object. What it takes along goes within its own dispose(), but only so deep: a chain of a million
  // tasks, each awaiting the next, must not take as many stack frames.
  void dispose_of(Object &object) noexcept {
    if (depth_ >= kDeepest && put_off(object)) [[unlikely]] return;
    ++depth_;
    object.dispose();
    if (--depth_ == 0 && more_to_dispose_) [[unlikely]] finish_disposing();
  }
  // All futures, in the order of their creation; linked through their registry links.
  List &futures() noexcept { return futures_; }
  void bury(Object &object) noexcept;

  // ---- what the rooms above keep here ----
  Task *current_task = nullptr;
  Context *context = nullptr;  // the present one; owned
  StackPool stacks;
  std::unique_ptr<void, void (*)(void *)> host{nullptr, nullptr};
  Due reached;                   // the hosted callback that was run just now; its future by a reference
  Ref<Context> reached_context;  // and the context it is to run in
  int64_t withdrawn = 0;         // how often a ready node was taken out, or given another outcome, ahead of its turn

  bool debug = false;
  int64_t slow_callback_ns = 100'000'000;

 private:
  class Run;
  struct Current;

  explicit Loop(const LoopOptions &options) noexcept;
  ~Loop();
  Status open(const LoopOptions &options) noexcept;
  Status refusal() const noexcept;
  static void leave_in_child() noexcept;

  Calls *make_calls(Calls::Kind kind, uint16_t size) noexcept {
    void *memory = pool_.allocate(size);
    return memory ? new (memory) Calls(kind, false, size) : nullptr;
  }
  // A handle that the loop side holds and, unless ret_handle is nullptr, the user.
  Handle *make_handle(Callback &&callback, Context *in, Handle **ret_handle) noexcept {
    Handle *handle = make_object<Handle>(std::move(callback), Ref<Context>(in), Handle::Memory::Pool, ret_handle);
    if (handle && ret_handle) *ret_handle = handle;
    return handle;
  }

  void begin_run() noexcept;
  void end_run() noexcept;
  Status turn(int64_t limit_ns) noexcept;
  Status gather_work(int64_t limit_ns) noexcept;
  void take_posted() noexcept {
    if (inbox_.maybe_filled()) [[unlikely]] take_posts();
  }
  void take_posts() noexcept;
  void follow_post(Inbox::Then then) noexcept;
  bool has_work() const noexcept { return !ready_.empty() || stopping_ || !batch_.empty(); }
  Status wait(int64_t limit_ns) noexcept;
  int64_t sleep_ns(int64_t limit_ns) noexcept;
  bool has_surplus() const noexcept { return pool_.has_surplus() || stacks.has_surplus(); }
  void let_post() noexcept;
  void tidy_up() noexcept;
  void spin(int64_t limit_ns) noexcept;
  // A host that is told of waits gives its lock up for them: spinning would keep it.
  bool spins() const noexcept { return spin_ns_ > 0 && !wait_hook_.fn; }
  Status jump(int64_t limit_ns) noexcept;
  void look() noexcept {
    if (polls() || poked_) poll(0);
  }
  // Whether a turn that has work looks at descriptors, too. A look is a system call, which is ten times what a callback
  // costs: so a loop that is busy looks only so often, and in the first turn of each run.
  bool is_time_to_look() noexcept {
    return (polls() || poked_) && --turns_to_clock_ == 0 && has_not_looked_for_long();
  }
  bool has_not_looked_for_long() noexcept;
  void poll(int64_t timeout_ns) noexcept;
  void call_wait_hook(bool begins) noexcept;
  void report_lost(int fd) noexcept;
  void collect_timers() noexcept;
  void drain() noexcept;
  void run_node(Node &node) noexcept;
  void run_timed(Node &node) noexcept;
  bool see_to_raised(void *userdata) noexcept;
  bool polls() const noexcept { return watchers_.count() > 0 || signal_count_ > 0; }
  void stop_watching() noexcept;
  void sever_all() noexcept;
  void end_errands() noexcept;
  void drop_all(List &list) noexcept;
  Status run_status() const noexcept;
  bool put_off(Object &object) noexcept;
  // Nobody holds it any more. Who is told of the last errors may take a reference once more.
  bool is_over() const noexcept { return orphaned_ && objects_ == 0 && refs_.load(std::memory_order_acquire) == 0; }
  void finish_disposing() noexcept;
  void drop_ready() noexcept;
  void drop_retired() noexcept;
  void exhume(Object *newest) noexcept;
  void on_signal_pipe(List &ready) noexcept;
  void last_reference() noexcept;
  void destroy() noexcept;

  // Fixed after construction.
  Clock clock_;
  Pool pool_;
  std::unique_ptr<Poller> poller_;
  Waker waker_;
  const size_t executor_threads_;
  const int64_t spin_ns_;         // 0 on the virtual clock
  const int64_t timer_slack_ns_;  // how long a sleep is at least, where timers come in crowds

  // Changed while running.
  RunQueue ready_;
  List batch_;  // the snapshot that is being drained
  TimerQueue timers_;
  uint64_t came_due_ = 0;  // timers, since the last sleep
  int64_t looked_ = 0;     // when descriptors were looked at last
  int64_t clocked_ = 0;    // when the time was taken for that last, and in how many turns it is next
  uint32_t turns_to_clock_ = 1, clock_every_ = 1;
  Watchers watchers_;
  List futures_;
  size_t objects_ = 0;
  static constexpr int kDeepest = 20;  // the stack may be that of a coroutine, and small
  int depth_ = 0;                      // how many dispose() are on the stack
  std::vector<Object *> put_off_;      // what waits for the outermost
  bool more_to_dispose_ = false;       // that, or the loop itself: it is orphaned
  bool stopping_ = false;
  bool poked_ = false;  // the waker was written to, and the poller must still see it, or fd() would stay readable
  bool left_in_child_ = false;  // this process was forked inside of its run
  bool in_stream_ = false;  // another thread posts a lot
  bool orphaned_ = false;  // no user holds the loop any more, only its objects do
  bool in_callback_ = false;
  Ref<Exception> raised_;
  Ref<Exception> exit_;
  ReportFn report_fn_ = nullptr;
  Userdata report_userdata_;
  int reporting_ = 0;                      // how many calls of exception handlers are on the stack
  std::vector<Userdata> former_handlers_;  // of handlers that were replaced meanwhile
  struct {
    WaitFn fn = nullptr;
    Userdata userdata;
    bool is_called = false;
  } wait_hook_;
  bool wake_when_posted_ = false;  // under the host's lock: the loop waits, and was not woken yet
  SignalPipe signals_;
  Watcher *signal_watchers_[SignalPipe::kSignals] = {};
  size_t signal_count_ = 0;
  std::unique_ptr<Workers> workers_;
  size_t errands_ = 0;  // that have not come back
  List at_close_;

  // Shared with other threads.
  std::atomic<uint32_t> refs_{1};
  std::atomic<uint32_t> pins_{1};  // all of the loop's objects that are counted in objects_, together, are one
  enum class State : unsigned { Idle, Runs, Closed };
  State state() const noexcept { return static_cast<State>(state_.load(std::memory_order_relaxed) % kFork); }
  void set_state(State state) noexcept {
    unsigned made = state_.load(std::memory_order_relaxed) / kFork * kFork;
    state_.store(made + static_cast<unsigned>(state), std::memory_order_relaxed);
  }
  // In the process in which it was made.
  bool is_idle() const noexcept { return state_.load(std::memory_order_relaxed) == fork_count(); }
  std::atomic<unsigned> state_{fork_count()};  // plus the State
  std::atomic<bool> hosted_{false};
  std::atomic<bool> closed_{false};
  Inbox inbox_;

  // Which loop runs in this thread. So a loop's functions see at a glance that they are called from one of its callbacks.
  static inline constinit thread_local Loop *running_ __attribute__((tls_model("initial-exec"))) = nullptr;
  static thread_local Current current_;
};

inline bool Callback::invoke_inside(Loop &loop) noexcept {
  return loop.call_in(context.take(), userdata.get(), [&] { fn(&loop, userdata.get()); });
}

// While it lives, the loop runs in this thread: functions that ask for the running loop find it.
class Loop::Entry {
 public:
  explicit Entry(Loop &loop) noexcept;
  ~Entry();
  Entry(const Entry &) = delete;
  Entry &operator=(const Entry &) = delete;

 private:
  Loop &loop_;
};

}  // namespace boucle
