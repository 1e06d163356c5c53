#include "loop/dispatch.hpp"

#include <cstdio>

#include "base/allocation.hpp"
#include "loop/loop.hpp"

namespace boucle {

void Dispatch::report_if_slow(int64_t start) noexcept {
  int64_t took = Clock::monotonic() - start;
  if (took < slow_callback_ns) return;
  char text[64];
  std::snprintf(text, sizeof text, "Executing a callback took %.3f seconds", static_cast<double>(took) / 1e9);
  report({.message = text});
}

// ---- what failed ----

Status Dispatch::raise(Ref<Exception> exception) noexcept {
  if (!in_callback_) return status::INVALIDSTATE;
  raised_ = std::move(exception);
  return 0;
}

void Dispatch::leave(Ref<Exception> exception) noexcept {
  if (!exit_) exit_ = std::move(exception);
  loop_.turn.stop();
}

void Dispatch::leave_in_child() noexcept {
  exit_ = Exception::no_memory();  // any: it ends the run before the next callback
  if (in_callback_) raised_ = exit_;
}

// False if the run is to end with it.
bool Dispatch::see_to_raised(void *userdata) noexcept {
  Ref<Exception> exception = std::move(raised_);
  if (loop_.state.is_left_in_child()) [[unlikely]]
    return false;
  if (exception->is_exit() && loop_.is_running()) {
    leave(std::move(exception));
  } else {
    report({.message = "Exception in callback", .exception = exception.get(), .userdata = userdata});
  }
  return !exit_;
}

void Dispatch::set_exception_handler(ReportFn fn, Userdata userdata) noexcept {
  report_fn_ = fn;
  std::swap(report_userdata_, userdata);
  // From here on the former one's destroy may come back. If that handler is running, its userdata stays until it
  // returns; without memory for that it goes at once: earlier is better than never.
  if (reporting_ == 0 || !userdata.destroy()) return;
  try_allocate([&] { former_handlers_.push_back(std::move(userdata)); });
}

void Dispatch::report(const Report &report) noexcept {
  if (!report_fn_) return print(report);
  Ref<Loop> keep(loop_.has_users() ? &loop_ : nullptr);  // else by the object that goes just now
  NestedCall inside;
  ++reporting_;
  report_fn_(&loop_, &report, report_userdata_.get());
  if (--reporting_ > 0 || former_handlers_.empty()) [[likely]]
    return;
  std::exchange(former_handlers_, {}).clear();
}

void Dispatch::end() noexcept {
  if (context) std::exchange(context, nullptr)->unref();
  report_fn_ = nullptr;
  report_userdata_.reset();
}

namespace {
// As in CPython's tracebacks, there are limits: groups may be nested deeply, and have many members.
class ExceptionPrinter {
 public:
  void print(const Exception &exception, const char *indent, int depth) noexcept {
    if (depth > kDeepest || left_ == 0) return static_cast<void>(std::fprintf(stderr, "%s...\n", indent));
    --left_;
    print_line(exception, indent);
    for (const std::string &note : exception.notes()) std::fprintf(stderr, "%s  %s\n", indent, note.c_str());
    size_t count = exception.members().size();
    for (size_t i = 0; i < count && i < kMostMembers; ++i) print(*exception.members()[i], "    | ", depth + 1);
    if (count > kMostMembers) std::fprintf(stderr, "    | ... and %zu more\n", count - kMostMembers);
    if (!exception.cause()) return;
    std::fprintf(stderr, "%scaused by\n", indent);
    print(*exception.cause(), indent, depth + 1);
  }

 private:
  static void print_line(const Exception &exception, const char *indent) noexcept {
    const char *message = exception.message();
    bool has_text = message && *message;
    std::fprintf(stderr, "%s%s%s%s\n", indent, exception.kind(), has_text ? ": " : "", has_text ? message : "");
  }
  static constexpr int kDeepest = 15;
  static constexpr size_t kMostMembers = 15;

  size_t left_ = 200;
};
}  // namespace

void Dispatch::print(const Report &report) noexcept {
  std::fprintf(stderr, "boucle: %s\n", report.message);
  if (report.exception) ExceptionPrinter().print(*report.exception, "  ", 0);
}

}  // namespace boucle
