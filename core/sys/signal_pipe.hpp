// SignalPipe: signals as bytes in a pipe. claim() installs a handler for the whole process; release() restores the
// former action.
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
  // Returns -EEXIST if another pipe has the signal, -EINVAL if there is no such signal or it cannot be handled.
  Status claim(int signal) noexcept;
  void release(int signal) noexcept;
  // Restores the former actions of all claimed signals. It is for the child of a fork, which shares the pipes with its
  // parent. It is async-signal-safe.
  static void release_all_in_child() noexcept;
  int fd() const noexcept { return read_.get(); }
  bool uses(int fd) const noexcept { return fd >= 0 && (fd == read_.get() || fd == write_.get()); }
  // Returns the next signal that arrived, or 0.
  int next() noexcept;

 private:
  Fd read_, write_;
};

}  // namespace boucle
