// Running a loop until something is done, and winding it down.
#pragma once

#include <vector>

#include "async/task.hpp"

namespace boucle {

// What a run until a future is done adds to a run: the done-callback that stops it.
class RunUntilComplete {
 public:
  // Before the run.
  Status begin(Loop &loop, Future &future) noexcept;
  // After it; makes of its status that of the whole.
  Status end(Status run) noexcept;

 private:
  Ref<Loop> loop_;  // what end() still looks at must not go with the last reference to the loop
  Local<Future> future_;
  Node *node_ = nullptr;
  bool was_pending_ = false;
};

// 0 once the future is done; otherwise why the run ended, or could not begin.
Status run_until_complete(Loop &loop, Future &future) noexcept;

// The unfinished tasks, in the order of their creation. Throws bad_alloc.
std::vector<Ref<Task>> all_tasks(Loop &loop);

// The first half of the end of asyncio.run(): cancels all tasks, runs until they are done, reports their errors.
// RECURSION if some wait for each other in a circle: those stay as they are.
Status shut_down(Loop &loop) noexcept;

// The whole of it, but for closing: asyncio.run() also runs shutdown_asyncgens() and shutdown_default_executor(), which
// have nothing to do here; but leftovers of the leftovers get these turns.
Status shut_down_fully(Loop &loop) noexcept;

// Runs the loop until the task is done, winds it down and closes it. Returns 0 and the task's result; or what failed, and
// the exception if there is one. asyncio.run().
Status run(Loop &loop, Task &task, Ref<Value> &ret_value, Ref<Exception> &ret_exception) noexcept;

}  // namespace boucle
