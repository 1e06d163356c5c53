#include "loop/driver.hpp"

#include <cstdio>
#include <new>
#include <utility>

#include "loop/loop.hpp"

namespace boucle {

Driver::Driver(Loop &loop, const LoopOptions &options) noexcept
    : descriptors(loop),
      signals(loop),
      loop_(loop),
      worker_threads_(options.executor_threads),
      worker_spin_ns_(options.virtual_clock ? 0 : options.spin_ns) {}

Status Driver::open(PollerKind kind) noexcept {
  if (Status s = Io::make(kind, io_)) return s;
  if (Status s = waker_.open()) return s;
  return io_->set_interest(waker_, kReadable | kEdge);
}

bool Driver::is_own(int fd) const noexcept { return fd == waker_.fd || fd == io_->fd() || signals.uses(fd); }

// Made when it is needed first: many loops never receive.
std::span<char> Driver::landing() noexcept {
  constexpr size_t kLanding = 64 * 1024;
  if (!landing_) landing_.reset(new (std::nothrow) char[kLanding]);
  return {landing_.get(), landing_ ? kLanding : 0};
}

// What a forked loop has in its Io is its parent's too.
void Driver::detach_at_close(Source &source) noexcept {
  if (operation_count_ > 0 && !loop_.is_forked()) set_interest(source, 0);
}

// ---- the waker ----

Status Driver::WakeSource::open() noexcept {
  Status s = waker_.open();
  fd = waker_.fd();
  return s;
}

void Driver::WakeSource::on_ready(Source &source, unsigned ready, List &) noexcept {
  auto &self = static_cast<WakeSource &>(source);
  self.seen_ = true;
  if (!(ready & kEdge)) self.waker_.clear();
}

// ---- operations ----

bool WorkRequest::cancel_work(Driver &driver, Operation &operation) noexcept {
  return driver.cancel_work(static_cast<WorkRequest &>(operation));
}

Status Driver::start(WorkRequest &request) noexcept {
  if (!workers_) workers_ = Workers::make(worker_threads_, worker_spin_ns_);
  if (!workers_) return status::NO_MEMORY;
  if (Status s = workers_->submit(request)) return s;
  operation_began(request);
  return 0;
}

Resolver *Driver::resolver() noexcept {
  if (!resolver_) resolver_ = Resolver::make();
  return resolver_.get();
}

void Driver::operation_began(Operation &operation) noexcept {
  operations_.push_back(static_cast<UnderWay &>(operation));
  ++operation_count_;
  job_count_ += operation.kind == Operation::Kind::Job;
}

bool Driver::cancel(Operation &operation) noexcept {
  if (!operation.UnderWay::linked() || !operation.cancel(*this, operation)) return false;
  operation_ended(operation);
  return true;
}

void Driver::operation_ended(Operation &operation) noexcept {
  operation.UnderWay::unlink();
  --operation_count_;
  job_count_ -= operation.kind == Operation::Kind::Job;
}

// ---- waiting ----

// Not to wait, with nothing to do, is a look all the same: whoever asked for it may have been sent by the loop's
// descriptor, which is readable until the waker's event was taken from the Io.
std::span<const IoResult> Driver::wait(int64_t timeout_ns) noexcept {
  if (timeout_ns == kNoLook) return {};
  Inbox &inbox = loop_.scheduler.inbox;
  const bool announced = timeout_ns != 0;
  // Announce the sleep first, look again after that: a post between the two finds the announcement, or is found.
  if (announced && !inbox.expect()) timeout_ns = 0;
  const bool blocks = timeout_ns != 0 && wait_hook_.fn;
  if (blocks) [[unlikely]]
    call_wait_hook(true);
  std::span<const IoResult> results = io_->wait(timeout_ns);
  if (blocks) [[unlikely]]
    call_wait_hook(false);
  if (announced) poked_ |= inbox.stop_expecting();
  return results;
}

void Driver::deliver(std::span<const IoResult> results) noexcept {
  List nodes;
  for (const IoResult &result : results) result.source->on_ready(*result.source, result.ready, nodes);
  loop_.scheduler.schedule_all(nodes);
  loop_.scheduler.take_posts();
  if (waker_.take_seen()) poked_ = false;
  if (int lost = io_->take_lost(); lost >= 0) [[unlikely]]
    report_lost(lost);
}

void Driver::report_lost(int fd) noexcept {
  char text[160];
  std::snprintf(
      text, sizeof text,
      "descriptor %d was closed while it was watched, and a duplicate of it is still open: it is watched no more", fd);
  loop_.dispatch.report({.message = text});
}

void Driver::begin_run() noexcept { poked_ |= loop_.scheduler.inbox.stop_expecting(); }

// From now on a post makes the loop's descriptor readable; one that came in between does so belatedly.
void Driver::end_run() noexcept {
  Inbox &inbox = loop_.scheduler.inbox;
  if (!inbox.expect() && !inbox.stop_expecting()) waker_.wake();
}

// ---- the wait hook ----

Status Driver::set_wait_hook(WaitFn fn, Userdata userdata) noexcept {
  if (wait_hook_.is_called) return status::BUSY;
  wait_hook_.fn = fn;
  std::swap(wait_hook_.userdata, userdata);  // the former one ends last: it may come back here
  return 0;
}

// From the one call to the other the host's lock may be another thread's.
void Driver::call_wait_hook(bool begins) noexcept {
  if (begins) wake_when_posted_ = true;
  wait_hook_.is_called = true;
  wait_hook_.fn(&loop_, begins, wait_hook_.userdata.get());
  wait_hook_.is_called = false;
  if (!begins) wake_when_posted_ = false;
}

void Driver::wake_if_waiting() noexcept {
  if (std::exchange(wake_when_posted_, false)) waker_.wake();
}

// ---- the end ----

void Driver::close() noexcept {
  descriptors.close();
  signals.close();
  loop_.scheduler.drop(at_close_);
  end_operations();
  landing_.reset();
  io_.reset();
}

// Jobs that have begun are waited for: their threads must not outlive the loop. Whatever they post meanwhile is dropped, so
// that none waits for this loop in vain. Of the look-ups only those are waited for that have been answered already.
void Driver::end_operations() noexcept {
  if (loop_.is_forked()) {  // their threads are in the parent
    (void)workers_.release();
    (void)resolver_.release();
    return;
  }
  if (workers_) workers_->stop();
  List begun;
  while (!operations_.empty()) {
    auto &operation = static_cast<Operation &>(*static_cast<UnderWay *>(operations_.pop_front()));
    begun.push_back(static_cast<UnderWay &>(operation));
    if (cancel(operation)) operation.type->drop(loop_, operation);
  }
  operations_.splice_back(begun);
  while (operation_count_ > 0) {
    deliver(wait(-1));
    loop_.drop_ready();
  }
  resolver_.reset();
  workers_.reset();
}

}  // namespace boucle
