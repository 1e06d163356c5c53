#include "sys/signal_pipe.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace boucle {
namespace {

// For each signal, the descriptor to which the handler writes, plus 1; 0 if no pipe has claimed the signal.
std::atomic<int> pipes[SignalPipe::kSignals];
struct sigaction former[SignalPipe::kSignals];

void on_signal(int signal) {
  int saved = errno;
  unsigned char byte = static_cast<unsigned char>(signal);
  if (int fd = pipes[signal].load(std::memory_order_relaxed)) {
    [[maybe_unused]] ssize_t n = ::write(fd - 1, &byte, 1);  // a pipe that is full has woken the loop already
  }
  errno = saved;
}

}  // namespace

Status SignalPipe::open() noexcept {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
  read_ = Fd(fds[0]);
  write_ = Fd(fds[1]);
  return 0;
}

SignalPipe::~SignalPipe() {
  for (int signal = 1; signal < kSignals && write_; ++signal) release(signal);
}

SignalPipe &SignalPipe::operator=(SignalPipe &&other) noexcept {
  std::swap(read_, other.read_);
  std::swap(write_, other.write_);
  return *this;
}

Status SignalPipe::claim(int signal) noexcept {
  if (signal < 1 || signal >= kSignals) return status::INVALID;
  int expected = 0;
  if (!pipes[signal].compare_exchange_strong(expected, write_.get() + 1)) {
    return expected == write_.get() + 1 ? 0 : -EEXIST;
  }
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, &former[signal]) == 0) return 0;
  Status failed = -errno;
  pipes[signal].store(0);
  return failed;
}

void SignalPipe::release(int signal) noexcept {
  if (pipes[signal].load() != write_.get() + 1) return;
  sigaction(signal, &former[signal], nullptr);
  pipes[signal].store(0);
}

void SignalPipe::release_all_in_child() noexcept {
  for (int signal = 1; signal < kSignals; ++signal) {
    if (pipes[signal].exchange(0)) sigaction(signal, &former[signal], nullptr);
  }
}

int SignalPipe::next() noexcept {
  unsigned char byte;
  return ::read(read_.get(), &byte, 1) == 1 ? byte : 0;
}

}  // namespace boucle
