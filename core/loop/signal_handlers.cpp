#include "loop/signal_handlers.hpp"

#include <utility>

#include "loop/loop.hpp"

namespace boucle {

Status SignalHandlers::open() noexcept {
  if (pipe_.is_open()) return 0;
  SignalPipe pipe;
  if (Status s = pipe.open()) return s;
  fd = pipe.fd();
  if (Status s = loop_.driver.set_interest(*this, kReadable)) return s;
  pipe_ = std::move(pipe);
  return 0;
}

Status SignalHandlers::add(int signal, Callback callback) noexcept {
  if (Status s = open()) return s;
  if (Status s = pipe_.claim(signal)) return s;
  callback.context = Ref<Context>(loop_.dispatch.context);
  Watcher *watcher = loop_.heap.make<Watcher>(std::move(callback));
  if (!watcher) {
    if (!watchers_[signal]) pipe_.release(signal);
    return status::NO_MEMORY;
  }
  if (Watcher *former = std::exchange(watchers_[signal], watcher)) {
    former->retire();
  } else {
    loop_.driver.handler_added();
  }
  return 0;
}

bool SignalHandlers::remove(int signal) noexcept {
  bool known = signal > 0 && signal < SignalPipe::kSignals;
  Watcher *watcher = known ? std::exchange(watchers_[signal], nullptr) : nullptr;
  if (!watcher) return false;
  pipe_.release(signal);
  loop_.driver.handlers_removed(1);
  watcher->retire();
  return true;
}

// Also of a signal whose handler has just been removed.
void SignalHandlers::on_ready(Source &source, unsigned, List &ret_nodes) noexcept {
  auto &self = static_cast<SignalHandlers &>(source);
  while (int signal = self.pipe_.next()) {
    if (Watcher *watcher = self.watchers_[signal]) watcher->queue(ret_nodes);
  }
}

void SignalHandlers::close() noexcept {
  for (int signal = 1; signal < SignalPipe::kSignals; ++signal) {
    Watcher *watcher = std::exchange(watchers_[signal], nullptr);
    if (!watcher) continue;
    loop_.driver.handlers_removed(1);
    watcher->retire();
  }
  loop_.driver.detach_at_close(*this);
  pipe_ = SignalPipe();
}

}  // namespace boucle
