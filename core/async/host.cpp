// The host's life, its ids, its runs and its reports. Events and answers are in pump.cpp.
#include "async/host.hpp"

#include "base/allocation.hpp"

#include "loop/calling.hpp"

namespace boucle {

// ---- life ----

Status Host::make(Loop &loop, size_t capacity, Ref<Host> &ret_host) noexcept {
  if (loop.runner) return status::BUSY;
  if (loop.is_running()) return status::RUNNING;  // by a run without a host
  Ref<Host> host;
  if (!try_allocate([&] { host = Ref<Host>::adopt(new Host(loop)); })) return status::NO_MEMORY;
  host->capacity_ = capacity;
  host->events_.reset(new (std::nothrow) int64_t[kWords * capacity]);
  if (!host->events_) return status::NO_MEMORY;
  host->ref();
  loop.runner = {host.get(), loop_gone};
  ret_host = std::move(host);
  return 0;
}

void Host::destroy(Host *host) noexcept { delete host; }

Host::~Host() { live_objects.fetch_sub(1, std::memory_order_relaxed); }

// The last reference to the loop is gone. Tasks that the host did not forget would keep the loop, and so would reports
// that it did not take.
void Host::loop_gone(void *self) noexcept {
  Host &host = *static_cast<Host *>(self);
  for (size_t chunk = 0; chunk < host.slots_.size(); ++chunk) {
    for (size_t i = 0; host.slots_[chunk] && i < kChunk; ++i) host.forget(static_cast<int64_t>(chunk * kChunk + i));
  }
  host.loop_ = nullptr;
  host.has_no_loop_ = true;
  if (host.is_abandoned()) host.drop_reports();
  host.unref();
}

void Host::unref_user() noexcept {
  users_.fetch_sub(1);
  if (is_abandoned()) drop_reports();
  unref();
}

void Host::drop_reports() noexcept {
  reports_.clear();
  last_report_ = {};
}

// ---- slots ----

HostSlot *Host::slot(int64_t id) noexcept {
  if (id < 0 || id > INT32_MAX) return nullptr;
  size_t chunk = static_cast<size_t>(id) / kChunk;
  auto add_chunk = [&] {
    while (slots_.size() <= chunk) slots_.push_back(nullptr);
    if (!slots_[chunk]) slots_[chunk] = std::make_unique<HostSlot[]>(kChunk);
  };
  return try_allocate(add_chunk) ? &slots_[chunk][static_cast<size_t>(id) % kChunk] : nullptr;
}

Status Host::userdata(int64_t id, Userdata &ret_userdata) noexcept {
  if (id < 1 || id > INT32_MAX) return status::INVALID;
  HostSlot *found = slot(id);
  if (!found) return status::NO_MEMORY;
  if (found->in_use) return status::BUSY;
  // Memory for the notice of its end, so that the notice cannot fail.
  if (dropped_.capacity() < in_use_ + dropped_.size() + 1) {
    size_t capacity = 2 * (in_use_ + dropped_.size()) + 64;
    if (!try_allocate([&] { dropped_.reserve(capacity); })) return status::NO_MEMORY;
    state_[kDropped] = static_cast<int64_t>(reinterpret_cast<intptr_t>(dropped_.data()));
  }
  found->host = this;
  found->id = id;
  found->in_use = true;
  ++in_use_;
  ref();
  ret_userdata = Userdata(found, slot_dropped);
  return 0;
}

void Host::slot_dropped(void *self) noexcept {
  HostSlot &slot = *static_cast<HostSlot *>(self);
  Host &host = *slot.host;
  // Its event has begun, and is its last: end_call() drops it.
  if (host.begun_ == &slot && !host.begun_task_) {
    host.drop_when_answered_ = true;
    return;
  }
  slot.in_use = false;
  --host.in_use_;
  host.dropped_.push_back(slot.id);
  host.state_[kDroppedCount] = static_cast<int64_t>(host.dropped_.size());
  host.state_[kDropped] = static_cast<int64_t>(reinterpret_cast<intptr_t>(host.dropped_.data()));
  host.unref();
}

void Host::clear_dropped() noexcept {
  dropped_.clear();
  state_[kDroppedCount] = 0;
}

Task *Host::task(int64_t id) noexcept {
  HostSlot *found = slot(id);
  return found ? found->task : nullptr;
}

void Host::forget(int64_t id) noexcept {
  HostSlot *found = slot(id);
  Task *task = found ? std::exchange(found->task, nullptr) : nullptr;
  if (task) task->unref();
}

// ---- callbacks ----

Status Host::call_soon(int64_t id, Handle **ret_handle) noexcept {
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  return loop_->call_soon(callback(std::move(owned)), ret_handle, Sharing::Alone);
}

Status Host::call_at(int64_t when, int64_t id, Handle **ret_handle) noexcept {
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  return loop_->call_at(when, callback(std::move(owned)), ret_handle);
}

Status Host::call_soon_threadsafe() noexcept {
  return loop_ ? loop_->call_soon_threadsafe(callback(Userdata(&threadsafe_slot_, nullptr)), nullptr, Sharing::Alone)
               : status::CLOSED;
}

Status Host::add_watcher(int fd, unsigned direction, int64_t id) noexcept {
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  return loop_->driver.descriptors.add_watcher(fd, direction, callback(std::move(owned)));
}

Status Host::add_done_callback(Future &future, int64_t id) noexcept {
  if (&future.loop() != loop_) return status::WRONGLOOP;
  Userdata owned;
  if (Status s = userdata(id, owned)) return s;
  return future.add_done_callback(done_call, std::move(owned));
}

size_t Host::remove_done_callback(Future &future, int64_t id) noexcept {
  return future.remove_done_callback(done_call, slot(id));
}

// ---- runs ----

Status Host::begin_run(Future *future) noexcept {
  if (!loop_) return status::CLOSED;
  if (Status s = loop_->state.check_run()) return s;
  if (future) {
    if (Status s = run_until_complete_.begin(*loop_, *future)) return s;
  }
  run_status_ = 0;
  has_turned_ = false;
  return loop_->begin_detached_run();
}

// An event that has begun and was not answered ends here: the host has ended the run early.
Status Host::end_run() noexcept {
  if (!loop_ || !loop_->state.is_detached()) return status::INVALIDSTATE;
  if (Loop::running_here()) return status::RUNNING;
  Ref<Host> keep(this);  // the end of the run may be the end of the loop, and of this
  if (begun_) answer_return(static_cast<int64_t>(ValueKind::Nil), 0);
  not_begun_ = 0;
  state_[kEvents] = 0;
  Loop &loop = *loop_;
  loop.ref();  // the run may have the last reference, and run_until_complete_ still uses the loop
  loop.end_detached_run();
  Status ended = run_until_complete_.end(run_status_);
  loop.unref();
  return ended;
}

// ---- reports ----

void Host::take_reports() noexcept {
  ref();
  loop_->dispatch.set_exception_handler(on_report,
                                        Userdata(this, [](void *self) { static_cast<Host *>(self)->unref(); }));
}

void Host::on_report(Loop *, const Report *report, void *self) {
  Host &host = *static_cast<Host *>(self);
  if (host.is_abandoned()) return Dispatch::print(*report);
  bool kept = try_allocate([&] {
    host.reports_.push_back({report->message, Ref<Exception>(report->exception),
                             Ref<Future>(static_cast<Future *>(report->future)), host.reporting_id_});
  });
  if (kept) {
    ++host.state_[kReports];
  } else {
    Dispatch::print(*report);
  }
}

HostReport *Host::take_report() noexcept {
  if (reports_.empty()) return nullptr;
  HostReport report = std::move(reports_.front());
  reports_.pop_front();
  --state_[kReports];
  std::swap(last_report_, report);  // the former one is destroyed last: that may call back into this host
  return &last_report_;
}

}  // namespace boucle
