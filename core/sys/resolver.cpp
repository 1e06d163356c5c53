#include "sys/resolver.hpp"

#include <new>
#include <utility>

#include "base/allocation.hpp"
#include "sys/thread.hpp"

namespace boucle {

std::unique_ptr<Resolver> Resolver::make() noexcept {
  auto shared = Ref<Shared>::adopt(new (std::nothrow) Shared);
  return shared ? std::unique_ptr<Resolver>(new (std::nothrow) Resolver(std::move(shared))) : nullptr;
}

Resolver::~Resolver() {
  Monitor::Lock lock(shared_->monitor);
  shared_->closed = true;
  while (!shared_->queue.empty()) delete static_cast<Query *>(shared_->queue.pop_front());
  shared_->monitor.notify_all();
}

Query *Resolver::find(std::string_view key) const noexcept {
  auto found = queries_.find(key);
  return found == queries_.end() ? nullptr : found->second;
}

Status Resolver::submit(std::unique_ptr<Query> query) noexcept {
  if (!try_allocate([&] { queries_.emplace(query->key(), query.get()); })) return status::NO_MEMORY;
  bool grow;
  {
    Monitor::Lock lock(shared_->monitor);
    shared_->queue.push_back(*query);
    grow = ++shared_->queued > shared_->idle && started_ < kThreads;
    shared_->monitor.notify_one();
  }
  Query &submitted = *query.release();
  Status s = grow ? start_thread() : 0;
  if (s == 0 || started_ > 0) return 0;
  leave(submitted);
  delete &submitted;
  return s;
}

Resolver::Left Resolver::leave(Query &query) noexcept {
  Monitor::Lock lock(shared_->monitor);
  if (query.stage_ != Query::Stage::Queued) {
    return query.stage_ == Query::Stage::Asked ? Left::Asked : Left::Answered;
  }
  query.unlink();
  --shared_->queued;
  forget(query);
  return Left::Withdrawn;
}

Status Resolver::start_thread() noexcept {
  shared_->ref();  // owned by the thread
  Status s = start_detached_thread(Shared::run, shared_.get());
  if (s) {
    shared_->unref();
  } else {
    ++started_;
  }
  return s;
}

// ---- in the threads ----

void *Resolver::Shared::run(void *shared) noexcept {
  auto self = Ref<Shared>::adopt(static_cast<Shared *>(shared));
  while (Query *query = self->next()) {
    query->answer_ = ask_system(query->question_);
    self->finish(*query);
  }
  return nullptr;
}

Query *Resolver::Shared::next() noexcept {
  Monitor::Lock lock(monitor);
  ++idle;
  while (queue.empty() && !closed) monitor.wait();
  --idle;
  if (closed) return nullptr;
  auto *query = static_cast<Query *>(queue.pop_front());
  --queued;
  query->stage_ = Query::Stage::Asked;
  return query;
}

// Calls answered() with the monitor locked, so that the object that it informs still exists.
void Resolver::Shared::finish(Query &query) noexcept {
  {
    Monitor::Lock lock(monitor);
    if (!closed) {
      query.stage_ = Query::Stage::Answered;
      return query.answered();
    }
  }
  delete &query;
}

}  // namespace boucle
