#include "sys/workers.hpp"

#include <new>
#include <utility>

#include "sys/clock.hpp"
#include "sys/process.hpp"
#include "sys/thread.hpp"

namespace boucle {

std::unique_ptr<Workers> Workers::make(size_t max_threads, int64_t spin_ns) noexcept {
  std::unique_ptr<Worker[]> threads(new (std::nothrow) Worker[max_threads]);
  if (!threads) return nullptr;
  return std::unique_ptr<Workers>(new (std::nothrow) Workers(max_threads, spin_ns, std::move(threads)));
}

Workers::~Workers() {
  stop();
  for (size_t i = 0; i < started_; ++i) pthread_join(threads_[i].thread, nullptr);
}

Status Workers::submit(Job &job) noexcept {
  Worker *woken;
  bool grow;
  {
    Mutex::Lock lock(mutex_, Mutex::Lock::Spin);
    queue_.push_back(job);
    ++queued_;
    grow = queued_ > idle_;
    woken = choose_thread_to_wake();
  }
  if (woken) sem_post(&woken->wakeup);
  if (!grow || started_ == max_threads_) return 0;
  Status s = start_thread();
  return started_ == 0 && cancel(job) ? s : 0;
}

bool Workers::cancel(Job &job) noexcept {
  Mutex::Lock lock(mutex_, Mutex::Lock::Spin);
  if (!job.linked()) return false;
  job.unlink();
  --queued_;
  return true;
}

void Workers::stop() noexcept {
  Mutex::Lock lock(mutex_, Mutex::Lock::Spin);
  stopping_ = true;
  spinner_wanted_ = true;
  for (; asleep_; asleep_ = asleep_->next_asleep) sem_post(&asleep_->wakeup);
}

Status Workers::start_thread() noexcept {
  Worker &worker = threads_[started_];
  worker.workers = this;
  Status s = boucle::start_thread(worker.thread, main, &worker);
  if (s == 0) ++started_;
  return s;
}

// Returns the thread that the caller is to wake once it has unlocked the mutex. Returns nullptr if no thread sleeps, or
// if one is being woken already, or spins.
Workers::Worker *Workers::choose_thread_to_wake() noexcept {
  if (spinning_) spinner_wanted_.store(true, std::memory_order_relaxed);
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

// Waits for a job, and returns it. Returns nullptr after stop().
Job *Workers::next(Worker &self) noexcept {
  Job *job;
  Worker *woken;
  {
    Mutex::Lock lock(mutex_, Mutex::Lock::Spin);
    if (queue_.empty() && spin_ns_ > 0 && !spinning_ && !stopping_) spin();
    while (queue_.empty() && !stopping_) sleep(self);
    if (stopping_) return nullptr;
    job = static_cast<Job *>(queue_.pop_front());
    --queued_;
    woken = queued_ > 0 ? choose_thread_to_wake() : nullptr;
  }
  if (woken) sem_post(&woken->wakeup);
  return job;
}

// The caller has locked the mutex; it is unlocked while this waits.
void Workers::sleep(Worker &self) noexcept {
  self.next_asleep = std::exchange(asleep_, &self);
  ++idle_;
  mutex_.unlock();
  while (sem_wait(&self.wakeup) != 0) {
  }
  mutex_.lock();
  --idle_;
  waking_ = false;
}

// The same. It does not wait for the mutex, but tries to lock it: the thread that submits a job holds it for a moment.
void Workers::spin() noexcept {
  constexpr int kLooks = 64;
  spinning_ = true;
  spinner_wanted_ = false;
  ++idle_;
  mutex_.unlock();
  int64_t start = Clock::monotonic();
  bool locked = false;
  do {
    for (int i = 0; i < kLooks && !locked; ++i) {
      relax_processor();
      locked = spinner_wanted_.load(std::memory_order_relaxed) && mutex_.try_lock();
    }
    if (!locked) yield_processor();
  } while (!locked && Clock::monotonic() - start < spin_ns_);
  if (!locked) mutex_.lock();
  --idle_;
  spinning_ = false;
}

}  // namespace boucle
