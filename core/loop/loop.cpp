// The loop's life, and one turn of it. How it waits is in wait.cpp, what schedules work in schedule.cpp, how its objects go
// in object.cpp.
#include "loop/loop.hpp"

#include <new>
#include <optional>

namespace boucle {

// ---- life ----

Loop::Loop(const LoopOptions &options) noexcept
    : stacks(options.stack_size),
      debug(options.debug),
      clock_(options.virtual_clock),
      executor_threads_(options.executor_threads),
      spin_ns_(options.virtual_clock ? 0 : options.spin_ns),
      timer_slack_ns_(options.timer_slack_ns),
      timers_(clock_.now()),
      inbox_(options.post_limit) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Loop::~Loop() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

Status Loop::open(const LoopOptions &options) noexcept {
  if (Status s = watch_forks(leave_in_child)) return s;
  if (Status s = Poller::make(options.poller, poller_)) return s;
  watchers_.watch_by(*poller_);
  if (Status s = waker_.open()) return s;
  return poller_->set(waker_.fd(), kReadable | kEdge, 0);
}

Status Loop::make(const LoopOptions &options, Loop *&ret_loop) noexcept {
  Loop *loop = new (std::nothrow) Loop(options);
  if (!loop) return status::NO_MEMORY;
  if (Status s = loop->open(options)) {
    delete loop;
    return s;
  }
  ret_loop = loop;
  return 0;
}

Status Loop::close() noexcept {
  if (is_forked()) {
    // What another thread was doing with it when this process was made is not known; its own run is still to be left.
    if (state() == State::Runs || left_in_child_) return status::FORKED;
  } else if (is_running()) {
    return runs_elsewhere() ? status::WRONGTHREAD : status::RUNNING;
  }
  if (closed_.exchange(true)) return 0;
  set_state(State::Closed);
  take_posts();
  drop_ready();
  while (Node *node = timers_.pop_any()) node->type->drop(*this, *node);
  drop_retired();
  stop_watching();
  drop_all(at_close_);
  end_errands();
  poller_.reset();
  return 0;
}

void Loop::stop_watching() noexcept {
  watchers_.remove_all();
  for (int signal = 1; signal < SignalPipe::kSignals; ++signal) {
    if (Watcher *watcher = std::exchange(signal_watchers_[signal], nullptr)) watcher->retire();
  }
  signals_ = SignalPipe();
  signal_count_ = 0;
}

// Errands that have not begun are dropped; those that have are waited for, as their threads must not outlive the loop.
// Whatever they post meanwhile is dropped, so that none waits for this loop in vain.
void Loop::end_errands() noexcept {
  if (!workers_) return;
  if (is_forked()) {
    (void)workers_.release();  // its threads are in the parent
    return;
  }
  List unbegun;
  workers_->stop(unbegun);
  while (!unbegun.empty()) {
    auto &errand = static_cast<Errand &>(*static_cast<Job *>(unbegun.pop_front()));
    errand_arrived();
    errand.type->drop(*this, errand);
  }
  while (errands_ > 0) {
    poll(-1);
    drop_ready();
  }
  workers_.reset();
}

void Loop::drop_all(List &list) noexcept {
  while (!list.empty()) {
    Node &node = *static_cast<Node *>(list.pop_front());
    node.type->drop(*this, node);
  }
}

void Loop::drop_retired() noexcept {
  while (timers_.has_retired()) {
    Node &node = *timers_.take_retired();
    node.type->drop(*this, node);
  }
}

void Loop::drop_ready() noexcept {
  while (!batch_.empty() || !ready_.empty()) {
    ready_.move_to(batch_);
    drop_all(batch_);
  }
}

void Loop::last_reference() noexcept {
  if (is_forked() && close() != 0) return;  // another thread was running it: it stays as it is, till the process ends
  refs_.store(1, std::memory_order_relaxed);  // for whoever hears a report from here
  close();
  for (int pass = 0; pass < 2; ++pass) {  // after the first, no other thread posts any more
    take_posts();
    drop_ready();
    sever_all();
  }
  inbox_.shut();
  take_posts();
  host.reset();
  exit_ = nullptr;
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // ... and keeps the loop: its unref comes back here
  orphaned_ = more_to_dispose_ = true;
  if (is_over() && depth_ == 0) destroy();
}

// ---- running ----

Loop::Entry::Entry(Loop &loop) noexcept : loop_(loop) {
  loop_.set_state(State::Runs);
  running_ = &loop_;
}
Loop::Entry::~Entry() {
  running_ = nullptr;
  loop_.set_state(State::Idle);
}

void Loop::begin_run() noexcept {
  ref();
  exit_ = nullptr;
  poked_ |= inbox_.stop_expecting();
  looked_ = 0;
  turns_to_clock_ = 1;
}

void Loop::end_run() noexcept {
  stopping_ = left_in_child_ = false;
  // From now on a post makes the loop's descriptor readable; one that came in between does so belatedly.
  if (!is_forked() && !inbox_.expect() && !inbox_.stop_expecting()) waker_.wake();
  unref();
}

// While it lives, the loop runs in this thread.
class Loop::Run {
 public:
  explicit Run(Loop &loop) noexcept : loop_(loop) {
    loop_.begin_run();
    entry_.emplace(loop);
  }
  ~Run() {
    entry_.reset();
    loop_.end_run();
  }

