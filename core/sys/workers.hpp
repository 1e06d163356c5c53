// Workers: threads that run jobs in the order of their submission. A thread is started when a job needs it, and then
// waits for more jobs.
//
// Threads: one thread calls these functions. Jobs run in other threads, in which all signals are blocked except those
// of faults.
//
// Waking a thread costs more than a small job. So one thread is woken at a time: the one that has slept for the
// shortest time. It wakes the next one if there are more jobs (D14). If spin_ns is not 0, one thread without a job
// spins before it sleeps, and counts as one that is being woken.
//
// Invariants: (1) a job is linked if and only if it is queued; (2) while a job is queued and a thread sleeps, another
// thread is being woken, spins, or has just been started.
#pragma once

#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/list.hpp"
#include "base/status.hpp"
#include "sys/mutex.hpp"

namespace boucle {

// The owner must keep it until it has run or was cancelled.
struct Job : Link {
  using Work = void (*)(Job &job) noexcept;
  explicit Job(Work w) noexcept : work(w) {}
  Work work;  // after this call the workers do not use the job any more
};

class Workers {
 public:
  // At most max_threads threads, one of which may spin for spin_ns. Returns nullptr if there is no memory.
  static std::unique_ptr<Workers> make(size_t max_threads, int64_t spin_ns) noexcept;
  // Waits for the threads to end. Jobs that have not begun will not run.
  ~Workers();

  // Fails, with the system's -errno, only if there is no thread and none can be started.
  Status submit(Job &job) noexcept;
  // Returns true if the job had not begun: then it will not run.
  bool cancel(Job &job) noexcept;
  // After this no job begins. Jobs that have not begun can be cancelled.
  void stop() noexcept;

 private:
  struct Worker {
    Worker() noexcept { sem_init(&wakeup, 0, 0); }
    ~Worker() { sem_destroy(&wakeup); }
    Workers *workers = nullptr;
    pthread_t thread;
    sem_t wakeup;
    Worker *next_asleep = nullptr;
  };
  Workers(size_t max_threads, int64_t spin_ns, std::unique_ptr<Worker[]> threads) noexcept
      : spin_ns_(spin_ns), max_threads_(max_threads), threads_(std::move(threads)) {}

  static void *main(void *worker) noexcept;
  Job *next(Worker &self) noexcept;
  void spin() noexcept;
  void sleep(Worker &self) noexcept;
  Worker *choose_thread_to_wake() noexcept;
  Status start_thread() noexcept;

  const int64_t spin_ns_;

  // Used by the submitting thread only.
  const size_t max_threads_;
  size_t started_ = 0;
  const std::unique_ptr<Worker[]> threads_;

  Mutex mutex_;
  // Protected by the mutex.
  List queue_;
  size_t queued_ = 0;
  Worker *asleep_ = nullptr;  // a stack
  size_t idle_ = 0;           // the number of those that sleep, are being woken, or spin
  bool waking_ = false;
  bool spinning_ = false;
  bool stopping_ = false;
  std::atomic<bool> spinner_wanted_{false};  // read without the mutex, too
};

}  // namespace boucle
