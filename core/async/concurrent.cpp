#include "async/concurrent.hpp"

#include <cerrno>
#include <new>

namespace boucle {

const NodeType Concurrent::kStart = {make_task, drop_start};
const NodeType Concurrent::kFinish = {take_outcome, drop_finish};
const NodeType Concurrent::kCancel = {cancel_task, drop_other};
const NodeType Concurrent::kClose = {drop_other, on_close};

Concurrent::Concurrent(Loop &loop, StepFn step, Userdata userdata) noexcept
    : step_(step),
      userdata_(std::move(userdata)),
      start_(kStart, *this),
      cancel_(kCancel, *this),
      close_(kClose, *this),
      loop_(&loop) {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}

Ref<Concurrent> Concurrent::start(Loop &loop, StepFn step, Userdata userdata) noexcept {
  auto made = Ref<Concurrent>::adopt(new (std::nothrow) Concurrent(loop, step, std::move(userdata)));
  if (!made) return nullptr;
  made->ref();
  loop.post(made->start_);
  // Either close() finds the posted node, or this finds that the loop is closed.
  if (loop.is_closed()) made->complete(Outcome::of_status(status::CLOSED, nullptr));
  return made;
}

// ---- from any thread ----

bool Concurrent::done() noexcept {
  Monitor::Lock lock(monitor_);
  return done_;
}

Status Concurrent::wait(int64_t timeout_ns, Outcome &ret_outcome) noexcept {
  int64_t now = Clock::monotonic();
  int64_t deadline = timeout_ns > TimerQueue::kNever - now ? TimerQueue::kNever : now + timeout_ns;
  Monitor::Lock lock(monitor_);
  if (!done_ && loop_ && loop_ == Loop::running_here()) return status::DEADLOCK;
  if (!done_ && loop_ && loop_->is_forked()) return status::FORKED;  // the thread that runs it is in another process
  while (!done_) {
    if (timeout_ns < 0) {
      monitor_.wait();
    } else {
      if (Clock::monotonic() >= deadline) return -ETIMEDOUT;
      monitor_.wait_until(deadline);
    }
  }
  ret_outcome = outcome_;
  return 0;
}

bool Concurrent::complete(Outcome outcome) noexcept {
  Monitor::Lock lock(monitor_);
  if (done_) return false;
  done_ = true;
  outcome_ = std::move(outcome);
  monitor_.notify_all();
  return true;
}

bool Concurrent::cancel(Ref<Exception> reason) noexcept {
  if (!complete(std::move(reason))) return false;
  Monitor::Lock lock(monitor_);
  if (!loop_ || loop_->is_forked()) return true;
  ref();
  loop_->post(cancel_);
  return true;
}

// ---- on the loop's thread ----

void Concurrent::make_task(Loop &loop, Node &node) noexcept {
  Concurrent &self = owner(node);
  if (self.done()) return drop_start(loop, node);
  auto task = Ref<Task>::adopt(Task::make(loop, self.step_, std::move(self.userdata_)));
  if (!task) {
    self.complete(Exception::no_memory());
    return drop_start(loop, node);
  }
  self.task_ = task.get();
  node.type = &kFinish;
  task->add_callback(node);
  self.ref();
  loop.driver.drop_at_close(self.close_);
}

void Concurrent::take_outcome(Loop &, Node &node) noexcept {
  Concurrent &self = owner(node);
  auto *future = static_cast<Future *>(node.subject);
  self.complete(future->outcome());
  future->release();
  self.detach_from_loop();
}

void Concurrent::cancel_task(Loop &, Node &node) noexcept {
  Concurrent &self = owner(node);
  if (self.task_) self.task_->cancel_or_report(Exception::cancelled());
  self.unref();
}

// The loop was closed before the task was made.
void Concurrent::drop_start(Loop &, Node &node) noexcept {
  Concurrent &self = owner(node);
  self.userdata_.reset();
  self.complete(Outcome::of_status(status::CLOSED, nullptr));
  self.detach_from_loop();
}

void Concurrent::drop_finish(Loop &loop, Node &node) noexcept {
  if (node.subject) return take_outcome(loop, node);
  Concurrent &self = owner(node);
  self.complete(Exception::make_or_no_memory("RuntimeError", "Task was destroyed but it is pending!"));
  self.detach_from_loop();
}

void Concurrent::drop_other(Loop &, Node &node) noexcept { owner(node).unref(); }

void Concurrent::on_close(Loop &loop, Node &node) noexcept {
  owner(node).complete(Outcome::of_status(status::CLOSED, nullptr));
  drop_other(loop, node);
}

// The loop has neither start_ nor close_ any more.
void Concurrent::detach_from_loop() noexcept {
  task_ = nullptr;
  {
    Monitor::Lock lock(monitor_);
    loop_ = nullptr;
  }
  if (close_.linked()) {
    close_.unlink();
    unref();
  }
  unref();
}

}  // namespace boucle
