#include "async/run.hpp"

#include "async/cancellation.hpp"
#include "base/allocation.hpp"

namespace boucle {
namespace {

// The done-callback of a run: asyncio's _run_until_complete_cb. If SystemExit or KeyboardInterrupt ends the run before
// it was called, it stays queued, and is called in the next run.
struct StopWhenDone : Node {
  StopWhenDone() noexcept : Node(kType) {}
  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept {
    Future *future = static_cast<Future *>(node.subject);
    Exception *exception = future->failure();
    // SystemExit and KeyboardInterrupt have ended the run: they must not stop the next run, too.
    if (!exception || !exception->is_exit()) loop.turn.stop();
    drop(loop, node);
  }
  static void drop(Loop &loop, Node &node) noexcept {
    Future *future = static_cast<Future *>(node.subject);
    loop.heap.pool.deallocate(static_cast<StopWhenDone *>(&node), sizeof(StopWhenDone));
    if (future) future->release();
  }
};
const NodeType StopWhenDone::kType = {run, drop};

}  // namespace

Status RunUntilComplete::begin(Loop &loop, Future &future) noexcept {
  void *memory = loop.heap.pool.allocate(sizeof(StopWhenDone));
  if (!memory) return status::NO_MEMORY;
  node_ = new (memory) StopWhenDone;
  loop_ = Ref<Loop>(&loop);
  future_ = Local<Future>(&future);
  was_pending_ = !future.done();
  future.add_callback(*node_);
  return 0;
}

Status RunUntilComplete::end(Status run) noexcept {
  if (!future_) return run;
  Ref<Loop> keep = std::move(loop_);
  Local<Future> future = std::move(future_);
  if (was_pending_ && !future->done()) {
    future->remove_callback(*node_);
    StopWhenDone::drop(future->loop(), *node_);
  }
  if (run) return run;
  return future->done() ? 0 : status::STOPPED;
}

Status run_until_complete(Loop &loop, Future &future) noexcept {
  if (Status s = loop.check_run()) return s;
  RunUntilComplete complete;
  if (Status s = complete.begin(loop, future)) return s;
  return complete.end(loop.run_forever());
}

std::vector<Ref<Task>> all_tasks(Loop &loop) {
  std::vector<Ref<Task>> tasks;
  loop.heap.futures.for_each([&](Future &future) {
    Task *task = future.as_task();
    if (task && !task->done()) tasks.emplace_back(task);
  });
  return tasks;
}

namespace {
Status cancel_and_wait(Loop &loop, const std::vector<Ref<Task>> &tasks) {
  if (tasks.empty()) return 0;
  std::vector<Future *> futures, ending;
  for (const Ref<Task> &task : tasks) futures.push_back(task.get());
  ending.reserve(futures.size());
  Ref<Exception> reason = Exception::cancelled();
  Status refused = 0;
  {
    Cancellation cancellation(futures, reason);
    for (Future *task : futures) {
      if (Status s = cancellation.check(*task)) {
        refused = s;
        continue;
      }
      cancellation.request(*task);
      ending.push_back(task);
    }
  }
  auto all = Ref<Future>::adopt(gather(loop, ending, true));
  if (!all) return status::NO_MEMORY;
  if (Status s = run_until_complete(loop, *all)) return s;
  all->failure();  // counts as retrieved; the tasks' exceptions are reported below
  for (const Ref<Task> &task : tasks) {
    Exception *exception = task->failure();
    if (!exception) continue;
    loop.dispatch.report({.message = "unhandled exception during asyncio.run() shutdown",
                          .exception = exception,
                          .future = task.get(),
                          .is_task = true});
  }
  return refused;
}

// asyncio's shutdown_default_executor().
Status shut_down_executor(Loop &loop) noexcept {
  while (loop.driver.jobs() > 0) {
    if (Status s = loop.run_once(-1)) return s;
  }
  return 0;
}
}  // namespace

Status shut_down(Loop &loop) noexcept {
  if (Status s = loop.check_run()) return s;
  Ref<Loop> keep(&loop);  // a callback may drop the last reference
  Status cancelled = allocate_or(status::NO_MEMORY, [&] { return cancel_and_wait(loop, all_tasks(loop)); });
  return cancelled ? cancelled : shut_down_executor(loop);
}

Status shut_down_fully(Loop &loop) noexcept {
  Ref<Loop> keep(&loop);
  Status result = shut_down(loop);
  for (int i = 0; i < 2 && result == 0; ++i) {
    auto idle = Ref<Task>::adopt(Task::make(
        loop, [](Task *, void *) {}, Userdata()));
    if (!idle) return status::NO_MEMORY;
    idle->set_log_destroy_pending(false);
    result = run_until_complete(loop, *idle);
  }
  return result;
}

Status run(Loop &loop, Task &task, Ref<Value> &ret_value, Ref<Exception> &ret_exception) noexcept {
  task.set_log_destroy_pending(false);
  Status result = run_until_complete(loop, task);
  if (result == status::EXIT) ret_exception = loop.dispatch.take_exit();
  if (task.done()) {
    Outcome outcome = task.outcome();
    if (result == 0 && outcome.failed()) {
      result = task.cancelled() ? status::CANCELLED : status::EXCEPTION;
      ret_exception = outcome.exception();
    }
    ret_value = outcome.value();
  }
  Status shut_down_status = shut_down_fully(loop);
  loop.close();
  if (result) return result;
  if (shut_down_status == status::EXIT) ret_exception = loop.dispatch.take_exit();
  return shut_down_status;
}

}  // namespace boucle
