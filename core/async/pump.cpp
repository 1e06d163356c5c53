// A host's answers, and the events that it is told next.
#include <bit>
#include <cmath>
#include <new>

#include "async/host.hpp"

namespace boucle {
namespace {
int64_t word_of(const void *pointer) noexcept { return static_cast<int64_t>(reinterpret_cast<intptr_t>(pointer)); }
template <class T>
T *pointer_of(int64_t word) noexcept {
  return reinterpret_cast<T *>(static_cast<intptr_t>(word));
}

// The two words that stand for a value: its kind, and its bits or its address.
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

// Whether a host may give this away as a value.
bool is_value(int64_t kind, int64_t payload) noexcept {
  if (kind < 0 || kind > static_cast<int64_t>(ValueKind::Exception)) return false;
  return kind <= static_cast<int64_t>(ValueKind::Double) || payload != 0;
}

// What the answers gave away, though they were not applied.
void discard(const int64_t *words, const int64_t *end) noexcept {
  for (; words != end; words += Host::kWords) {
    Host::AnswerKind set_next = static_cast<Host::AnswerKind>(words[0]);
    if (set_next == Host::AnswerKind::Raise) Ref<Exception>::adopt(pointer_of<Exception>(words[3]));
    bool is_given = set_next == Host::AnswerKind::Return && is_value(words[2], words[3]);
    if (is_given && words[2] > static_cast<int64_t>(ValueKind::Double)) Ref<Value>::adopt(pointer_of<Value>(words[3]));
  }
}
}  // namespace

// ---- what is begun ----

// Runs the first node of the snapshot: if it is the host's, it is begun now.
void Host::begin_next() noexcept {
  loop_->run_next_node();
  if (loop_->reached.what != Due::What::Nothing) return take_reached();
  Task *task = loop_->current_task;
  if (!task || !task->is_with_host()) return;
  begun_task_ = task;
  begun_ = static_cast<HostSlot *>(task->userdata());
  delivered_ = false;
}

void Host::take_reached() noexcept {
  begun_ = static_cast<HostSlot *>(loop_->reached.userdata);
  begun_task_ = nullptr;
  begun_future_ = Local<Future>::adopt(static_cast<Future *>(loop_->reached.future));
  loop_->reached = {};
  delivered_ = false;
  Context *context = loop_->reached_context.take();
  loop_->reached_context = Ref<Context>::adopt(std::exchange(loop_->context, context));  // the one around it
}

void Host::end_call(Ref<Exception> exception) noexcept {
  Context *own = std::exchange(loop_->context, loop_->reached_context.take());
  if (own) own->unref();
  HostSlot *slot = std::exchange(begun_, nullptr);
  begun_future_ = nullptr;
  if (exception && exception->is_exit()) {
    loop_->leave(std::move(exception));
  } else if (exception) {
    reporting_id_ = slot->id;
    loop_->report({.message = "Exception in callback", .exception = exception.get()});
    reporting_id_ = -1;
  }
  if (std::exchange(drop_begun_, false)) slot_dropped(slot);
}

void Host::task_answered() noexcept {
  Task *task = std::exchange(begun_task_, nullptr);
  HostSlot *slot = std::exchange(begun_, nullptr);
  if (!task->host_answered()) return;
  begun_task_ = task;
  begun_ = slot;
  delivered_ = false;
}

// ---- answers ----

Status Host::check_begun(bool task) noexcept {
  if (!begun_ && peeked_ > 0) {
    --peeked_;
    if (loop_->next_node()) begin_next();  // it may have been withdrawn
    delivered_ = true;
  }
  if (!begun_ || !delivered_) return status::INVALIDSTATE;
  return task && !begun_task_ ? status::NOTASK : 0;
}

Status Host::answer(const int64_t *words) noexcept {
  AnswerKind set_next = static_cast<AnswerKind>(words[0]);
  switch (set_next) {
    case AnswerKind::Spawn: return spawn(words[1]);
    case AnswerKind::CallSoon: return call_soon(words[1]);
    case AnswerKind::Forget: forget(words[1]); return 0;
    default: break;
  }
  if (Status s = check_begun(set_next == AnswerKind::Sleep || set_next == AnswerKind::AwaitTask)) return s;
  switch (set_next) {
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
    if (loop_->is_left()) state_[kLeft] = 1;
  }
  if (failed) discard(answers, end);
  return failed;
}

void Host::answer_return(int64_t kind, int64_t payload) noexcept {
  Outcome outcome;
  try {
    outcome = value_of(kind, payload);
  } catch (const std::bad_alloc &) {
    outcome = Exception::no_memory();
  }
  if (!begun_task_) return end_call(nullptr);
  begun_task_->set_end(std::move(outcome));
  task_answered();
}

void Host::answer_raise(Ref<Exception> exception) noexcept {
  if (!begun_task_) return end_call(std::move(exception));
  begun_task_->set_end(std::move(exception));
  task_answered();
}

Status Host::answer_sleep(double seconds) noexcept {
  if (std::isnan(seconds)) return status::INVALID;
  double ns = seconds * 1e9;
  int64_t delay = ns >= 9.2e18 ? TimerQueue::kNever - 1 : ns <= 0 ? 0 : std::llround(ns);
  begun_task_->set_sleep(sleep_deadline(*loop_, delay));
  task_answered();
  return 0;
}

// The host knows that the task is not done; should it be, this one goes on in the next turn.
Status Host::answer_await_task(int64_t id) noexcept {
  Task *awaited = task(id);
  if (!awaited) return status::INVALID;
  if (awaited->done()) {
    begun_task_->set_sleep(SleepUntil::kYield);
  } else {
    begun_task_->set_await(*awaited);
  }
  task_answered();
  return 0;
}

Status Host::spawn(int64_t id) noexcept {
  if (Status s = loop_->check_open()) return s;
  HostSlot *place = slot(id);
  if (!place) return status::NO_MEMORY;
  if (place->task || id == 0) return status::BUSY;
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  place->task = Task::make_hosted(*loop_, std::move(owned));
  return place->task ? 0 : status::NO_MEMORY;
}

Status Host::call_soon(int64_t id) noexcept {
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  return loop_->call_soon({hosted_call, std::move(owned), nullptr}, nullptr);
}

// ---- events ----

void Host::write_begun_event(int64_t *words) noexcept {
  delivered_ = true;
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

// The host's nodes that stand behind the one that was begun, as far as nothing else stands between.
void Host::write_peeked_events() noexcept {
  for (Node *node = loop_->next_node(); node && state_[kEvents] < static_cast<int64_t>(capacity_);
       node = loop_->node_after(*node)) {
    Due due = node->type->peek ? node->type->peek(*node) : Due();
    if (due.what == Due::What::Nothing) return;
    int64_t *words = next_event();
    words[0] = static_cast<int64_t>(due.what == Due::What::Step       ? EventKind::Step
                                    : due.what == Due::What::DoneCall ? EventKind::DoneCall
                                                                      : EventKind::Call);
    words[1] = static_cast<HostSlot *>(due.userdata)->id;
    words[2] = 0;
    words[3] = word_of(due.future);
    if (due.what == Due::What::Step) write_value(due.value, words + 2);
    ++peeked_;
  }
}

Status Host::deliver() noexcept {
  state_[kEvents] = 0;
  peeked_ = 0;
  for (;;) {
    if (!reports_.empty()) *next_event() = static_cast<int64_t>(EventKind::Report);
    if (loop_->is_left()) return static_cast<Status>(state_[kEvents]);
    if (begun_ && state_[kEvents] < static_cast<int64_t>(capacity_)) write_begun_event(next_event());
    if (state_[kEvents] > 0) break;
    if (loop_->next_node()) {
      begin_next();
    } else if (turned_ && loop_->is_stopping()) {
      return 0;
    } else if (Status s = loop_->next_turn()) {
      run_status_ = s;
      return 0;
    } else {
      turned_ = true;
    }
  }
  write_peeked_events();
  return static_cast<Status>(state_[kEvents]);
}

Status Host::pump(const int64_t *answers, size_t count) noexcept {
  if (Status s = !loop_ || !loop_->is_hosted() ? status::INVALIDSTATE : Loop::running_here() ? status::RUNNING : 0) {
    discard(answers, answers + kWords * count);
    return s;
  }
  Loop::Entry entry(*loop_);
  clear_dropped();
  if (Status s = submit(answers, count)) return s;
  if (begun_ && delivered_) return status::BUSY;
  state_[kLeft] = 0;
  Status sent = deliver();
  if (loop_->is_left()) run_status_ = status::EXIT;
  return sent;
}

// ---- awaiting what may be done already ----

Status Host::await(Future &future, int64_t *ret_event) noexcept {
  if (Status s = check_begun(true)) return s;
  if (&future.loop() != loop_) return status::WRONGLOOP;
  begun_task_->set_await(future);
  return await_answered(ret_event);
}

Status Host::await(Coroutine &coroutine, int64_t *ret_event) noexcept {
  if (Status s = check_begun(true)) return s;
  if (&coroutine.loop() != loop_) return status::WRONGLOOP;
  if (!coroutine.is_fresh()) return status::BUSY;
  begun_task_->set_await(coroutine);
  return await_answered(ret_event);
}

Status Host::await_answered(int64_t *ret_event) noexcept {
  task_answered();
  if (!begun_) return 0;
  write_begun_event(ret_event);
  return 1;
}

}  // namespace boucle
