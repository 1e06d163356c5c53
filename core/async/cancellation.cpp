#include "async/cancellation.hpp"

namespace boucle {

Status Cancellation::of(Future &future, const Ref<Exception> &reason, bool &ret_cancelled) noexcept {
  bool closed = !future.done() && future.loop().is_closed();
  if (closed) {
    if (Status s = check_closed(future)) return s;
  }
  Task *task = future.as_task();
  if (task && !task->passes_on_to()) {
    // Mostly it goes no further.
    ret_cancelled = !task->done();
    if (task->done()) {
      task->cancel_alone(reason);
    } else {
      ++task->cancelling_;
      task->cancel_here(reason);
    }
    return 0;
  }
  Future *root = &future;
  Cancellation cancellation({&root, 1}, reason);
  if (Status s = cancellation.check(future)) return s;
  ret_cancelled = cancellation.ask(future);
  return 0;
}

Cancellation::~Cancellation() {
  for (Gather *gather = noted_; gather; gather = gather->visit_.noted) gather->mark_ = Mark::None;
  if (!marked_tasks_) return;
  for (Future *root : roots_) unmark(*root);
  for (Gather *gather = noted_; gather; gather = gather->visit_.noted) {
    for (Local<Future> &child : gather->children_) unmark(*child);
  }
}

// ---- a closed loop ----

// In asyncio, cancelling it would schedule something. A task that never began is only marked.
bool Cancellation::is_refused_when_closed(const Future &future) noexcept {
  if (future.done()) return false;
  return future.is_task() ? static_cast<const Task &>(future).has_awaited_ : future.has_callbacks();
}

Status Cancellation::check_closed(const Future &future) noexcept {
  bool refused = is_refused_when_closed(future);
  if (future.kind_ == Future::Kind::Gather && !future.done()) {
    for (const Local<Future> &child : static_cast<const Gather &>(future).children_) {
      refused |= is_refused_when_closed(*child);
    }
  }
  return refused ? status::CLOSED : 0;
}

// ---- looking ----

Status Cancellation::check(Future &root) noexcept {
  if (root.loop().is_closed()) return check_closed(root);
  bool fine = look_at(root);
  while (fine && top_) {
    Gather::Visit &visit = top_->visit_;
    if (visit.next < top_->children_.size()) {
      fine = look_at(*top_->children_[visit.next++]);
    } else {
      leave_looked_at();
    }
  }
  // What is open now leads into a circle, and stays marked so for the roots to come.
  top_ = nullptr;
  return fine ? 0 : status::RECURSION;
}

// Along the tasks that wait for each other, up to what passes nothing on, or was looked at before, or to a gather, which is
// visited next. False: it leads into a circle.
bool Cancellation::look_at(Future &future) noexcept {
  Future *at = &future;
  while (at->mark_ == Mark::None && at->passes_on()) {
    Task *task = at->as_task();
    if (!task) {
      Gather *gather = static_cast<Gather *>(at);
      gather->mark_ = Mark::Open;
      gather->visit_ = {.above = top_, .noted = noted_, .way = &future, .waiting = nullptr, .next = 0, .any = false};
      noted_ = top_ = gather;
      return true;
    }
    Future *next = task->passes_on_to();
    if (!next) break;
    task->mark_ = Mark::Open;
    marked_tasks_ = true;
    at = next;
  }
  if (at->mark_ == Mark::Open) return false;
  settle(future);
  return true;
}

void Cancellation::leave_looked_at() noexcept {
  top_->mark_ = Mark::Safe;
  settle(*top_->visit_.way);
  top_ = top_->visit_.above;
}

// Both follow the tasks that wait for each other, from the given one on.
void Cancellation::settle(Future &from) noexcept {
  for (Future *at = &from; at && at->is_task() && at->mark_ == Mark::Open; at = at->as_task()->passes_on_to()) {
    at->mark_ = Mark::Safe;
  }
}
void Cancellation::unmark(Future &from) noexcept {
  for (Future *at = &from; at && at->is_task() && at->mark_ != Mark::None; at = at->as_task()->passes_on_to()) {
    at->mark_ = Mark::None;
  }
}

// ---- asking ----

bool Cancellation::ask(Future &root) noexcept {
  result_ = false;
  bool at_once = ask_one(root);
  while (top_) {
    Gather::Visit &visit = top_->visit_;
    if (visit.next < top_->children_.size()) {
      Gather *gather = top_;
      if (ask_one(*gather->children_[visit.next++])) gather->visit_.any = true;
    } else {
      leave_asked();
    }
  }
  return at_once || result_;
}

// True if it is cancelled, or will be; a gather says so when it is left.
bool Cancellation::ask_one(Future &future) noexcept {
  if (!future.passes_on()) return future.cancel_alone(reason_);
  if (Task *task = future.as_task()) return ask_tasks(*task);
  return !enter(static_cast<Gather &>(future), nullptr);
}

bool Cancellation::ask_tasks(Task &first) noexcept {
  for (Task *task = &first;;) {
    ++task->cancelling_;
    Future *next = task->passes_on_to();
    if (!next) {
      task->cancel_here(reason_);
      return true;
    }
    if (is_asked_enough(*task)) return true;
    if (!next->is_task()) {
      enter(static_cast<Gather &>(*next), task);
      return true;
    }
    task = next->as_task();
  }
}

// False: it was asked often enough.
bool Cancellation::enter(Gather &gather, Task *waiting) noexcept {
  if (is_asked_enough(gather)) return false;
  Gather::Visit &visit = gather.visit_;
  visit.above = top_;
  visit.waiting = waiting;
  visit.next = 0;
  visit.any = false;
  top_ = &gather;
  return true;
}

void Cancellation::leave_asked() noexcept {
  Gather::Visit &visit = top_->visit_;
  if (visit.any) top_->cancel_requested_ = true;
  top_ = visit.above;
  if (visit.waiting) {
    // Its futures are all done: as with any other done future, the task is told at its next step.
    if (!visit.any) visit.waiting->cancel_later(reason_);
  } else if (top_) {
    top_->visit_.any |= visit.any;
  } else {
    result_ = visit.any;
  }
}

bool Cancellation::is_asked_enough(Future &future) noexcept {
  if (++steps_ <= kPlenty) return false;
  if (future.mark_ == Mark::Asked) return true;
  future.mark_ = Mark::Asked;
  return false;
}

}  // namespace boucle
