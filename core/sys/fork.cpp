#include "sys/fork.hpp"

#include <pthread.h>

#include "sys/signal_pipe.hpp"

namespace boucle {
namespace {

std::atomic<bool> watched{false};
std::atomic<void (*)()> hook{nullptr};

void on_fork_in_child() {
  forks.fetch_add(kFork, std::memory_order_relaxed);
  SignalPipe::release_all_in_child();
  hook.load(std::memory_order_relaxed)();
}

}  // namespace

// There is no lock, because a child could find it locked for ever. If two threads call this at the same time, both may
// register the handler, and a child then counts two forks.
Status watch_forks(void (*in_child)()) noexcept {
  if (watched.load(std::memory_order_acquire)) return 0;
  hook.store(in_child, std::memory_order_relaxed);
  if (int exception = pthread_atfork(nullptr, nullptr, on_fork_in_child)) return -exception;
  watched.store(true, std::memory_order_release);
  return 0;
}

}  // namespace boucle
