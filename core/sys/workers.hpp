// Workers: threads that run jobs, in the order of their submission. They start as jobs need them, and wait for more.
//
// One thread submits, withdraws and ends; the jobs run on others, with all signals blocked but those that a fault raises.
//
// Waking a thread costs more than a small job. So only one is being woken at a time, the one that has slept least, and it
// wakes the next if there is more to do. If asked to, one that has nothing to do spins before it sleeps, unless another
// does: it counts as being woken.
//
// Invariants: (1) a job is linked if and only if it is queued; (2) a job is queued while a thread sleeps only if another is
// being woken, or spins, or has just been started.
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

// The owner sees to it that it stays until it has run.
struct Job : Link {
  using Work = void (*)(Job &job) noexcept;
  explicit Job(Work w) noexcept : work(w) {}
  Work work;  // afterwards the workers do not know the job any more
};

class Workers {
 public:
  // At most so many threads, of which one at a time spins for so long. nullptr if there is no memory.
  static std::unique_ptr<Workers> make(size_t max_threads, int64_t spin_ns) noexcept;
  // Waits for the threads to end. Jobs that have not begun never will.
  ~Workers();

  // Fails, with what the system says, only if there is no thread at all and none can be started.
  Status submit(Job &job) noexcept;
  // True if the job had not begun: then it never will.
  bool withdraw(Job &job) noexcept;
  // No job begins any more. Those that have not can be withdrawn.
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

  // Of the submitting thread.
  const size_t max_threads_;
  size_t started_ = 0;
  const std::unique_ptr<Worker[]> threads_;

  Mutex mutex_;
  // Under the mutex.
  List queue_;
  size_t queued_ = 0;
  Worker *asleep_ = nullptr;  // a stack
  size_t idle_ = 0;           // those, and the ones that are being woken or spin
  bool waking_ = false;
  bool spinning_ = false;
  bool stopping_ = false;
  std::atomic<bool> spinner_wanted_{false};  // looked at without it
};

}  // namespace boucle
