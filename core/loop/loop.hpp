// Loop: an event loop, as its parts and what takes more than one of them.
//
//   state      who may work with it: is it running, in which thread and process, is it closed
//   heap       memory of its objects, how many there are, how they go
//   scheduler  what is to run, and when: ready queue, timers, inbox
//   dispatch   calling users' code, what it raised, reports
//   driver     whatever can wake the loop from outside: descriptors, signals, threads
//   turn       one turn of the loop, in six phases
//
// A loop belongs to the thread that runs it; the functions that any thread may call say so.
//
// Invariants: (1) a node is on one queue at most, and its queue keeps its owner alive; (2) after close() all queues are
// empty for good.
#pragma once

#include <atomic>
#include <memory>

#include "loop/dispatch.hpp"
#include "loop/driver.hpp"
#include "loop/handle.hpp"
#include "loop/heap.hpp"
#include "loop/options.hpp"
#include "loop/scheduler.hpp"
#include "loop/state.hpp"
#include "loop/turn.hpp"

namespace boucle {

class Task;

class Loop {
 public:
  static Status make(const LoopOptions &options, Loop *&ret_loop) noexcept;
  void ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void unref() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_reference();
  }
  // While users hold it; else only its objects do.
  bool has_users() const noexcept { return refs_.load(std::memory_order_relaxed) > 0; }
  // Nobody may be given it any more.
  bool is_orphaned() const noexcept { return orphaned_; }
  // Keeps the memory of the loop itself, for an object that may end in any thread.
  void pin() noexcept { pins_.fetch_add(1, std::memory_order_relaxed); }
  void unpin() noexcept {
    if (pins_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  void destroy_if_over() noexcept;

  LoopState state;
  Heap heap;
  Scheduler scheduler;
  Dispatch dispatch;
  Driver driver;
  Turn turn;

  bool is_closed() const noexcept { return state.is_closed(); }
  bool is_running() const noexcept { return state.is_running(); }
  bool is_forked() const noexcept { return state.is_forked(); }
  bool runs_here() const noexcept { return state.runs_here(); }
  bool runs_elsewhere() const noexcept { return state.runs_elsewhere(); }
  static Loop *running_here() noexcept { return LoopState::running_here(); }
  // That, or else the one that set_current() made this thread's: see current.cpp.
  static Loop *current_here() noexcept;
  static Status set_current(Loop *loop) noexcept;

  // ---- running ----
  Status check_run() const noexcept;
  Status run_forever() noexcept;
  Status run_once(int64_t limit_ns) noexcept;
  Status stop_threadsafe() noexcept;
  Status close() noexcept;
  // A run by somebody who comes and goes: from begin to end the loop is running, though in no thread but while an Entry
  // lives. Only `runner`, if there is one, may run the loop.
  class Entry;
  Status begin_detached_run() noexcept;
  void end_detached_run() noexcept;
  std::unique_ptr<void, void (*)(void *)> runner{nullptr, nullptr};

  // ---- time ----
  int64_t now() noexcept { return scheduler.clock.now(); }
  int64_t now_anywhere() noexcept { return runs_elsewhere() ? scheduler.clock.now_elsewhere() : now(); }
  // How long a foreign loop may wait before the next run_once: 0 not at all, negative without limit.
  int64_t timeout_ns() noexcept;
  int fd() const noexcept { return is_closed() ? -1 : driver.fd(); }

  // ---- callbacks ----
  // They take the callback where they succeed; it gets the present context. ret_handle may be nullptr.
  Status call_soon(Callback &&callback, Handle **ret_handle, Sharing sharing = Sharing::Shared) noexcept;
  // The same, for a callback without a handle. Mostly it comes from inside of a callback, right behind another.
  Status call_soon(LoopFn fn, void *userdata, Destroy destroy) noexcept;
  Status call_at(int64_t when, Callback &&callback, Handle **ret_handle) noexcept;
  Status call_later(int64_t delay_ns, Callback &&callback, Handle **ret_handle) noexcept;
  // From any thread. On the loop's own it is next in line, like a call_soon.
  Status call_soon_threadsafe(Callback &&callback, Handle **ret_handle, Sharing sharing = Sharing::Shared) noexcept;
  // From any thread that holds the lock which the wait hook gives up and takes back.
  Status call_soon_locked(Callback &&callback, Handle **ret_handle) noexcept;
  // Before this thread works with the loop or its objects. Returns 0, or why that is refused.
  Status check_thread() noexcept {
    if (runs_here()) [[likely]]
      return 0;
    if (Status s = state.check_access()) return s;
    settle_posts();
    return 0;
  }
  // The same, for what needs an open loop.
  Status check_open() noexcept {
    if (runs_here()) [[likely]]
      return 0;
    if (Status s = state.check_open()) return s;
    settle_posts();
    return 0;
  }
  // Before something is put on the ready queue from outside of a run: it comes after all that was posted.
  void settle_posts() noexcept {
    if (state.is_idle()) scheduler.take_posts();
  }
  // From any thread.
  void post(Node &node) noexcept {
    if (scheduler.inbox.post(node)) driver.wake();
  }
  // stop_threadsafe() has come through the inbox.
  void stop_posted() noexcept;
  void drop_ready() noexcept;

  Task *current_task = nullptr;

 private:
  class Run;
  struct Current;

  explicit Loop(const LoopOptions &options) noexcept;
  ~Loop();
  static void leave_in_child() noexcept;
  Handle *make_handle(Callback &&callback, Context *in, Handle **ret_handle) noexcept;
  Status call_soon_in_new_node(LoopFn fn, void *userdata, Destroy destroy) noexcept;
  Status add_timer(int64_t when, Callback &&callback, Handle **ret_handle) noexcept;
  Status add_call(Callback &&callback, Context *in, Handle **ret_handle, Sharing sharing) noexcept;
  Status post_handle(Callback &&callback, Handle **ret_handle) noexcept;
  void begin_run() noexcept;
  void end_run() noexcept;
  Status run_status() const noexcept;
  void last_reference() noexcept;

  bool orphaned_ = false;
  std::atomic<uint32_t> refs_{1};  // of users
  std::atomic<uint32_t> pins_{1};  // all of the loop's objects together are one

  static thread_local Current current_;
};

// While it lives, the loop runs in this thread: functions that ask for the running loop find it.
class Loop::Entry {
 public:
  explicit Entry(Loop &loop) noexcept : loop_(loop) { loop.state.enter(); }
  ~Entry() { loop_.state.leave(); }
  Entry(const Entry &) = delete;
  Entry &operator=(const Entry &) = delete;

 private:
  Loop &loop_;
};

inline bool Callback::invoke_inside(Loop &loop) noexcept {
  return loop.dispatch.call_in(context.take(), userdata.get(), [&] { fn(&loop, userdata.get()); });
}

inline bool Turn::has_work() const noexcept {
  return !loop_.scheduler.ready.empty() || stopping_ || !snapshot_.empty();
}

}  // namespace boucle
