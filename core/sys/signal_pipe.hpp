// Signals as bytes in a pipe. Claiming a signal installs a handler for the whole process, because somebody asked for it;
// releasing it puts the former action back.
#pragma once

#include "base/status.hpp"
#include "sys/fd.hpp"

namespace boucle {

class SignalPipe {
 public:
  static constexpr int kSignals = 65;

  SignalPipe() noexcept = default;
  SignalPipe(SignalPipe &&) noexcept = default;
  SignalPipe &operator=(SignalPipe &&other) noexcept;
  ~SignalPipe();
  bool is_open() const noexcept { return static_cast<bool>(read_); }
  Status open() noexcept;
  // -EEXIST if another pipe has it, -EINVAL if there is no such signal or it cannot be handled.
  Status claim(int signal) noexcept;
  void release(int signal) noexcept;
  // In the child of a fork, which shares the pipes: each claimed signal has its former action there. Async-signal-safe.
  static void release_all_in_child() noexcept;
  int fd() const noexcept { return read_.get(); }
  bool uses(int fd) const noexcept { return fd >= 0 && (fd == read_.get() || fd == write_.get()); }
  // The next signal that arrived, or 0.
  int next() noexcept;

 private:
  Fd read_, write_;
};

}  // namespace boucle
