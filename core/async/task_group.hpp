// TaskGroup: `async with asyncio.TaskGroup()`.
#pragma once

#include <vector>

#include "async/task.hpp"
#include "async/trigger.hpp"

namespace boucle {

class TaskGroup final : public Object {
 public:
  static TaskGroup *make(Loop &loop) noexcept { return loop.heap.make<TaskGroup>(); }
  explicit TaskGroup(Loop &loop) noexcept : Object(loop) {}

  bool entered() const noexcept { return entered_; }
  void enter(Task &parent) noexcept;
  // 0 if it takes tasks now; INVALIDSTATE before it is entered, SHUTTINGDOWN.
  Status check() const noexcept;
  bool is_finished() const noexcept { return exiting_ && members_.empty(); }
  bool is_aborting() const noexcept { return aborting_; }
  // There is one exit coroutine.
  bool has_exit() const noexcept { return has_exit_; }
  void claim_exit() noexcept { has_exit_ = true; }
  // After check().
  Status add(Task &task) noexcept;
  // The same in two steps, of which only the first can fail: room for a member, and the member.
  void *reserve() noexcept;
  void unreserve(void *place) noexcept;
  void add_at(void *place, Task &task) noexcept;

 private:
  friend class Heap;
  friend Op op_exit(Loop &, Local<TaskGroup>, Ref<Exception>) noexcept;

  // A task of the group and its callback. From the loop's pool.
  struct Member : Link {
    Trigger trigger;
    TaskGroup *group;
    Local<Task> task;
  };

  ~TaskGroup();
  void dispose() noexcept override { Heap::destroy(this); }

  static void on_done(Trigger &trigger, Future &future) noexcept;
  void member_done(Task &task) noexcept;
  void abort() noexcept;
  void keep_error(Ref<Exception> exception) noexcept;
  static void free_member(Member &member) noexcept;

  bool entered_ = false, has_exit_ = false, exiting_ = false, aborting_ = false, parent_cancel_requested_ = false;
  Local<Task> parent_;  // as in asyncio for good
  List members_;        // in the order of their creation: that in which they are cancelled
  std::vector<Ref<Exception>> errors_;
  Ref<Exception> base_error_;  // the first SystemExit or KeyboardInterrupt
  Local<Future> on_completed_;
};

// Ends the block, whose body ended with `error` or nullptr.
Op op_exit(Loop &loop, Local<TaskGroup> group, Ref<Exception> exception) noexcept;

}  // namespace boucle
