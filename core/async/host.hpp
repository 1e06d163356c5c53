// Host: tasks and callbacks whose code is in a language that makes all calls itself (Go). The words are those of
// boucle/host.h.
//
// pump() applies a batch of answers, and returns a batch of events: one call for many steps. The host's tasks and
// callbacks are on the loop's queues like all others. A batch ends before the first node that is not the host's, so
// that everything runs in the same order as if each event's code were called by the loop.
//
//   begun      the first event of a batch: its node was run, and the loop is inside of it until it is answered
//   not begun  the other events: their nodes are still in the snapshot, and are run when the first answer to each comes
//
// A Host is in three files: this one and host.cpp have its life, ids, runs and reports; pump.cpp has events and
// answers.
//
// Invariants: (1) at most one event is begun and not answered; (2) the events that have not begun are the first nodes
// of the snapshot, in order; (3) a slot lives as long as the host, which lives as long as a slot is in use; (4)
// dropped_ has memory for all slots in use.
#pragma once

#include <atomic>
#include <deque>
#include <string>

#include "async/run.hpp"

namespace boucle {

class Host;

struct HostSlot {
  Host *host = nullptr;
  int64_t id = 0;
  Task *task = nullptr;  // owned, until the host forgets it
  bool in_use = false;
};

struct HostReport {
  std::string message;
  Ref<Exception> exception;
  Ref<Future> future;
  int64_t id = -1;
};

class Host : public Counted<Host> {
 public:
  // The layout of the public arrays: see boucle/host.h.
  enum State : size_t { kEvents, kDroppedCount, kDropped, kReports, kLeft, kStateSize };
  enum class EventKind : int64_t { Nothing, Step, StepFailed, Call, DoneCall, Report };
  enum class AnswerKind : int64_t { Begin, Return, Raise, Sleep, AwaitTask, End, Spawn, CallSoon, Forget };
  static constexpr size_t kWords = 4;

  // One for each loop: BUSY if it has one.
  static Status make(Loop &loop, size_t capacity, Ref<Host> &ret_host) noexcept;
  static void destroy(Host *host) noexcept;
  // References of users. Without any, and without its loop, a host keeps no reports.
  void ref_user() noexcept {
    users_.fetch_add(1);
    ref();
  }
  void unref_user() noexcept;

  const int64_t *state() const noexcept { return state_; }
  const int64_t *events() const noexcept { return events_.get(); }
  const int64_t *withdrawn() const noexcept { return loop_ ? &loop_->scheduler.withdrawn : &kNoCount; }
  void clear_dropped() noexcept;
  Loop *loop() const noexcept { return loop_; }

  Status begin_run(Future *future) noexcept;
  Status end_run() noexcept;
  // Applies the answers, and runs the loop until there are events. Returns their number; 0 if the run is over.
  Status pump(const int64_t *answers, size_t count) noexcept;
  // Applies the answers, and does not run the loop.
  Status submit(const int64_t *answers, size_t count) noexcept;
  // The task that has begun awaits. They return 1 if it continues at once, with the event ret_event; 0 if it is
  // suspended.
  Status await(Future &future, int64_t *ret_event) noexcept;
  Status await(Coroutine &coroutine, int64_t *ret_event) noexcept;

  // ---- callbacks by id: as the functions of these names of the loop ----
  Status call_soon(int64_t id, Handle **ret_handle) noexcept;
  Status call_at(int64_t when, int64_t id, Handle **ret_handle) noexcept;
  // From any thread, with id 0, which is never dropped.
  Status call_soon_threadsafe() noexcept;
  Status add_watcher(int fd, unsigned direction, int64_t id) noexcept;
  Status add_done_callback(Future &future, int64_t id) noexcept;
  size_t remove_done_callback(Future &future, int64_t id) noexcept;

  Task *task(int64_t id) noexcept;
  void forget(int64_t id) noexcept;

  void take_reports() noexcept;
  // The oldest report, lent until the next call; or nullptr.
  HostReport *take_report() noexcept;

 private:
  static constexpr size_t kChunk = 256;
  // Throws bad_alloc.
  explicit Host(Loop &loop) : loop_(&loop) {
    threadsafe_slot_.host = this;
    live_objects.fetch_add(1, std::memory_order_relaxed);
  }
  ~Host();

  HostSlot *slot(int64_t id) noexcept;
  // The userdata of a callback with that id. If it fails, the id is not in use.
  Status userdata(int64_t id, Userdata &ret_userdata) noexcept;
  static void slot_dropped(void *slot) noexcept;

  // ---- what the loop calls instead of the host's code: the event has begun ----
  static void call(Loop *loop, void *slot);
  static void done_call(Future *future, void *slot);
  static void step(Task *task, void *slot);
  Callback callback(Userdata userdata) noexcept { return {call, std::move(userdata), nullptr}; }
  void swap_contexts() noexcept;
  static void loop_gone(void *host) noexcept;
  static void on_report(Loop *loop, const Report *report, void *host);

  // ---- answers ----
  Status answer(const int64_t *words) noexcept;
  Status ensure_begun(bool task) noexcept;
  void begin_next_event() noexcept;
  void answer_return(int64_t kind, int64_t payload) noexcept;
  void answer_raise(Ref<Exception> exception) noexcept;
  Status answer_sleep(double seconds) noexcept;
  Status answer_await_task(int64_t id) noexcept;
  Status spawn(int64_t id) noexcept;
  void end_call(Ref<Exception> exception) noexcept;
  void end_step() noexcept;

  // ---- events ----
  Status announce() noexcept;
  // Writes the event with which the node would begin. Returns false if running it does more than to begin an event.
  static bool describe(Node &node, int64_t *words) noexcept;
  void write_begun_event(int64_t *words) noexcept;
  void write_events_not_begun() noexcept;
  int64_t *next_event() noexcept { return &events_[kWords * static_cast<size_t>(state_[kEvents]++)]; }
  Status await_answered(int64_t *ret_event) noexcept;

  // Nobody can take its reports.
  bool is_abandoned() const noexcept { return has_no_loop_.load() && users_.load() == 0; }
  void drop_reports() noexcept;

  Loop *loop_;
  std::atomic<uint32_t> users_{1};
  std::atomic<bool> has_no_loop_{false};  // the same as !loop_, for other threads
  size_t capacity_ = 0;
  std::unique_ptr<int64_t[]> events_;
  int64_t state_[kStateSize] = {};
  static constexpr int64_t kNoCount = 0;

  std::vector<std::unique_ptr<HostSlot[]>> slots_;
  size_t in_use_ = 0;
  HostSlot threadsafe_slot_;
  std::vector<int64_t> dropped_;
  std::deque<HostReport> reports_;
  HostReport last_report_;

  // The event that has begun, if any.
  HostSlot *begun_ = nullptr;
  Task *begun_task_ = nullptr;       // nullptr for a callback
  Local<Future> begun_future_;       // for a done-callback
  Ref<Context> other_context_;       // for a callback: its own before it is entered; then the one around it
  bool drop_when_answered_ = false;  // for a callback: its slot was dropped, and the host has to run its code first
  bool announced_ = false;           // the host has the event
  size_t not_begun_ = 0;             // how many events of the batch have not begun
  int64_t reporting_id_ = -1;        // of the callback whose exception is reported

  RunUntilComplete run_until_complete_;
  bool has_turned_ = false;  // a turn of this run has begun: a stop() before the run leaves it one
  Status run_status_ = 0;
};

}  // namespace boucle
