// A host's answers, and the events that follow.
#include <bit>
#include <cmath>

#include "async/host.hpp"
#include "base/allocation.hpp"

namespace boucle {
namespace {
int64_t word_of(const void *pointer) noexcept { return static_cast<int64_t>(reinterpret_cast<intptr_t>(pointer)); }
template <class T>
T *pointer_of(int64_t word) noexcept {
  return reinterpret_cast<T *>(static_cast<intptr_t>(word));
}

// Writes the two words of a value: its kind, and its bits or its address.
void write_value(const Value *value, int64_t *words) noexcept {
  ValueKind kind = Value::kind_of(value);
  words[0] = static_cast<int64_t>(kind);
  switch (kind) {
    case ValueKind::Nil: words[1] = 0; break;
    case ValueKind::Bool: words[1] = Value::as_bool(value); break;
    case ValueKind::Int: words[1] = Value::as_int(value); break;
    case ValueKind::Double: words[1] = std::bit_cast<int64_t>(value->as_double()); break;
    default: words[1] = word_of(value);
  }
}

Ref<Value> value_of(int64_t kind, int64_t payload) {
  switch (static_cast<ValueKind>(kind)) {
    case ValueKind::Nil: return nullptr;
    case ValueKind::Bool: return Value::boolean(payload != 0);
    case ValueKind::Int: return Value::integer(payload);
    case ValueKind::Double: return Value::number(std::bit_cast<double>(payload));
    default: return Ref<Value>::adopt(pointer_of<Value>(payload));
  }
}

// Whether these two words are a value that a host may give.
bool is_value(int64_t kind, int64_t payload) noexcept {
  if (kind < 0 || kind > static_cast<int64_t>(kLastValueKind)) return false;
  return kind <= static_cast<int64_t>(ValueKind::Double) || payload != 0;
}

// Releases what the host gave in answers that are not applied.
void discard(const int64_t *words, const int64_t *end) noexcept {
  for (; words != end; words += Host::kWords) {
    Host::AnswerKind kind = static_cast<Host::AnswerKind>(words[0]);
    if (kind == Host::AnswerKind::Raise) Ref<Exception>::adopt(pointer_of<Exception>(words[3]));
    bool is_given = kind == Host::AnswerKind::Return && is_value(words[2], words[3]);
    if (is_given && words[2] > static_cast<int64_t>(ValueKind::Double)) Ref<Value>::adopt(pointer_of<Value>(words[3]));
  }
}
}  // namespace

// ---- an event begins and ends ----

// Runs the first node of the snapshot. If it is the host's, that calls one of the next three functions.
void Host::begin_next_event() noexcept {
  loop_->turn.run_next_node();
  if (begun_ && !begun_task_) swap_contexts();
}

void Host::step(Task *task, void *slot) {
  Host &host = *static_cast<HostSlot *>(slot)->host;
  task->leave_open();
  host.begun_ = static_cast<HostSlot *>(slot);
  host.begun_task_ = task;
  host.announced_ = false;
}

void Host::call(Loop *loop, void *slot) {
  Host &host = *static_cast<HostSlot *>(slot)->host;
  host.begun_ = static_cast<HostSlot *>(slot);
  host.begun_task_ = nullptr;
  host.other_context_ = Ref<Context>(loop->dispatch.context);
  host.announced_ = false;
}

void Host::done_call(Future *future, void *slot) {
  call(&future->loop(), slot);
  static_cast<HostSlot *>(slot)->host->begun_future_ = Local<Future>(future);
}

void Host::swap_contexts() noexcept { other_context_ = loop_->dispatch.switch_context(std::move(other_context_)); }

void Host::end_call(Ref<Exception> exception) noexcept {
  swap_contexts();
  other_context_ = nullptr;
  HostSlot *slot = std::exchange(begun_, nullptr);
  begun_future_ = nullptr;
  if (exception && exception->is_exit()) {
    loop_->dispatch.leave(std::move(exception));
  } else if (exception) {
    reporting_id_ = slot->id;
    loop_->dispatch.report({.message = "Exception in callback", .exception = exception.get()});
    reporting_id_ = -1;
  }
  if (std::exchange(drop_when_answered_, false)) slot_dropped(slot);
}

// The next step of the task may begin at once.
void Host::end_step() noexcept {
  begun_ = nullptr;
  std::exchange(begun_task_, nullptr)->close_step();
}

// ---- answers ----

Status Host::ensure_begun(bool task) noexcept {
  if (!begun_ && not_begun_ > 0) {
    --not_begun_;
    if (loop_->turn.next_node()) begin_next_event();  // it may have been withdrawn
    announced_ = true;
  }
  if (!begun_ || !announced_) return status::INVALIDSTATE;
  return task && !begun_task_ ? status::NOTASK : 0;
}

Status Host::answer(const int64_t *words) noexcept {
  AnswerKind kind = static_cast<AnswerKind>(words[0]);
  switch (kind) {
    case AnswerKind::Spawn: return spawn(words[1]);
    case AnswerKind::CallSoon: return call_soon(words[1], nullptr);
    case AnswerKind::Forget: forget(words[1]); return 0;
    default: break;
  }
  if (Status s = ensure_begun(kind == AnswerKind::Sleep || kind == AnswerKind::AwaitTask)) return s;
  switch (kind) {
    case AnswerKind::Begin: return 0;
    case AnswerKind::Return:
      if (!is_value(words[2], words[3])) return status::INVALID;
      answer_return(words[2], words[3]);
      return 0;
    case AnswerKind::End: answer_return(0, 0); return 0;
    case AnswerKind::Raise:
      if (!words[3]) return status::INVALID;
      answer_raise(Ref<Exception>::adopt(pointer_of<Exception>(words[3])));
      return 0;
    case AnswerKind::Sleep: return answer_sleep(std::bit_cast<double>(words[3]));
    case AnswerKind::AwaitTask: return answer_await_task(words[1]);
    default: return status::INVALID;
  }
}

Status Host::submit(const int64_t *answers, size_t count) noexcept {
  const int64_t *end = answers + kWords * count;
  Status failed = loop_ ? 0 : status::CLOSED;
  for (; failed == 0 && answers != end; answers += kWords) {
    failed = answer(answers);
    if (failed) break;
    if (loop_->dispatch.is_left()) state_[kLeft] = 1;
  }
  if (failed) discard(answers, end);
  return failed;
}

void Host::answer_return(int64_t kind, int64_t payload) noexcept {
  Outcome outcome = allocate_or<Outcome>(Exception::no_memory(), [&] { return Outcome(value_of(kind, payload)); });
  if (!begun_task_) return end_call(nullptr);
  begun_task_->set_end(std::move(outcome));
  end_step();
}

void Host::answer_raise(Ref<Exception> exception) noexcept {
  if (!begun_task_) return end_call(std::move(exception));
  begun_task_->set_end(std::move(exception));
  end_step();
}

Status Host::answer_sleep(double seconds) noexcept {
  if (std::isnan(seconds)) return status::INVALID;
  double ns = seconds * 1e9;
  int64_t delay = ns >= 9.2e18 ? TimerQueue::kNever - 1 : ns <= 0 ? 0 : std::llround(ns);
  begun_task_->set_sleep(sleep_deadline(*loop_, delay));
  end_step();
  return 0;
}

// The host has said that the awaited task is not done. If it is, this one continues in the next turn.
Status Host::answer_await_task(int64_t id) noexcept {
  Task *awaited = task(id);
  if (!awaited) return status::INVALID;
  if (awaited->done()) {
    begun_task_->set_sleep(SleepUntil::kYield);
  } else {
    begun_task_->set_await(*awaited);
  }
  end_step();
  return 0;
}

Status Host::spawn(int64_t id) noexcept {
  if (Status s = loop_->state.check_open()) return s;
  HostSlot *place = slot(id);
  if (!place) return status::NO_MEMORY;
  if (place->task || id == 0) return status::BUSY;
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  place->task = Task::make(*loop_, step, std::move(owned));
  return place->task ? 0 : status::NO_MEMORY;
}

// ---- events ----

void Host::write_begun_event(int64_t *words) noexcept {
  announced_ = true;
  words[1] = begun_->id;
  words[2] = words[3] = 0;
  if (!begun_task_) {
    words[0] = static_cast<int64_t>(begun_future_ ? EventKind::DoneCall : EventKind::Call);
    words[3] = word_of(begun_future_.get());
    return;
  }
  const Outcome &sent = begun_task_->sent();
  words[0] = static_cast<int64_t>(sent.failed() ? EventKind::StepFailed : EventKind::Step);
  if (sent.failed()) {
    words[3] = word_of(sent.exception_pointer());
  } else {
    write_value(sent.value().get(), words + 2);
  }
}

bool Host::describe(Node &node, int64_t *words) noexcept {
  void *slot;
  EventKind kind;
  words[2] = words[3] = 0;
  if (Task *task = Task::of(node)) {
    Value *value = nullptr;
    if (!task->would_only_step(step, value)) return false;
    kind = EventKind::Step;
    slot = task->userdata();
    write_value(value, words + 2);
  } else if (node.type == &DoneCallback::kType) {
    const auto &callback = static_cast<DoneCallback &>(node);
    if (callback.fn != done_call) return false;
    kind = EventKind::DoneCall;
    slot = callback.userdata.get();
    words[3] = word_of(callback.future());
  } else {
    const Callback *callback = node.type->callback ? node.type->callback(node) : nullptr;
    if (!callback || callback->fn != call) return false;
    kind = EventKind::Call;
    slot = callback->userdata.get();
  }
  words[0] = static_cast<int64_t>(kind);
  words[1] = static_cast<HostSlot *>(slot)->id;
  return true;
}

// The events of the nodes behind the one that has begun, up to the first node that is not the host's.
void Host::write_events_not_begun() noexcept {
  Node *node = loop_->turn.next_node();
  for (; node && state_[kEvents] < static_cast<int64_t>(capacity_); node = loop_->turn.node_after(*node)) {
    if (!describe(*node, &events_[kWords * static_cast<size_t>(state_[kEvents])])) return;
    ++state_[kEvents];
    ++not_begun_;
  }
}

Status Host::announce() noexcept {
  state_[kEvents] = 0;
  not_begun_ = 0;
  for (;;) {
    if (!reports_.empty()) *next_event() = static_cast<int64_t>(EventKind::Report);
    if (loop_->dispatch.is_left()) return static_cast<Status>(state_[kEvents]);
    if (begun_ && state_[kEvents] < static_cast<int64_t>(capacity_)) write_begun_event(next_event());
    if (state_[kEvents] > 0) break;
    if (loop_->turn.next_node()) {
      begin_next_event();
    } else if (has_turned_ && loop_->turn.is_stopping()) {
      return 0;
    } else if (Status s = loop_->turn.begin()) {
      run_status_ = s;
      return 0;
    } else {
      has_turned_ = true;
    }
  }
  write_events_not_begun();
  return static_cast<Status>(state_[kEvents]);
}

Status Host::pump(const int64_t *answers, size_t count) noexcept {
  if (Status s = !loop_ || !loop_->state.is_detached() ? status::INVALIDSTATE
                 : Loop::running_here()                ? status::RUNNING
                                                       : 0) {
    discard(answers, answers + kWords * count);
    return s;
  }
  Loop::Entry entry(*loop_);
  clear_dropped();
  if (Status s = submit(answers, count)) return s;
  if (begun_ && announced_) return status::BUSY;
  state_[kLeft] = 0;
  Status sent = announce();
  if (loop_->dispatch.is_left()) run_status_ = status::EXIT;
  return sent;
}

// ---- awaiting what may be done ----

Status Host::await(Future &future, int64_t *ret_event) noexcept {
  if (Status s = ensure_begun(true)) return s;
  if (&future.loop() != loop_) return status::WRONGLOOP;
  begun_task_->set_await(future);
  return await_answered(ret_event);
}

Status Host::await(Coroutine &coroutine, int64_t *ret_event) noexcept {
  if (Status s = ensure_begun(true)) return s;
  if (&coroutine.loop() != loop_) return status::WRONGLOOP;
  if (!coroutine.is_fresh()) return status::BUSY;
  begun_task_->set_await(coroutine);
  return await_answered(ret_event);
}

Status Host::await_answered(int64_t *ret_event) noexcept {
  end_step();
  if (!begun_) return 0;
  write_begun_event(ret_event);
  return 1;
}

}  // namespace boucle
