// Running a loop until a future is done, and shutting it down: asyncio.run() and its parts.
#pragma once

#include <vector>

#include "async/task.hpp"

namespace boucle {

// What run_until_complete() adds to a run: the done-callback that stops the loop.
class RunUntilComplete {
 public:
  // Before the run.
  Status begin(Loop &loop, Future &future) noexcept;
  // After the run, with its status. Returns the status of run_until_complete().
  Status end(Status run) noexcept;

 private:
  Ref<Loop> loop_;  // for end(): the run may drop the last reference of the user
  Local<Future> future_;
  Node *node_ = nullptr;
  bool was_pending_ = false;
};

// Returns 0 once the future is done; or why the run ended, or could not begin.
Status run_until_complete(Loop &loop, Future &future) noexcept;

// The tasks that are not done, in the order of their creation. Throws bad_alloc.
std::vector<Ref<Task>> all_tasks(Loop &loop);

// The first half of the end of asyncio.run(): cancels all tasks, runs until they and the executor's jobs are done,
// reports their exceptions. RECURSION if some tasks await each other in a circle: those do not change.
Status shut_down(Loop &loop) noexcept;

// All of it, except for closing: asyncio.run() then also runs shutdown_asyncgens() and shutdown_default_executor().
// Here they have nothing to do; but what the cancelled tasks have scheduled gets these two turns.
Status shut_down_fully(Loop &loop) noexcept;

// asyncio.run(): runs the loop until the task is done, shuts it down and closes it. Returns 0 and the task's result; or
// what failed, and its exception if there is one.
Status run(Loop &loop, Task &task, Ref<Value> &ret_value, Ref<Exception> &ret_exception) noexcept;

}  // namespace boucle
