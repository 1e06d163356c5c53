// What puts work on the loop's queues, and what is heard of work that failed.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "loop/loop.hpp"

namespace boucle {

Status Loop::call_soon_threadsafe(Callback &&callback, Handle **ret_handle) noexcept {
  if (Status s = check_post()) return s;
  void *memory = std::malloc(sizeof(Handle));  // the pool is the loop's thread's
  if (!memory) return status::NO_MEMORY;
  bool here = runs_here();
  Ref<Context> present(here ? context : nullptr);
  auto *handle = new (memory) Handle(*this, std::move(callback), std::move(present), Handle::Memory::Malloc, true);
  pin();
  bool wake = false;
  if (here) {
    schedule(*handle);
  } else {
    handle->posted_ = true;
    if (Status s = inbox_.post(*handle, sizeof(Handle), wake)) {
      handle->dispose();
      return s;
    }
  }
  if (wake) waker_.wake();
  *ret_handle = handle;
  return 0;
}

// The thread that runs the loop does not have the lock: it is in a callback of the host's, or waits. So the ready queue may
// be written to, as if from there. A loop that nobody runs is posted to, which makes its descriptor readable.
Status Loop::call_soon_locked(Callback &&callback, Handle **ret_handle) noexcept {
  if (!wait_hook_.fn || is_forked() || !runs_elsewhere()) {
    return ret_handle ? call_soon_threadsafe(std::move(callback), ret_handle) : call_soon_threadsafe(std::move(callback));
  }
  if (Status s = add_call(std::move(callback), nullptr, ret_handle)) return s;
  if (std::exchange(wake_when_posted_, false)) waker_.wake();
  return 0;
}

Status Loop::set_wait_hook(WaitFn fn, Userdata userdata) noexcept {
  if (wait_hook_.is_called) return status::BUSY;
  wait_hook_.fn = fn;
  std::swap(wait_hook_.userdata, userdata);  // the former one ends last: it may come back here
  return 0;
}

void Loop::follow_post(Inbox::Then then) noexcept {
  if (then == Inbox::Then::WakeLoop) return waker_.wake();
  if (!runs_here()) yield_processor();
}

int64_t Loop::timeout_ns() noexcept {
  if (is_closed()) return -1;
  if (has_work() || inbox_.is_filled()) return 0;
  int64_t next = timers_.next();
  return next == TimerQueue::kNever ? -1 : std::max<int64_t>(0, next - now());
}

// ---- work in other threads ----

Status Loop::submit(Errand &errand) noexcept {
  if (!workers_) workers_ = Workers::make(executor_threads_, spin_ns_);
  if (!workers_) return status::NO_MEMORY;
  if (Status s = workers_->submit(errand)) return s;
  ++errands_;
  return 0;
}

bool Loop::withdraw(Errand &errand) noexcept {
  if (!workers_ || !workers_->withdraw(errand)) return false;
  errand_arrived();
  return true;
}

// ---- descriptors and signals ----

Status Loop::add_watcher(int fd, unsigned direction, Callback callback) noexcept {
  if (Status s = check_open()) return s;
  callback.context = Ref<Context>(context);
  return watchers_.add(*this, fd, direction, std::move(callback));
}

Status Loop::remove_watcher(int fd, unsigned direction, bool &ret_removed) noexcept {
  if (Status s = check_open()) return s;
  ret_removed = watchers_.remove(fd, direction);
  return 0;
}

Status Loop::add_signal_handler(int signal, Callback callback) noexcept {
  if (Status s = check_open()) return s;
  if (!signals_.is_open()) {
    SignalPipe pipe;
    if (Status s = pipe.open()) return s;
    if (Status s = poller_->set(pipe.fd(), kReadable, 0)) return s;
    signals_ = std::move(pipe);
  }
  if (Status s = signals_.claim(signal)) return s;
  callback.context = Ref<Context>(context);
  Watcher *watcher = make_object<Watcher>(std::move(callback));
  if (!watcher) {
    if (!signal_watchers_[signal]) signals_.release(signal);
    return status::NO_MEMORY;
  }
  if (Watcher *former = std::exchange(signal_watchers_[signal], watcher)) {
    former->retire();
  } else {
    ++signal_count_;
  }
  return 0;
}

Status Loop::remove_signal_handler(int signal, bool &ret_removed) noexcept {
  if (Status s = check_open()) return s;
  bool known = signal > 0 && signal < SignalPipe::kSignals;
  Watcher *watcher = known ? std::exchange(signal_watchers_[signal], nullptr) : nullptr;
  if (watcher) {
    signals_.release(signal);
    --signal_count_;
    watcher->retire();
  }
  ret_removed = watcher != nullptr;
  return 0;
}

void Loop::on_signal_pipe(List &ready) noexcept {
  while (int signal = signals_.next()) {
    Watcher *watcher = signal_watchers_[signal];
    if (!watcher || watcher->linked()) continue;
    watcher->retain();
    ready.push_back(*watcher);
  }
}

// ---- what failed ----

Status Loop::raise(Ref<Exception> exception) noexcept {
  if (!in_callback_) return status::INVALIDSTATE;
  raised_ = std::move(exception);
  return 0;
}

void Loop::leave(Ref<Exception> exception) noexcept {
  if (!exit_) exit_ = std::move(exception);
  stop();
}

// False if the run is to end with it.
bool Loop::see_to_raised(void *userdata) noexcept {
  Ref<Exception> exception = std::move(raised_);
  if (left_in_child_) [[unlikely]] return false;
  if (exception->is_exit() && is_running()) {
    leave(std::move(exception));
  } else {
    report({.message = "Exception in callback", .exception = exception.get(), .userdata = userdata});
  }
  return !exit_;
}

void Loop::run_timed(Node &node) noexcept {
  int64_t start = Clock::monotonic();
  node.type->run(*this, node);
  int64_t took = Clock::monotonic() - start;
  if (took < slow_callback_ns) return;
  char text[64];
  std::snprintf(text, sizeof text, "Executing a callback took %.3f seconds", static_cast<double>(took) / 1e9);
  report({.message = text});
}

void Loop::set_exception_handler(ReportFn fn, Userdata userdata) noexcept {
  report_fn_ = fn;
  std::swap(report_userdata_, userdata);
  // From here on the former one's destroy may come back. If that handler is running, its userdata stays until it returns.
  if (reporting_ == 0 || !userdata.destroy()) return;
  try {
    former_handlers_.push_back(std::move(userdata));
  } catch (const std::bad_alloc &) {
    // Earlier is better than never.
  }
}

void Loop::report(const Report &report) noexcept {
  if (!report_fn_) return print(report);
  bool is_held = refs_.load(std::memory_order_relaxed) > 0;
  Ref<Loop> keep(is_held ? this : nullptr);  // else by the object that goes just now
  NestedCall inside;
  ++reporting_;
  report_fn_(this, &report, report_userdata_.get());
  if (--reporting_ > 0 || former_handlers_.empty()) [[likely]] return;
  std::exchange(former_handlers_, {}).clear();
}

namespace {
// As in CPython's tracebacks, there are limits: groups may be nested deeply, and have many members.
class ExceptionPrinter {
 public:
  void print(const Exception &exception, const char *indent, int depth) noexcept {
    if (depth > kDeepest || left_ == 0) return static_cast<void>(std::fprintf(stderr, "%s...\n", indent));
    --left_;
    const char *message = exception.message();
    std::fprintf(stderr, "%s%s%s%s\n", indent, exception.kind(), message && *message ? ": " : "",
                 message ? message : "");
    for (const std::string &note : exception.notes()) std::fprintf(stderr, "%s  %s\n", indent, note.c_str());
    size_t count = exception.members().size();
    for (size_t i = 0; i < count && i < kMostMembers; ++i) print(*exception.members()[i], "    | ", depth + 1);
    if (count > kMostMembers) std::fprintf(stderr, "    | ... and %zu more\n", count - kMostMembers);
    if (!exception.cause()) return;
    std::fprintf(stderr, "%scaused by\n", indent);
    print(*exception.cause(), indent, depth + 1);
  }

 private:
  static constexpr int kDeepest = 15;
  static constexpr size_t kMostMembers = 15;

  size_t left_ = 200;
};
}  // namespace

void Loop::print(const Report &report) noexcept {
  std::fprintf(stderr, "boucle: %s\n", report.message);
  if (report.exception) ExceptionPrinter().print(*report.exception, "  ", 0);
}

}  // namespace boucle
