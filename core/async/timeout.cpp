#include "async/timeout.hpp"

namespace boucle {

const NodeType Timeout::kType = {
    [](Loop &, Node &node) noexcept {
      Timeout &self = static_cast<Timeout &>(node);
      self.on_timeout();
      self.release();
    },
    [](Loop &, Node &node) noexcept { static_cast<Timeout &>(node).release(); },
};

const char *Timeout::state_name() const noexcept {
  constexpr const char *kNames[] = {"created", "active", "expiring", "expired", "finished"};
  return kNames[static_cast<int>(state_)];
}

Status Timeout::enter() noexcept {
  if (!loop().current_task) return status::NOTASK;
  if (state_ != State::Created) return status::INVALIDSTATE;
  enter(*loop().current_task);
  return 0;
}

void Timeout::enter(Task &task) noexcept {
  state_ = State::Entered;
  task_ = Local<Task>(&task);
  cancelling_ = task.cancelling();
  start_timer();
}

Status Timeout::reschedule(int64_t when) noexcept {
  if (state_ != State::Entered) return status::EXPIRED;
  when_ = when;
  stop_timer();
  start_timer();
  return 0;
}

void Timeout::start_timer() noexcept {
  if (when_ == TimerQueue::kNever) return;
  retain();
  if (when_ <= loop().now()) {
    loop().scheduler.schedule(*this);
  } else {
    loop().scheduler.schedule_at(*this, when_);
  }
}

void Timeout::stop_timer() noexcept {
  if (!linked()) return;
  deadline == kUntimed ? unlink() : loop().scheduler.remove_timer(*this);
  release();
}

void Timeout::on_timeout() noexcept {
  // As in asyncio, a timeout that cannot cancel its task does not expire.
  if (task_->done() || task_->cancel_or_report(Exception::cancelled())) state_ = State::Expiring;
}

Outcome Timeout::exit(Outcome outcome) noexcept {
  stop_timer();
  if (state_ == State::Entered) {
    state_ = State::Exited;
    return outcome;
  }
  state_ = State::Expired;
  // If the task was also cancelled from outside, it stays cancelled.
  bool ours = task_->uncancel() <= cancelling_;
  return ours && outcome.cancelled() ? Outcome(Exception::timeout(outcome.exception())) : std::move(outcome);
}

}  // namespace boucle
