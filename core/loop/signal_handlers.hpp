// SignalHandlers: callbacks for signals, which arrive through a pipe. There is at most one for each signal.
#pragma once

#include "loop/watcher.hpp"
#include "sys/io.hpp"
#include "sys/signal_pipe.hpp"

namespace boucle {

class SignalHandlers : private Source {
 public:
  explicit SignalHandlers(Loop &loop) noexcept : Source(-1, on_ready), loop_(loop) {}
  Status add(int signal, Callback callback) noexcept;
  bool remove(int signal) noexcept;
  bool uses(int fd) const noexcept { return pipe_.uses(fd); }
  void close() noexcept;

 private:
  static void on_ready(Source &source, unsigned ready, List &ret_nodes) noexcept;
  Status open() noexcept;

  Loop &loop_;
  SignalPipe pipe_;
  Watcher *watchers_[SignalPipe::kSignals] = {};
};

}  // namespace boucle
