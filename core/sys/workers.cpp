#include "sys/workers.hpp"

#include <signal.h>

#include <new>
#include <utility>

namespace boucle {

std::unique_ptr<Workers> Workers::make(size_t most) noexcept {
  std::unique_ptr<pthread_t[]> threads(new (std::nothrow) pthread_t[most]);
  if (!threads) return nullptr;
  return std::unique_ptr<Workers>(new (std::nothrow) Workers(most, std::move(threads)));
}

Workers::~Workers() {
  List none;
  stop(none);
  for (size_t i = 0; i < started_; ++i) pthread_join(threads_[i], nullptr);
}

Status Workers::submit(Job &job) noexcept {
  bool wake, grow;
  {
    Monitor::Lock lock(monitor_);
    queue_.push_back(job);
    ++queued_;
    wake = asleep_ > 0 && !std::exchange(waking_, true);
    grow = queued_ > asleep_;
  }
  if (wake) monitor_.notify_one();
  if (!grow || started_ == most_) return 0;
  Status s = start_thread();
  return started_ == 0 && withdraw(job) ? s : 0;
}

bool Workers::withdraw(Job &job) noexcept {
  Monitor::Lock lock(monitor_);
  if (!job.linked()) return false;
  job.unlink();
  --queued_;
  return true;
}

void Workers::stop(List &ret_jobs) noexcept {
  Monitor::Lock lock(monitor_);
  stopping_ = true;
  queued_ = 0;
  ret_jobs.splice_back(queue_);
  monitor_.notify_all();
}

Status Workers::start_thread() noexcept {
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  int error = pthread_create(&threads_[started_], nullptr, main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error == 0) ++started_;
  return -error;
}

// ---- in the threads ----

void *Workers::main(void *workers) noexcept {
  static_cast<Workers *>(workers)->work();
  return nullptr;
}

void Workers::work() noexcept {
  while (Job *job = next()) job->work(*job);
}

// Waits for one; nullptr at the end.
Job *Workers::next() noexcept {
  bool wake;
  Job *job;
  {
    Monitor::Lock lock(monitor_);
    while (queue_.empty()) {
      if (stopping_) return nullptr;
      ++asleep_;
      monitor_.wait();
      --asleep_;
      waking_ = false;
    }
    job = static_cast<Job *>(queue_.pop_front());
    --queued_;
    wake = queued_ > 0 && asleep_ > 0 && !std::exchange(waking_, true);
  }
  if (wake) monitor_.notify_one();
  return job;
}

}  // namespace boucle
