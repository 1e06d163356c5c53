#include "async/run.hpp"

#include <new>

#include "async/cancellation.hpp"

namespace boucle {
namespace {

// The done-callback of a run: asyncio's _run_until_complete_cb. If the loop is left before it was called, it stays queued,
// and is called in the next run.
struct StopWhenDone : Node {
  StopWhenDone() noexcept : Node(kType) {}
  static const NodeType kType;
  static void run(Loop &loop, Node &node) noexcept {
    Future *future = static_cast<Future *>(node.subject);
    Exception *exception = future->failure();
    // An exception that leaves the loop has ended the run by itself: the next one must not be stopped by it.
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

Status Until::begin(Loop &loop, Future &future) noexcept {
  void *memory = loop.heap.pool.allocate(sizeof(StopWhenDone));
  if (!memory) return status::NO_MEMORY;
  node_ = new (memory) StopWhenDone;
  loop_ = Ref<Loop>(&loop);
  future_ = Local<Future>(&future);
  was_pending_ = !future.done();
  future.add_callback(*node_);
  return 0;
}

Status Until::end(Status run) noexcept {
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

Status run_until_done(Loop &loop, Future &future) noexcept {
  if (Status s = loop.check_run()) return s;
  Until until;
  if (Status s = until.begin(loop, future)) return s;
  return until.end(loop.run_forever());
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
      cancellation.ask(*task);
      ending.push_back(task);
    }
  }
  auto all = Ref<Future>::adopt(gather(loop, ending, true));
  if (!all) return status::NO_MEMORY;
  if (Status s = run_until_done(loop, *all)) return s;
  all->failure();  // return_exceptions: nothing is lost here
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
Status wait_for_jobs(Loop &loop) noexcept {
  while (loop.driver.jobs() > 0) {
    if (Status s = loop.run_once(-1)) return s;
  }
  return 0;
}
}  // namespace

Status shut_down(Loop &loop) noexcept {
  if (Status s = loop.check_run()) return s;
  Ref<Loop> keep(&loop);  // its callbacks may drop the last reference
  try {
    std::vector<Ref<Task>> tasks = all_tasks(loop);
    if (!tasks.empty()) {
      if (Status s = cancel_and_wait(loop, tasks)) return s;
    }
    return wait_for_jobs(loop);
  } catch (const std::bad_alloc &) {
    return status::NO_MEMORY;
  }
}

Status wind_down(Loop &loop) noexcept {
  Ref<Loop> keep(&loop);
  Status result = shut_down(loop);
  for (int i = 0; i < 2 && result == 0; ++i) {
    auto idle = Ref<Task>::adopt(Task::make(
        loop, [](Task *, void *) {}, Userdata()));
    if (!idle) return status::NO_MEMORY;
    idle->set_log_destroy_pending(false);
    result = run_until_done(loop, *idle);
  }
  return result;
}

}  // namespace boucle
