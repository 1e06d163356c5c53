#include "async/task_group.hpp"

#include "base/allocation.hpp"

namespace boucle {

TaskGroup::~TaskGroup() {
  while (!members_.empty()) free_member(*static_cast<Member *>(members_.front()));
}

void TaskGroup::free_member(Member &member) noexcept {
  if (member.linked()) member.unlink();
  member.~Member();
  free_memory(&member);
}

Status TaskGroup::enter() noexcept {
  if (!loop().current_task) return status::NOTASK;
  if (parent_) return status::INVALIDSTATE;
  parent_ = Local<Task>(loop().current_task);
  return 0;
}

Status TaskGroup::check() const noexcept {
  if (!parent_) return status::INVALIDSTATE;
  return is_finished() || aborting_ ? status::SHUTTINGDOWN : 0;
}

Status TaskGroup::add(Task &task) noexcept {
  void *memory = allocate_member();
  if (!memory) return status::NO_MEMORY;
  add_at(memory, task);
  return 0;
}

void *TaskGroup::allocate_member() noexcept { return loop().heap.pool.allocate(sizeof(Member)); }
void TaskGroup::free_memory(void *memory) noexcept { Pool::deallocate_by_owner(memory, sizeof(Member)); }

void TaskGroup::add_at(void *memory, Task &task) noexcept {
  Member *member = new (memory) Member;
  member->group = this;
  member->task = Local<Task>(&task);
  members_.push_back(*member);
  member->continuation.attach(task, on_done, *this, member);
}

void TaskGroup::on_done(Continuation &continuation, Future &future) noexcept {
  Member &member = *static_cast<Member *>(continuation.argument);
  TaskGroup &group = *member.group;
  free_member(member);
  group.member_done(*future.as_task());
}

void TaskGroup::member_done(Task &task) noexcept {
  if (on_completed_ && members_.empty()) on_completed_->set_result(Value::boolean(true));  // refused if done
  Exception *exception = task.failure();
  if (!exception) return;
  keep_error(Ref<Exception>(exception));
  if (exception->is_exit() && !base_error_) base_error_ = Ref<Exception>(exception);
  if (parent_->done()) {
    loop().dispatch.report({.message = "a task of a group failed, but its parent task is already completed",
                            .exception = exception,
                            .future = &task,
                            .is_task = true});
    return;
  }
  if (aborting_ || parent_cancel_requested_) return;
  abort();
  parent_cancel_requested_ = true;
  parent_->cancel_or_report(Exception::cancelled());
}

void TaskGroup::keep_error(Ref<Exception> exception) noexcept {
  bool kept = try_allocate([&] { errors_.push_back(std::move(exception)); });
  if (!kept && !base_error_) base_error_ = Exception::no_memory();
}

void TaskGroup::abort() noexcept {
  aborting_ = true;
  for (Link *link = members_.front(); link != members_.end(); link = link->next) {
    Task *task = static_cast<Member *>(link)->task.get();
    if (!task->done()) task->cancel_or_report(Exception::cancelled());
  }
}

Async async_exit(Loop &loop, Local<TaskGroup> group, Ref<Exception> exception) noexcept {
  Async exit = TaskGroup::async_exit_members(loop, group, std::move(exception));
  if (exit.get()) group->has_exit_ = true;
  return exit;
}

Async TaskGroup::async_exit_members(Loop &loop, Local<TaskGroup> group, Ref<Exception> exception) noexcept {
  group->exiting_ = true;
  if (exception && exception->is_exit() && !group->base_error_) group->base_error_ = exception;
  Ref<Exception> cancellation = exception && exception->is_cancelled() ? exception : nullptr;
  if (group->parent_cancel_requested_ && group->parent_->uncancel() == 0) cancellation = nullptr;
  if (exception && !group->aborting_) group->abort();
  while (!group->members_.empty()) {
    Local<Future> completed = Future::make_local(loop);
    if (!completed) co_return Exception::no_memory();
    group->on_completed_ = completed;
    Outcome outcome = co_await result_of(*completed);
    if (outcome.failed() && !group->aborting_) {
      cancellation = outcome.exception();
      group->abort();
    }
    group->on_completed_ = nullptr;
  }
  if (group->base_error_) co_return group->base_error_;
  if (cancellation && group->errors_.empty()) co_return cancellation;
  if (exception && !exception->is_cancelled()) group->keep_error(exception);
  if (group->base_error_) co_return group->base_error_;
  if (group->errors_.empty()) co_return Outcome();
  co_return Exception::group("unhandled errors in a TaskGroup", std::move(group->errors_));
}

}  // namespace boucle