 private:
  Loop &loop_;
  std::optional<Entry> entry_;
};

Status Loop::check_run(bool hosts_itself) const noexcept {
  if (is_closed()) return status::CLOSED;
  if (is_forked()) return status::FORKED;
  if (is_running() || running_) return status::RUNNING;
  if (host && !hosts_itself) return status::NOTSUPPORTED;
  return 0;
}

// Why it cannot be worked with in this thread, which does not run it; or 0.
Status Loop::refusal() const noexcept {
  if (is_forked()) return status::FORKED;
  return runs_elsewhere() ? status::WRONGTHREAD : 0;
}

// In the child of a fork, in the thread that forked: no loop runs here. One whose callback forked leaves its run, with
// LOOP_EFORKED, as soon as that returns.
void Loop::leave_in_child() noexcept {
  Loop *loop = std::exchange(running_, nullptr);
  if (!loop) return;
  loop->set_state(State::Idle);
  loop->stopping_ = loop->left_in_child_ = true;
  loop->exit_ = Exception::no_memory();  // any: it ends the run before the next callback
  if (loop->in_callback_) loop->raised_ = loop->exit_;
}

// How a run ended that was not refused.
Status Loop::run_status() const noexcept {
  if (left_in_child_) [[unlikely]] return status::FORKED;
  return exit_ ? status::EXIT : 0;
}

void Loop::collect_timers() noexcept {
  drop_retired();
  if (timers_.empty()) return;
  List due;
  uint64_t before = timers_.size();
  timers_.collect(now(), due);
  if (due.empty()) return;
  came_due_ += before - timers_.size();
  ready_.push_all(due);
}

inline void Loop::run_node(Node &node) noexcept {
  if (debug) [[unlikely]] {
    run_timed(node);
  } else {
    node.type->run(*this, node);  // the line from which user code is called
  }
}

inline void Loop::drain() noexcept {
  if (Node *only = batch_.empty() ? ready_.pop_only() : nullptr) [[likely]] {
    run_node(*only);
    if (batch_.empty()) [[likely]] return;  // else it was left in the middle
  } else {
    ready_.move_to(batch_);
  }
  while (!exit_ && !batch_.empty()) run_node(*static_cast<Node *>(batch_.pop_front()));
  // What was not reached stays, ahead of what was scheduled meanwhile.
  if (exit_) [[unlikely]] ready_.push_front_all(batch_);
}

inline Status Loop::gather_work(int64_t limit_ns) noexcept {
  take_posted();  // 1
  if (!has_work() || is_time_to_look()) {
    if (Status s = wait(limit_ns)) return s;  // 2, 3, 4
  }
  if (!timers_.is_untouched()) collect_timers();  // 5
  return 0;
}

// Inline, with its phases, in the two functions that run it: a turn may be for a single callback.
inline Status Loop::turn(int64_t limit_ns) noexcept {
  if (Status s = gather_work(limit_ns)) return s;
  drain();  // 6
  return 0;
}

Status Loop::run_forever() noexcept {
  if (Status s = check_run()) return s;
  Run run(*this);
  do {
    if (Status s = turn(-1)) return s;
  } while (!stopping_);
  return run_status();
}

Status Loop::run_once(int64_t limit_ns) noexcept {
  if (Status s = check_run()) return s;
  Run run(*this);
  if (Status s = turn(limit_ns)) return s;
  return run_status();
}

Status Loop::begin_hosted() noexcept {
  if (Status s = check_run(true)) return s;
  begin_run();
  hosted_.store(true, std::memory_order_relaxed);
  return 0;
}

void Loop::end_hosted() noexcept {
  ready_.push_front_all(batch_);
  hosted_.store(false, std::memory_order_relaxed);
  end_run();
}

Status Loop::next_turn() noexcept {
  if (Status s = gather_work(-1)) return s;
  ready_.move_to(batch_);
  return 0;
}

void Loop::run_next_node() noexcept {
  Node &node = *static_cast<Node *>(batch_.pop_front());
  node.type->run(*this, node);
}

// Async-signal-safe, as each of its two steps.
Status Loop::stop_threadsafe() noexcept {
  if (is_forked()) return status::FORKED;
  inbox_.post_stop();
  waker_.wake();
  return 0;
}

void Loop::take_posts() noexcept {
  Mail mail;
  if (is_forked() && !inbox_.is_free()) [[unlikely]] return;  // a thread that is not in this process has its mutex
  inbox_.take(mail);
  in_stream_ = mail.is_stream;
  for (Link *link = mail.nodes.front(); link != mail.nodes.end(); link = link->next) {
    auto &node = *static_cast<Node *>(link);
    if (node.type->arrive) node.type->arrive(*this, node);
  }
  ready_.push_all(mail.nodes);
  if (mail.graves) exhume(mail.graves);
  if (mail.stop) stopping_ = poked_ = true;
}

}  // namespace boucle
