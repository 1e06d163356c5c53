#include "async/cancellation.hpp"

namespace boucle {

Status Cancellation::of(Future &future, const Ref<Exception> &reason, bool &ret_cancelled) noexcept {
  bool closed = !future.done() && future.loop().is_closed();
  if (closed) {
    if (Status s = check_closed(future)) return s;
  }
  Task *task = future.as_task();
  if (task && !task->forwards_cancel_to()) {
    // The usual case: it forwards to nothing.
    ret_cancelled = !task->done();
    if (task->done()) {
      task->cancel_itself(reason);
    } else {
      ++task->cancelling_;
      task->cancel_or_defer(reason);
    }
    return 0;
  }
  Future *root = &future;
  Cancellation cancellation({&root, 1}, reason);
  if (Status s = cancellation.check(future)) return s;
  ret_cancelled = cancellation.request(future);
  return 0;
}

Cancellation::~Cancellation() {
  for (Gather *gather = last_marked_; gather; gather = gather->visit_.previous_marked) gather->mark_ = Mark::None;
  if (!has_marked_tasks_) return;
  for (Future *root : roots_) unmark(*root);
  for (Gather *gather = last_marked_; gather; gather = gather->visit_.previous_marked) {
    for (Local<Future> &child : gather->children_) unmark(*child);
  }
}

// ---- a closed loop ----

// In asyncio, cancelling the future would schedule something, which a closed loop refuses. A task that never began is
// only marked.
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

// ---- check() ----

Status Cancellation::check(Future &root) noexcept {
  if (root.loop().is_closed()) return check_closed(root);
  bool fine = check_path(root);
  while (fine && top_) {
    Gather::Visit &visit = top_->visit_;
    if (visit.next_child < top_->children_.size()) {
      fine = check_path(*top_->children_[visit.next_child++]);
    } else {
      leave_checked();
    }
  }
  // What is still on the path leads into a circle: the marks stay, for the roots that follow.
  top_ = nullptr;
  return fine ? 0 : status::RECURSION;
}

// Follows the tasks that await each other, up to a future that forwards nothing or was visited before, or to a gather,
// whose children are visited next. Returns false if the path leads into a circle.
bool Cancellation::check_path(Future &future) noexcept {
  Future *at = &future;
  while (at->mark_ == Mark::None && at->forwards_cancel()) {
    Task *task = at->as_task();
    if (!task) {
      Gather *gather = static_cast<Gather *>(at);
      gather->mark_ = Mark::OnPath;
      gather->visit_ = {.parent = top_,
                        .previous_marked = last_marked_,
                        .path_start = &future,
                        .waiting_task = nullptr,
                        .next_child = 0,
                        .any_cancelled = false};
      last_marked_ = top_ = gather;
      return true;
    }
    Future *next = task->forwards_cancel_to();
    if (!next) break;
    task->mark_ = Mark::OnPath;
    has_marked_tasks_ = true;
    at = next;
  }
  if (at->mark_ == Mark::OnPath) return false;
  mark_checked(future);
  return true;
}

void Cancellation::leave_checked() noexcept {
  top_->mark_ = Mark::Checked;
  mark_checked(*top_->visit_.path_start);
  top_ = top_->visit_.parent;
}

// Both follow the tasks that await each other, beginning with the given one.
void Cancellation::mark_checked(Future &from) noexcept {
  for (Future *at = &from; at && at->is_task() && at->mark_ == Mark::OnPath; at = at->as_task()->forwards_cancel_to()) {
    at->mark_ = Mark::Checked;
  }
}
void Cancellation::unmark(Future &from) noexcept {
  for (Future *at = &from; at && at->is_task() && at->mark_ != Mark::None; at = at->as_task()->forwards_cancel_to()) {
    at->mark_ = Mark::None;
  }
}

// ---- request() ----

bool Cancellation::request(Future &root) noexcept {
  result_ = false;
  bool at_once = request_one(root);
  while (top_) {
    Gather::Visit &visit = top_->visit_;
    if (visit.next_child < top_->children_.size()) {
      Gather *gather = top_;
      if (request_one(*gather->children_[visit.next_child++])) gather->visit_.any_cancelled = true;
    } else {
      leave_requested();
    }
  }
  return at_once || result_;
}

// Returns true if the future is cancelled, or will be. For a gather that is known when it is left.
bool Cancellation::request_one(Future &future) noexcept {
  if (!future.forwards_cancel()) return future.cancel_itself(reason_);
  if (Task *task = future.as_task()) return request_tasks(*task);
  return !enter(static_cast<Gather &>(future), nullptr);
}

bool Cancellation::request_tasks(Task &first) noexcept {
  for (Task *task = &first;;) {
    ++task->cancelling_;
    Future *next = task->forwards_cancel_to();
    if (!next) {
      task->cancel_or_defer(reason_);
      return true;
    }
    if (is_over_limit(*task)) return true;
    if (!next->is_task()) {
      enter(static_cast<Gather &>(*next), task);
      return true;
    }
    task = next->as_task();
  }
}

// Returns false if the gather was requested often enough.
bool Cancellation::enter(Gather &gather, Task *waiting) noexcept {
  if (is_over_limit(gather)) return false;
  Gather::Visit &visit = gather.visit_;
  visit.parent = top_;
  visit.waiting_task = waiting;
  visit.next_child = 0;
  visit.any_cancelled = false;
  top_ = &gather;
  return true;
}

void Cancellation::leave_requested() noexcept {
  Gather::Visit &visit = top_->visit_;
  if (visit.any_cancelled) top_->cancel_requested_ = true;
  top_ = visit.parent;
  if (visit.waiting_task) {
    // All of its futures are done: as with any done future, the task is cancelled at its next step.
    if (!visit.any_cancelled) visit.waiting_task->defer_cancel(reason_);
  } else if (top_) {
    top_->visit_.any_cancelled |= visit.any_cancelled;
  } else {
    result_ = visit.any_cancelled;
  }
}

bool Cancellation::is_over_limit(Future &future) noexcept {
  if (++steps_ <= kMaxSteps) return false;
  if (future.mark_ == Mark::Requested) return true;
  future.mark_ = Mark::Requested;
  return false;
}

}  // namespace boucle
