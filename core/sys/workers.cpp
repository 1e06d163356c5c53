#include "sys/workers.hpp"

#include <new>
#include <utility>

#include "sys/clock.hpp"
#include "sys/process.hpp"
#include "sys/thread.hpp"

namespace boucle {

std::unique_ptr<Workers> Workers::make(size_t most, int64_t spin_ns) noexcept {
  std::unique_ptr<Worker[]> all(new (std::nothrow) Worker[most]);
  if (!all) return nullptr;
  return std::unique_ptr<Workers>(new (std::nothrow) Workers(most, spin_ns, std::move(all)));
}

Workers::~Workers() {
  stop();
  for (size_t i = 0; i < started_; ++i) pthread_join(all_[i].thread, nullptr);
}

Status Workers::submit(Job &job) noexcept {
  Worker *woken;
  bool grow;
  {
    Mutex::Lock lock(mutex_, Mutex::Lock::Soon);
    queue_.push_back(job);
    ++queued_;
    grow = queued_ > idle_;
    woken = call_one();
  }
  if (woken) sem_post(&woken->called);
  if (!grow || started_ == most_) return 0;
  Status s = start_thread();
  return started_ == 0 && withdraw(job) ? s : 0;
}

bool Workers::withdraw(Job &job) noexcept {
  Mutex::Lock lock(mutex_, Mutex::Lock::Soon);
  if (!job.linked()) return false;
  job.unlink();
  --queued_;
  return true;
}

void Workers::stop() noexcept {
  Mutex::Lock lock(mutex_, Mutex::Lock::Soon);
  stopping_ = true;
  spinner_called_ = true;
  for (; asleep_; asleep_ = asleep_->next_asleep) sem_post(&asleep_->called);
}

Status Workers::start_thread() noexcept {
  Worker &worker = all_[started_];
  worker.workers = this;
  Status s = boucle::start_thread(worker.thread, main, &worker);
  if (s == 0) ++started_;
  return s;
}

// Whom to wake, once the mutex is free again; nullptr if nobody sleeps, or one is on the way already, or spins.
Workers::Worker *Workers::call_one() noexcept {
  if (spinning_) spinner_called_.store(true, std::memory_order_relaxed);
  if (!asleep_ || waking_ || spinning_) return nullptr;
  waking_ = true;
  return std::exchange(asleep_, asleep_->next_asleep);
}

// ---- in the threads ----

void *Workers::main(void *worker) noexcept {
  auto &self = *static_cast<Worker *>(worker);
  while (Job *job = self.workers->next(self)) job->work(*job);
  return nullptr;
}

// Waits for one; nullptr at the end.
Job *Workers::next(Worker &self) noexcept {
  Job *job;
  Worker *woken;
  {
    Mutex::Lock lock(mutex_, Mutex::Lock::Soon);
    if (queue_.empty() && spin_ns_ > 0 && !spinning_ && !stopping_) spin();
    while (queue_.empty() && !stopping_) sleep(self);
    if (stopping_) return nullptr;
    job = static_cast<Job *>(queue_.pop_front());
    --queued_;
    woken = queued_ > 0 ? call_one() : nullptr;
  }
  if (woken) sem_post(&woken->called);
  return job;
}

// Locked, but not while it waits.
void Workers::sleep(Worker &self) noexcept {
  self.next_asleep = std::exchange(asleep_, &self);
  ++idle_;
  mutex_.unlock();
  while (sem_wait(&self.called) != 0) {
  }
  mutex_.lock();
  --idle_;
  waking_ = false;
}

// The same. It tries to lock rather than wait for whoever is just handing a job over.
void Workers::spin() noexcept {
  constexpr int kLooks = 64;
  spinning_ = true;
  spinner_called_ = false;
  ++idle_;
  mutex_.unlock();
  int64_t start = Clock::monotonic();
  bool locked = false;
  do {
    for (int i = 0; i < kLooks && !locked; ++i) {
      relax_processor();
      locked = spinner_called_.load(std::memory_order_relaxed) && mutex_.try_lock();
    }
    if (!locked) yield_processor();
  } while (!locked && Clock::monotonic() - start < spin_ns_);
  if (!locked) mutex_.lock();
  --idle_;
  spinning_ = false;
}

}  // namespace boucle
