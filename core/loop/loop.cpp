// The loop's life and its runs. What schedules callbacks is in calling.cpp, which loop is current in current.cpp.
#include "loop/loop.hpp"

#include <algorithm>
#include <new>
#include <optional>

namespace boucle {

// ---- life ----

Loop::Loop(const LoopOptions &options) noexcept
    : state(*this),
      heap(*this, options.stack_size),
      scheduler(*this, options.virtual_clock, options.post_limit),
      dispatch(*this, options.debug),
      driver(*this, options),
      turn(*this, options) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Loop::~Loop() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

Status Loop::make(const LoopOptions &options, Loop *&ret_loop) noexcept {
  if (Status s = watch_forks(leave_in_child)) return s;
  Loop *loop = new (std::nothrow) Loop(options);
  if (!loop) return status::NO_MEMORY;
  if (Status s = loop->driver.open(options.poller)) {
    delete loop;
    return s;
  }
  ret_loop = loop;
  return 0;
}

Status Loop::close() noexcept {
  if (is_forked()) {
    // What another thread was doing with it when this process was made is not known; its own run is still to be left.
    if (runs_elsewhere() || state.is_left_in_child()) return status::FORKED;
  } else if (is_running()) {
    return runs_elsewhere() ? status::WRONGTHREAD : status::RUNNING;
  }
  if (!state.close()) return 0;
  scheduler.take_inbox();
  drop_ready();
  scheduler.drop_timers();
  driver.close();
  return 0;
}

void Loop::drop_ready() noexcept {
  do {
    turn.drop_snapshot();
    List nodes;
    scheduler.ready.move_to(nodes);
    scheduler.drop(nodes);
  } while (!scheduler.ready.empty());
}

void Loop::last_reference() noexcept {
  if (is_forked() && close() != 0) return;    // another thread was running it: it stays as it is, till the process ends
  refs_.store(1, std::memory_order_relaxed);  // for whoever hears a report from here
  close();
  for (int pass = 0; pass < 2; ++pass) {  // after the first, no other thread posts any more
    scheduler.take_inbox();
    drop_ready();
    heap.futures.clear_references();
  }
  scheduler.inbox.shut();
  scheduler.take_inbox();
  runner.reset();
  dispatch.forget_exit();
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // ... and keeps the loop: its unref comes back here
  orphaned_ = true;
  heap.expect_end();
  destroy_if_over();
}

// Nobody holds it any more. Who is told of the last errors may take a reference once more.
void Loop::destroy_if_over() noexcept {
  if (!orphaned_ || heap.has_objects() || heap.is_disposing() || refs_.load(std::memory_order_acquire) > 0) return;
  dispatch.end();
  driver.set_wait_hook(nullptr, Userdata());
  unpin();
}

// ---- running ----

void Loop::begin_run() noexcept {
  ref();
  dispatch.forget_exit();
  driver.begin_run();
  turn.begin_run();
}

void Loop::end_run() noexcept {
  turn.end_run();
  state.end_run();
  if (!is_forked()) driver.end_run();
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

Status Loop::check_run() const noexcept {
  if (Status s = state.check_run()) return s;
  return runner ? status::NOTSUPPORTED : 0;
}

// How a run ended that was not refused.
Status Loop::run_status() const noexcept {
  if (state.is_left_in_child()) [[unlikely]]
    return status::FORKED;
  return dispatch.is_left() ? status::EXIT : 0;
}

Status Loop::run_forever() noexcept {
  if (Status s = check_run()) return s;
  Run run(*this);
  if (Status s = turn.run_until_stopped()) return s;
  return run_status();
}

Status Loop::run_once(int64_t limit_ns) noexcept {
  if (Status s = check_run()) return s;
  Run run(*this);
  if (Status s = turn.run_once(limit_ns)) return s;
  return run_status();
}

Status Loop::begin_detached_run() noexcept {
  if (Status s = state.check_run()) return s;
  begin_run();
  state.detach(true);
  return 0;
}

void Loop::end_detached_run() noexcept {
  turn.keep_snapshot();
  state.detach(false);
  end_run();
}

// Async-signal-safe, as each of its two steps.
Status Loop::stop_threadsafe() noexcept {
  if (is_forked()) return status::FORKED;
  scheduler.inbox.post_stop();
  driver.wake();
  return 0;
}

void Loop::stop_posted() noexcept {
  turn.stop();
  driver.expect_wake();
}

// In the child of a fork. A loop whose callback forked leaves its run, with LOOP_EFORKED, as soon as that returns.
void Loop::leave_in_child() noexcept {
  Loop *loop = LoopState::leave_in_child();
  if (!loop) return;
  loop->turn.stop();
  loop->dispatch.leave_in_child();
}

int64_t Loop::timeout_ns() noexcept {
  if (is_closed()) return -1;
  if (turn.has_work() || scheduler.inbox.is_filled()) return 0;
  int64_t next = scheduler.next_deadline();
  return next == TimerQueue::kNever ? -1 : std::max<int64_t>(0, next - now());
}

}  // namespace boucle
