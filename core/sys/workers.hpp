// Workers: threads that run jobs, in the order of their submission. They start as jobs need them, and wait for more.
//
// One thread submits, withdraws and ends; the jobs run on others, with all signals blocked but those that a fault raises.
//
// Waking a thread costs more than a small job. So only one is being woken at a time, and it wakes the next if there is
// more to do.
//
// Invariants: (1) a job is linked if and only if it is queued; (2) a job is queued while a thread sleeps only if one is
// being woken or another has just been started.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <memory>

#include "base/list.hpp"
#include "base/status.hpp"
#include "sys/monitor.hpp"

namespace boucle {

// The owner sees to it that it stays until it has run.
struct Job : Link {
  using Work = void (*)(Job &job) noexcept;
  explicit Job(Work w) noexcept : work(w) {}
  Work work;  // afterwards the workers do not know the job any more
};

class Workers {
 public:
  // At most so many threads. nullptr if there is no memory.
  static std::unique_ptr<Workers> make(size_t most) noexcept;
  // Waits for the threads to end; no job may be queued.
  ~Workers();

  // Fails, with what the system says, only if there is no thread at all and none can be started.
  Status submit(Job &job) noexcept;
  // True if the job had not begun: then it never will.
  bool withdraw(Job &job) noexcept;
  // No job begins any more. Those that have not are moved to ret_jobs.
  void stop(List &ret_jobs) noexcept;

 private:
  Workers(size_t most, std::unique_ptr<pthread_t[]> threads) noexcept : most_(most), threads_(std::move(threads)) {}

  static void *main(void *workers) noexcept;
  void work() noexcept;
  Job *next() noexcept;
  Status start_thread() noexcept;

  // Of the submitting thread.
  const size_t most_;
  size_t started_ = 0;
  const std::unique_ptr<pthread_t[]> threads_;

  // Under the monitor.
  Monitor monitor_;
  List queue_;
  size_t queued_ = 0;
  size_t asleep_ = 0;
  bool waking_ = false;  // one of those has been signalled and has not come yet
  bool stopping_ = false;
};

}  // namespace boucle
