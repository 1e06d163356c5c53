// Dispatch: calling users' code, what it raised, and the reports of errors that nobody took.
//
// Users' callbacks are called from one line, in run(). The loop's thread only.
#pragma once

#include <utility>
#include <vector>

#include "loop/callback.hpp"
#include "loop/report.hpp"
#include "sys/clock.hpp"

namespace boucle {

using ReportFn = void (*)(Loop *loop, const Report *report, void *userdata);

class Dispatch {
 public:
  Dispatch(Loop &loop, bool debugs) noexcept : debug(debugs), loop_(loop) {}

  Context *context = nullptr;  // the present one; owned
  bool debug;
  int64_t slow_callback_ns = 100'000'000;

  // Makes it the present context, and returns the former one.
  Ref<Context> switch_context(Ref<Context> next) noexcept {
    return Ref<Context>::adopt(std::exchange(context, next.take()));
  }

  void run(Node &node) noexcept {
    const int64_t start = debug ? Clock::monotonic() : kUntimed;
    node.type->run(loop_, node);  // the line from which users' code is called
    if (start != kUntimed) [[unlikely]]
      report_if_slow(start);
  }

  // ---- inside of a node ----
  // While it lives, what is called may raise.
  class InCallback {
   public:
    explicit InCallback(Dispatch &dispatch) noexcept
        : dispatch_(dispatch), nested_(std::exchange(dispatch.in_callback_, true)) {}
    ~InCallback() { dispatch_.in_callback_ = nested_; }

   private:
    Dispatch &dispatch_;
    bool nested_;
  };
  // Calls a callback in that context, and sees to what it raised. `userdata` is for the report.
  template <class Fn>
  void call_user(Ref<Context> in, void *userdata, Fn &&fn) noexcept {
    InCallback inside(*this);
    call_in(in.take(), userdata, fn);
  }
  // The same, inside; it owns the context. False if the run is to end here.
  template <class Fn>
  bool call_in(Context *own, void *userdata, Fn &&fn) noexcept {
    Context *outer = std::exchange(context, own);
    fn();
    if (Context *inner = std::exchange(context, outer)) [[unlikely]]
      inner->unref();
    return !raised_ || see_to_raised(userdata);
  }

  // ---- what failed ----
  // The exception of the callback that is running. INVALIDSTATE if none is.
  Status raise(Ref<Exception> exception) noexcept;
  // The exception that makes the run end, now that its callback is over. Keeps the first.
  void leave(Ref<Exception> exception) noexcept;
  bool is_left() const noexcept { return static_cast<bool>(exit_); }
  Ref<Exception> take_exit() noexcept { return std::move(exit_); }
  void forget_exit() noexcept { exit_ = nullptr; }
  // In the child of a fork: the run ends, without a report, as soon as the callback that forked returns.
  void leave_in_child() noexcept;

  void set_exception_handler(ReportFn fn, Userdata userdata) noexcept;
  void report(const Report &report) noexcept;
  static void print(const Report &report) noexcept;

  // The loop ends: nothing is reported any more.
  void end() noexcept;

 private:
  static constexpr int64_t kUntimed = -1;
  void report_if_slow(int64_t start) noexcept;
  bool see_to_raised(void *userdata) noexcept;

  Loop &loop_;
  bool in_callback_ = false;
  Ref<Exception> raised_;
  Ref<Exception> exit_;
  ReportFn report_fn_ = nullptr;
  Userdata report_userdata_;
  int reporting_ = 0;                      // how many calls of exception handlers are on the stack
  std::vector<Userdata> former_handlers_;  // of handlers that were replaced meanwhile
};

}  // namespace boucle
