// TaskGroup: `async with asyncio.TaskGroup()`.
#pragma once

#include <vector>

#include "async/continuation.hpp"
#include "async/task.hpp"

namespace boucle {

class TaskGroup final : public Object {
 public:
  static TaskGroup *make(Loop &loop) noexcept { return loop.heap.make<TaskGroup>(); }
  explicit TaskGroup(Loop &loop) noexcept : Object(loop) {}

  // The running task is the group's parent from here on. NOTASK if none runs; INVALIDSTATE if the group was entered.
  Status enter() noexcept;
  // Returns 0 if tasks can be added; INVALIDSTATE before it is entered; SHUTTINGDOWN.
  Status check() const noexcept;
  bool is_finished() const noexcept { return exiting_ && members_.empty(); }
  const char *state_name() const noexcept { return is_finished() ? "finished" : aborting_ ? "shutting down" : ""; }
  // It was entered, and has no exit coroutine yet.
  bool can_exit() const noexcept { return parent_ && !has_exit_; }
  // After check(). NO_MEMORY: nothing has changed.
  Status add(Task &task) noexcept;
  // The same for the task that make(loop) returns; nullptr if there is no memory. The reference is the caller's, a
  // shared one.
  template <class F>
  Task *add_new(F &&make) noexcept {
    void *memory = allocate_member();
    Task *task = memory ? make(loop()) : nullptr;
    if (task) {
      add_at(memory, *task);
    } else if (memory) {
      free_memory(memory);
    }
    return task;
  }

 private:
  friend class Heap;
  friend Async async_exit(Loop &, Local<TaskGroup>, Ref<Exception>) noexcept;
  static Async async_exit_members(Loop &loop, Local<TaskGroup> group, Ref<Exception> exception) noexcept;

  // A task of the group, and the continuation on it. In memory of the loop's pool.
  struct Member : Link {
    Continuation continuation;
    TaskGroup *group;
    Local<Task> task;
  };

  ~TaskGroup();
  void dispose() noexcept override { Heap::destroy(this); }

  static void on_done(Continuation &continuation, Future &future) noexcept;
  void member_done(Task &task) noexcept;
  void abort() noexcept;
  void keep_error(Ref<Exception> exception) noexcept;
  void *allocate_member() noexcept;
  void add_at(void *memory, Task &task) noexcept;
  static void free_member(Member &member) noexcept;
  static void free_memory(void *memory) noexcept;

  bool has_exit_ = false, exiting_ = false, aborting_ = false, parent_cancel_requested_ = false;
  Local<Task> parent_;  // nullptr: the group was not entered. As in asyncio it is kept for good
  List members_;        // in the order of their creation, in which they are cancelled
  std::vector<Ref<Exception>> errors_;
  Ref<Exception> base_error_;  // the first SystemExit or KeyboardInterrupt
  Local<Future> on_completed_;
};

// Ends the block, whose body ended with the exception, or with nullptr. Only if can_exit().
Async async_exit(Loop &loop, Local<TaskGroup> group, Ref<Exception> exception) noexcept;

}  // namespace boucle
